/**
 * Idempotency keys: one click, one key, at most one call (C8).
 */

/**
 * 128 random bits as hex. `crypto.randomUUID` is missing on pages without HTTPS, `getRandomValues` is not.
 * @returns {string}
 */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** The key of the same click once the person has confirmed: always the same for it. @param {string} key */
export function confirmedKey(key) {
  return `${key}-confirmed`;
}
