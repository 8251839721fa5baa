/**
 * "Archived", "Blocked": what must be known of a contact, in words beside its name.
 */
import { css, html } from "lit";
import { marks as words } from "../core/describe.js";

export const marked = css`
  .mark {
    display: inline-block;
    margin-inline-end: 6px;
    padding: 0 5px;
    border: 1px solid var(--ld-line-strong);
    border-radius: 4px;
    color: var(--ld-text);
    font-size: var(--ld-small);
    font-weight: 600;
    line-height: 18px;
    white-space: nowrap;
  }
`;

/** @param {import("../core/types.js").Item} item @param {import("../core/words.js").Words} t */
export function marks(item, t) {
  return words(item, t).map((word) => html`<span class="mark">${word}</span> `);
}
