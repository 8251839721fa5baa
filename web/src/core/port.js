/**
 * The messages between a page's loader and the desk's frame, checked on both sides. Version 1, see
 * docs/protocol.md. A message that does not fit is null and is not acted upon.
 */
import { clean, safeUrl } from "./text.js";

/** @param {unknown} data @returns {Record<string, unknown>|null} */
function versioned(data) {
  if (typeof data !== "object" || data === null) return null;
  const it = /** @type {Record<string, unknown>} */ (data);
  return it.v === 1 ? it : null;
}

/**
 * Whether a window message is the loader's offer to talk: from our parent, from a listed origin, exactly.
 * @param {{source: unknown, origin: string, data: unknown, ports: readonly unknown[]}} event
 * @param {unknown} parent
 * @param {readonly string[]} origins
 */
export function isConnect(event, parent, origins) {
  const data = /** @type {any} */ (event.data);
  return (
    event.source === parent &&
    origins.includes(event.origin) &&
    typeof data === "object" &&
    data?.linedesk === 1 &&
    data.type === "connect" &&
    event.ports.length === 1
  );
}

/**
 * The one-time code that a sign-in window of ours hands over, or null.
 * @param {{source: unknown, origin: string, data: unknown}} event
 * @param {{window: unknown, origin: string, slot: string}} expected
 */
export function signInCode(event, { window, origin, slot }) {
  const data = /** @type {any} */ (event.data);
  if (!window || event.source !== window || event.origin !== origin) return null;
  if (data?.linedesk !== 1 || data.type !== "code" || data.slot !== slot) return null;
  return typeof data.code === "string" && data.code.length <= 200 ? data.code : null;
}

/**
 * @typedef {{type: "dial", number: string, id: string} | {type: "search", q: string} | {type: "focus"}
 *   | {type: "resized", width: number, height: number} | {type: "code", code: string} | {type: "opened", id: string, ok: boolean, reason: string}} FromPage
 */

/** What the page asks of the frame. @param {unknown} data @returns {FromPage|null} */
export function fromPage(data) {
  const it = versioned(data);
  switch (it?.type) {
    case "dial": {
      // Only + and digits: a page may never send a feature code.
      const ok = typeof it.number === "string" && /^\+?\d{2,20}$/.test(it.number) && isId(it.id);
      return ok ? { type: "dial", number: String(it.number), id: String(it.id) } : null;
    }
    case "search":
      return typeof it.q === "string" ? { type: "search", q: clean(it.q, 100) } : null;
    case "focus":
      return { type: "focus" };
    case "resized":
      return { type: "resized", width: size(it.width), height: size(it.height) };
    case "code":
      return typeof it.code === "string" && it.code.length <= 200 ? { type: "code", code: it.code } : null;
    case "opened":
      return isId(it.id)
        ? { type: "opened", id: String(it.id), ok: it.ok === true, reason: clean(it.reason, 40) }
        : null;
    default:
      return null;
  }
}

/**
 * @typedef {{type: "ready"} | {type: "layout", mode: "panel"|"pill", width: number, height: number}
 *   | {type: "ringing", on: boolean, text: string} | {type: "state", dialling: boolean}
 *   | {type: "open-page", id: string, url: string, by: "click"|"rule"}
 *   | {type: "dial-result", id: string, ok: boolean, message: string}} FromFrame
 */

/** What the frame tells the page. @param {unknown} data @returns {FromFrame|null} */
export function fromFrame(data) {
  const it = versioned(data);
  switch (it?.type) {
    case "ready":
      return { type: "ready" };
    case "layout":
      if (it.mode !== "panel" && it.mode !== "pill") return null;
      return { type: "layout", mode: it.mode, width: size(it.width), height: size(it.height) };
    case "ringing":
      return { type: "ringing", on: it.on === true, text: clean(it.text, 60) };
    case "state":
      return { type: "state", dialling: it.dialling === true };
    case "open-page": {
      const url = safeUrl(it.url);
      const by = it.by === "click" ? "click" : "rule";
      return url && isId(it.id) ? { type: "open-page", id: String(it.id), url, by } : null;
    }
    case "dial-result":
      return isId(it.id)
        ? { type: "dial-result", id: String(it.id), ok: it.ok === true, message: clean(it.message, 400) }
        : null;
    default:
      return null;
  }
}

/** @param {unknown} value */
function isId(value) {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,80}$/.test(value);
}

/** A size in CSS px; 0 leaves it to the page. @param {unknown} value */
function size(value) {
  return typeof value === "number" && Number.isFinite(value)
    ? Math.round(Math.min(Math.max(value, 0), 1200))
    : 0;
}
