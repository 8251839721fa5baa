/**
 * Opens contacts' pages: embedded through the page that holds us, otherwise in one named tab that is reused.
 * A browser opens no tab without a click; it refuses, and the caller shows a button instead.
 */

const TAB = "linedesk-crm";

/** @typedef {{ok: boolean, reason: string}} Opened  reasons: `edited-form`, `refused` */

export class Pages {
  /**
   * @param {Window} window
   * @param {{openPage: (url: string, by: "click"|"rule") => Promise<Opened>}|null} host  null for a page of its own
   */
  constructor(window, host) {
    this._window = window;
    this._host = host;
    /** @type {Window|null} */
    this._tab = null;
  }

  /** Whether a rule can open pages without a click. */
  get ready() {
    return this._host !== null || (this._tab !== null && !this._tab.closed);
  }

  /**
   * @param {string} url
   * @param {"click"|"rule"} by
   * @returns {Promise<Opened>}
   */
  open(url, by) {
    return this._host ? this._host.openPage(url, by) : Promise.resolve(this._inTab(url, by));
  }

  /** The click that names the tab. @param {string} text  what the empty tab says */
  prepare(text) {
    this._tab = this._window.open("about:blank", TAB);
    if (!this._tab) return false;
    this._tab.document.title = text;
    this._tab.document.body.textContent = text;
    return true;
  }

  /** @param {string} url @param {"click"|"rule"} by @returns {Opened} */
  _inTab(url, by) {
    if (this._tab && !this._tab.closed) {
      this._tab.location.href = url;
      if (by === "click") this._tab.focus();
    } else {
      this._tab = this._window.open(url, TAB);
    }
    return this._tab ? { ok: true, reason: "" } : { ok: false, reason: "refused" };
  }
}
