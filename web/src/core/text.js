/**
 * Text from outside (caller names, CRM fields) made fit to be shown as text. It never makes markup:
 * what leaves here goes to `textContent` or an escaped template, inside an isolated run.
 */

// C0 and C1 controls, the soft hyphen's neighbours that reorder text, and line separators.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of text: no control or direction characters, no lone surrogates, at most `max` characters.
 * @param {unknown} value
 * @param {number} [max]
 * @returns {string} empty for anything that is not a string
 */
export function clean(value, max = 200) {
  if (typeof value !== "string") return "";
  const head = value.length > max * 4 ? value.slice(0, max * 4) : value;
  const plain = head
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
    .replace(DIRECTION, "")
    .replace(CONTROLS, " ")
    .trim();
  const points = [...plain];
  return points.length > max ? `${points.slice(0, max - 1).join("")}…` : plain;
}

/**
 * A web address that may be opened: https:, or http: on this very machine.
 * @param {unknown} value
 * @returns {string|null}
 */
export function safeUrl(value) {
  if (typeof value !== "string" || value.length > 4000) return null;
  let url;
  try {
    url = new URL(value);
  } catch {
    return null;
  }
  if (url.username || url.password) return null;
  if (url.protocol === "https:") return url.href;
  return url.protocol === "http:" && isLoopback(url.hostname) ? url.href : null;
}

/** @param {string} host */
function isLoopback(host) {
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host)
  );
}
