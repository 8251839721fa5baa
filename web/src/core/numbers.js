/**
 * Digits as people and pages write them, made canonical. It knows no country: what a number means and
 * whether it may be called is the server's to say. A page's number never holds `*`, `#` or a pause.
 */

const SEPARATORS = /[\s\u00a0\u2010-\u2015\u2212().\-/]+/g;

/** Full-width and Arabic digits as ASCII. @param {string} text */
function asciiDigits(text) {
  return text
    .normalize("NFKC")
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0));
}

/**
 * The number of an element of a page: `+` and digits only.
 * @param {string|null} text
 * @returns {string|null} null when it is no plain number (a code, a pause, letters)
 */
export function pageNumber(text) {
  if (!text) return null;
  const digits = asciiDigits(text.trim())
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(SEPARATORS, "");
  return /^\+?\d{2,20}$/.test(digits) ? digits : null;
}

/**
 * The number of a `tel:` address (RFC 3966): an extension is left out, a global context is put before it.
 * @param {string} href
 * @returns {string|null}
 */
export function telNumber(href) {
  if (!/^tel:/i.test(href)) return null;
  let text;
  try {
    text = decodeURIComponent(href.slice(4));
  } catch {
    return null;
  }
  const [subscriber = "", ...parameters] = text.split(";");
  const context = parameters
    .map((one) => /^phone-context=(\+[\d.\-()]+)$/i.exec(one.trim())?.[1])
    .find(Boolean);
  const local = subscriber.trim();
  return pageNumber(context && !local.startsWith("+") ? context + local : local);
}

/**
 * What a person typed or pasted into the dialpad, without what can't be dialled anyway.
 * @param {string} text
 * @returns {string} may still hold separators and letters: the server says what is wrong with them
 */
export function typedNumber(text) {
  return asciiDigits(text)
    .replace(/^\s*tel:/i, "")
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 60);
}

/** Whether something in the text can be dialled at all. @param {string} text */
export function hasDigits(text) {
  return /[0-9*#]/.test(text);
}
