/**
 * The desk in a frame of another page: what that page is told, and what it may ask for. On a page of its own
 * the desk has nobody to tell, and nobody asks.
 */
import { incoming } from "../core/state.js";
import { Host } from "./host.js";

/** How long a page's wish to search waits for somebody to be signed in, in ms. */
const ASKED_MS = 60_000;

export class Embedding {
  /** @param {import("./controller.js").Controller} desk */
  constructor(desk) {
    this._desk = desk;
    /** @type {{q: string|null, atMs: number}|null} */
    this._asked = null;
    /** @type {Host|null} */
    this.host = desk.boot.embed ? this._makeHost() : null;
  }

  _makeHost() {
    const { window, boot } = this._desk;
    return new Host(window, {
      origins: boot.origins,
      onMessage: (message) => void this._fromPage(message),
      onConnect: () => this._greet(),
    });
  }

  /** The page shows that it rings. @param {boolean} on @param {string} text  no name, no number */
  ringing(on, text) {
    this.host?.ringing(on, text);
  }

  /** The page learns whether we can dial as soon as that is known; while we still connect it may wait. */
  tellState() {
    const { agent, link } = this._desk.state;
    if (agent) this.host?.state(true);
    else if (link === "signed-out") this.host?.state(false);
  }

  /** The size that the frame is to have. */
  layout() {
    const { collapsed, width, height } = this._desk.prefs.value;
    const busy = this._desk.state.calls.length > 0;
    if (collapsed) this.host?.layout({ mode: "pill", width: busy ? 264 : 56, height: 56 });
    else this.host?.layout({ mode: "panel", width, height });
  }

  /** Somebody is signed in: what the page wished for meanwhile is done now. */
  welcomed() {
    const asked = this._asked;
    this._asked = null;
    if (asked && Date.now() - asked.atMs < ASKED_MS) this._desk.search(asked.q);
  }

  _greet() {
    this.layout();
    this.tellState();
    this.ringing(incoming(this._desk.state).length > 0, this._desk.t("incoming_call"));
  }

  /** @param {import("../core/port.js").FromPage} message */
  async _fromPage(message) {
    const desk = this._desk;
    switch (message.type) {
      case "dial": {
        this._expand();
        const { number, id } = message;
        const dial = await desk.call(number, number, "page", id);
        const { ok, message: why } = desk.dials.answer(dial, number);
        this.host?.dialResult(id, ok, why);
        break;
      }
      case "resized":
        if (message.width && message.height) desk.setPrefs({ width: message.width, height: message.height });
        break;
      case "code":
        await desk.exchange(message.code);
        break;
      case "search":
      case "focus": {
        this._expand();
        const q = message.type === "search" ? message.q : (this._asked?.q ?? null);
        if (desk.state.agent) desk.search(q);
        else this._asked = { q, atMs: Date.now() };
        break;
      }
      case "opened":
        break;
    }
  }

  _expand() {
    if (this._desk.prefs.value.collapsed) this._desk.setPrefs({ collapsed: false });
  }
}
