/**
 * Which calls open their contact's page without a click: `ring`, `answer`, `click` or `never`, for inbound
 * and outbound calls. It decides once per call and only for the socket that the server named as opener.
 */

/** @typedef {import("./types.js").Call} Call */

/**
 * Whether the rule is met: a call with one sure contact, or the agent's own choice, that has a page, in a
 * state the setting names.
 * @param {Call} call
 * @param {import("./types.js").OpenPage} setting
 */
export function met(call, setting) {
  if (call.direction === "internal") return false;
  if (!call.contact || call.contact.page_url === null) return false;
  if (call.contact.certainty !== "sure" && !call.picked) return false;
  const talking = call.state === "talking" || call.state === "held";
  if (setting === "ring") return talking || call.state === "ringing";
  return setting === "answer" && talking;
}

/** Remembers which calls are settled, so that no call opens twice and no reload opens again. */
export class PageRules {
  constructor() {
    /** @type {Set<string>} */
    this._settled = new Set();
  }

  /**
   * Calls of a welcome are settled without opening: they began before this page did (it may be the very
   * page that the rule opened), or while another tab held the right to open.
   * @param {readonly Call[]} calls
   * @param {import("./types.js").OpenPage} setting
   */
  welcome(calls, setting) {
    for (const call of calls) if (met(call, setting)) this._settle(call.id);
  }

  /**
   * @param {Call} call  as the newest frame says
   * @param {import("./types.js").OpenPage} setting
   * @param {boolean} opener
   * @returns {boolean} whether to open the page of `call.contact` now
   */
  call(call, setting, opener) {
    if (!met(call, setting) || this._settled.has(call.id)) return false;
    this._settle(call.id);
    return opener;
  }

  /** A click opened it: no rule does so again. @param {string} id */
  clicked(id) {
    this._settle(id);
  }

  /** @param {string} id */
  _settle(id) {
    this._settled.add(id);
    if (this._settled.size > 500)
      for (const oldest of this._settled) return void this._settled.delete(oldest);
  }
}
