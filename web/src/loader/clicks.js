/**
 * Click-to-call on a host page: one delegated listener finds the number of the clicked element. The
 * page's elements are left as they are, and a `tel:` link stays a plain link whenever the desk can't dial.
 */
import { newKey } from "../core/keys.js";
import { pageNumber, telNumber } from "../core/numbers.js";

/** Clicks on one number closer together than this are one wish, in ms. */
const DOUBLE_CLICK_MS = 2_000;

/**
 * The number an event's path leads to: of the innermost `data-linedesk-number` or `tel:` link.
 * @param {readonly EventTarget[]} path  inner to outer, shadow roots included
 * @returns {string|null}
 */
export function numberAt(path) {
  for (const node of path) {
    if (!(node instanceof Element)) continue;
    if (node.hasAttribute("data-linedesk-number"))
      return pageNumber(node.getAttribute("data-linedesk-number"));
    const href = node.localName === "a" || node.localName === "area" ? node.getAttribute("href") : null;
    if (href && /^\s*tel:/i.test(href)) return telNumber(href.trim());
  }
  return null;
}

/**
 * @param {Document} document
 * @param {{ready: () => boolean, dial: (number: string, id: string) => void, now: () => number,
 *   signal: AbortSignal}} ports
 */
export function watchClicks(document, { ready, dial, now, signal }) {
  let last = "";
  let lastMs = Number.NEGATIVE_INFINITY;
  document.addEventListener(
    "click",
    (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const number = numberAt(event.composedPath());
      if (!number || !ready()) return;
      event.preventDefault();
      if (number === last && now() - lastMs < DOUBLE_CLICK_MS) return;
      last = number;
      lastMs = now();
      dial(number, newKey());
    },
    { capture: true, signal },
  );
}
