/**
 * The look that the lists of people and calls have in common.
 */
import { css } from "lit";

export const rows = css`
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: flex;
    align-items: center;
    gap: var(--ld-s2);
    min-height: 52px;
    border-bottom: 1px solid var(--ld-line);
  }
  li > .text {
    flex: 1;
    min-width: 0;
  }
  li .name {
    display: block;
    font-weight: 600;
  }
  a.name {
    color: inherit;
    text-decoration: none;
  }
  a.name:hover {
    text-decoration: underline;
  }
  .note {
    display: grid;
    gap: var(--ld-s2);
    justify-items: start;
    padding: var(--ld-s3) 0;
  }
`;
