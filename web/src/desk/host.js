/**
 * The frame's side of the channel to the page that embeds it. The page may ask for dial, search and focus;
 * it is told nothing about contacts but the address of one it shall open.
 */
import { newKey } from "../core/keys.js";
import { fromPage, isConnect } from "../core/port.js";

/** How long the page may take to say whether it opened something, in ms: then it left for the new page. */
const OPENED_MS = 2_000;

export class Host {
  /**
   * @param {Window & typeof globalThis} window
   * @param {{origins: readonly string[], onMessage: (message: import("../core/port.js").FromPage) => void,
   *   onConnect: () => void}} options
   */
  constructor(window, { origins, onMessage, onConnect }) {
    this._window = window;
    this._onMessage = onMessage;
    /** @type {MessagePort|null} */
    this._port = null;
    /** @type {Map<string, (answer: {ok: boolean, reason: string}) => void>} */
    this._opening = new Map();
    window.addEventListener("message", (event) => {
      if (!isConnect(event, window.parent, origins)) return;
      this._port?.close();
      this._port = event.ports[0];
      this._port.onmessage = (message) => this._receive(message.data);
      this._post({ type: "ready" });
      onConnect();
    });
  }

  /** @param {{mode: "panel"|"pill", width: number, height: number}} layout */
  layout(layout) {
    this._post({ type: "layout", ...layout });
  }

  /** @param {boolean} on @param {string} text  no name, no number */
  ringing(on, text) {
    this._post({ type: "ringing", on, text });
  }

  /** @param {boolean} dialling  whether the page may hand its phone links to us: somebody is signed in */
  state(dialling) {
    this._post({ type: "state", dialling });
  }

  /** @param {string} id @param {boolean} ok @param {string} message */
  dialResult(id, ok, message) {
    this._post({ type: "dial-result", id, ok, message });
  }

  /**
   * @param {string} url
   * @param {"click"|"rule"} by
   * @returns {Promise<{ok: boolean, reason: string}>}
   */
  openPage(url, by) {
    if (!this._port) return Promise.resolve({ ok: false, reason: "refused" });
    const id = newKey();
    return new Promise((resolve) => {
      /** @param {{ok: boolean, reason: string}} answer */
      const done = (answer) => {
        this._window.clearTimeout(timer);
        this._opening.delete(id);
        resolve(answer);
      };
      const timer = this._window.setTimeout(() => done({ ok: false, reason: "refused" }), OPENED_MS);
      this._opening.set(id, done);
      this._post({ type: "open-page", id, url, by });
    });
  }

  /** @param {unknown} data */
  _receive(data) {
    const message = fromPage(data);
    if (message?.type === "opened") this._opening.get(message.id)?.(message);
    else if (message) this._onMessage(message);
  }

  /** @param {object} message */
  _post(message) {
    this._port?.postMessage({ v: 1, ...message });
  }
}
