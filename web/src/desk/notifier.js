/**
 * System notifications of a desk that nobody looks at. Made by the page itself, not by a service worker:
 * only so does the click count as the person's own, which lets the page open a tab.
 */

/** @typedef {"granted"|"ask"|"blocked"|"frame"} Permission  frame: a foreign page's frame may never notify */

export class Notifier {
  /**
   * @param {Window & typeof globalThis} window
   * @param {{embed: boolean, onClick: (id: string) => void}} options
   */
  constructor(window, { embed, onClick }) {
    this._window = window;
    this._embed = embed;
    this._onClick = onClick;
    /** @type {Map<string, Notification>} */
    this._shown = new Map();
  }

  /** @returns {Permission} */
  get permission() {
    if (this._embed) return "frame";
    const api = this._window.Notification;
    if (!api || api.permission === "denied") return "blocked";
    return api.permission === "granted" ? "granted" : "ask";
  }

  /** Ask the person; only from a click. */
  async ask() {
    if (this.permission === "ask") await this._window.Notification.requestPermission();
    return this.permission;
  }

  /**
   * Show exactly these, close all others. A call has one notification, over all tabs of this desk.
   * @param {readonly {id: string, title: string, body: string}[]} wanted
   */
  show(wanted) {
    const ids = new Set(wanted.map((one) => one.id));
    for (const id of this._shown.keys()) if (!ids.has(id)) this._close(id);
    if (this.permission !== "granted") return;
    for (const one of wanted) if (!this._shown.has(one.id)) this._open(one);
  }

  /** @param {{id: string, title: string, body: string}} one */
  _open({ id, title, body }) {
    const notification = new this._window.Notification(title, {
      body,
      tag: `linedesk-${id}`,
      requireInteraction: true,
      silent: true,
    });
    notification.onclick = () => {
      this._window.focus();
      this._onClick(id);
      this._close(id);
    };
    this._shown.set(id, notification);
  }

  /** @param {string} id */
  _close(id) {
    this._shown.get(id)?.close();
    this._shown.delete(id);
  }
}
