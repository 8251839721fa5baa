/**
 * The page's title while a call comes in: "Incoming call – " before whatever the page calls itself.
 */
export class RingingTitle {
  /** @param {{title: string}} document */
  constructor(document) {
    this._document = document;
    this._prefix = "";
  }

  /** @param {boolean} on @param {string} text */
  set(on, text) {
    const title = this._document.title;
    const own = this._prefix && title.startsWith(this._prefix) ? title.slice(this._prefix.length) : title;
    this._prefix = on ? `${text || "Incoming call"} – ` : "";
    const next = this._prefix + own;
    if (next !== title) this._document.title = next;
  }
}
