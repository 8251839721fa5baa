/**
 * Sentences of the message catalogue with their {gaps} filled. The catalogue comes with the page; a
 * language is only another file.
 */

/** @typedef {(key: string, gaps?: Record<string, string|number>) => string} Words */

/**
 * @param {Record<string, string>} messages  key to text with {gaps}
 * @returns {Words}
 */
export function words(messages) {
  return (key, gaps = {}) => {
    if (!Object.hasOwn(messages, key)) return key;
    return messages[key].replace(/\{(\w+)\}/g, (gap, name) => (name in gaps ? String(gaps[name]) : gap));
  };
}
