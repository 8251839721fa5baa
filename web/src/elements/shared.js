/**
 * What all elements share: the looks of buttons, fields and focus, and how they say what was asked of them.
 */
import { css } from "lit";

/** Fire a bubbling event that leaves the shadow root. @param {EventTarget} from @param {string} type @param {unknown} [detail] */
export function emit(from, type, detail) {
  from.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
}

/** Whether a click wants the browser's own way (a new tab, a new window). @param {MouseEvent} event */
export function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

export const shared = css`
  :host {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  * {
    box-sizing: border-box;
  }
  button,
  input {
    font: inherit;
    color: inherit;
  }
  button,
  a.button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: var(--ld-target);
    min-width: var(--ld-target);
    padding: 0 var(--ld-s3);
    border: 1px solid var(--ld-line);
    border-radius: var(--ld-radius);
    background: var(--ld-bg);
    color: var(--ld-text);
    text-decoration: none;
    text-align: start;
    cursor: pointer;
    transition: background var(--ld-motion);
  }
  button:hover,
  a.button:hover {
    background: var(--ld-bg-press);
  }
  button.primary,
  a.primary {
    border-color: var(--ld-accent);
    background: var(--ld-accent);
    color: var(--ld-on-accent);
    font-weight: 600;
  }
  button.primary:hover,
  a.primary:hover {
    background: var(--ld-accent-press);
  }
  button.quiet {
    padding: 0;
    border-color: transparent;
    background: transparent;
    color: var(--ld-text-soft);
  }
  button.quiet.wide {
    padding: 0 var(--ld-s2);
  }
  button.quiet:hover {
    background: var(--ld-bg-press);
    color: var(--ld-text);
  }
  button:disabled {
    cursor: default;
    opacity: 0.55;
  }
  :focus-visible {
    outline: 2px solid var(--ld-accent);
    outline-offset: 1px;
  }
  a {
    color: var(--ld-accent);
  }
  .soft {
    color: var(--ld-text-soft);
    font-size: var(--ld-small);
  }
  .number {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  h2 {
    margin: 0;
    font-size: var(--ld-small);
    font-weight: 600;
    color: var(--ld-text-soft);
  }
  p {
    margin: 0;
  }
`;
