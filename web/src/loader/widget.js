/**
 * One desk in a host page: the frame, the channel to it, and what the page and the frame ask of each
 * other. It carries no token and knows no contact.
 */
import { EditedFields } from "../core/edited.js";
import { newKey } from "../core/keys.js";
import { pageNumber } from "../core/numbers.js";
import { fromFrame } from "../core/port.js";
import { watchClicks } from "./clicks.js";
import { placeFrame } from "./frame.js";
import { RingingTitle } from "./title.js";
import { DIAL_WAIT_MS, Waiting } from "./waiting.js";

/** @typedef {{ok: boolean, message: string}} DialResult */

/** How long a dial may take before the page is told that no answer came, in ms. */
const DIAL_ANSWER_MS = 30_000;
const SIGN_IN_FIRST = "Sign in to Linedesk first.";

export class Widget {
  /**
   * @param {Window} window
   * @param {{origin: string, slot: string, collapsed: boolean, dock: "left"|"right", clicks: boolean}} options
   */
  constructor(window, { origin, slot, collapsed, dock, clicks }) {
    this._window = window;
    this._origin = origin;
    /** @type {boolean|null} null while the frame has not said yet */
    this._dialling = null;
    this._signInMs = Number.NEGATIVE_INFINITY;
    /** @type {MessagePort|null} null until the frame is ready */
    this._port = null;
    this._waiting = new Waiting((ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    });
    /** @type {Map<string, (result: DialResult) => void>} */
    this._dials = new Map();
    this._edited = new EditedFields();
    this._title = new RingingTitle(window.document);
    this._closing = new AbortController();
    const query = new URLSearchParams({ embed: "1", slot, ...(collapsed ? { collapsed: "1" } : {}) });
    this._placed = placeFrame(window.document, {
      url: `${origin}/agent?${query}`,
      dock,
      mode: collapsed ? "pill" : "panel",
      onDragged: (size) => this._post({ type: "resized", ...size }),
    });
    this._placed.frame.addEventListener("load", () => this._connect());
    this._watchEdits();
    if (clicks) this._watchClicks();
  }

  /** @param {string} text @param {string} [id] @returns {Promise<DialResult>} */
  dial(text, id = newKey()) {
    const number = pageNumber(text);
    if (!number)
      return Promise.resolve({ ok: false, message: "This is no phone number that a page may dial." });
    if (this._dialling) return this._send(number, id);
    if (this._dialling === false && !this._signingIn)
      return Promise.resolve({ ok: false, message: SIGN_IN_FIRST });
    return this._waiting.dial(() => this._send(number, id));
  }

  /** @param {string} number @param {string} id @returns {Promise<DialResult>} */
  _send(number, id) {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => done({ ok: false, message: "No answer came; look at your phone." }),
        DIAL_ANSWER_MS,
      );
      /** @param {DialResult} result */
      const done = (result) => {
        clearTimeout(timer);
        this._dials.delete(id);
        resolve(result);
      };
      this._dials.set(id, done);
      this._post({ type: "dial", number, id });
    });
  }

  /** @param {string} q */
  search(q) {
    this._tell("search", { type: "search", q: String(q) });
    this._placed.frame.focus();
  }

  focus() {
    this._tell("focus", { type: "focus" });
    this._placed.frame.focus();
  }

  /** @param {string} code  a one-time code that this page got from its own server */
  signIn(code) {
    this._signInMs = performance.now();
    this._tell("code", { type: "code", code: String(code) });
  }

  /** Whether a code is likely on its way: "signed out" is then no last word. */
  get _signingIn() {
    return performance.now() - this._signInMs < DIAL_WAIT_MS;
  }

  /** Say it now, or as soon as the frame is ready. @param {import("./waiting.js").Kind} kind @param {object} message */
  _tell(kind, message) {
    if (this._port) this._post(message);
    else this._waiting.hold(kind, message);
  }

  /** Take the desk out of the page again. */
  remove() {
    this._closing.abort();
    this._title.set(false, "");
    this._port?.close();
    this._port = null;
    this._dialling = null;
    this._waiting.take();
    this._waiting.refuse("The desk is not on this page any more.");
    this._placed.box.remove();
  }

  /** A fresh channel for each load of the frame: an old port must not speak for a new document. */
  _connect() {
    this._port?.close();
    this._port = null;
    this._dialling = null;
    this._title.set(false, "");
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => this._receive(channel.port1, event.data);
    this._placed.frame.contentWindow?.postMessage({ linedesk: 1, type: "connect" }, this._origin, [
      channel.port2,
    ]);
  }

  /** @param {MessagePort} port @param {unknown} data */
  _receive(port, data) {
    const it = fromFrame(data);
    switch (it?.type) {
      case "ready":
        this._ready(port);
        break;
      case "state":
        this._state(it.dialling);
        break;
      case "layout":
        this._placed.resize(it);
        break;
      case "ringing":
        this._title.set(it.on, it.text);
        break;
      case "open-page":
        this._open(it);
        break;
      case "dial-result":
        this._dials.get(it.id)?.(it);
        break;
    }
  }

  /** @param {MessagePort} port */
  _ready(port) {
    this._port = port;
    // A code that waited begins its way only now.
    const waited = this._waiting.take();
    if (waited.some((message) => "code" in message)) this._signInMs = performance.now();
    for (const message of waited) this._post(message);
  }

  /** @param {boolean} dialling  whether somebody is signed in */
  _state(dialling) {
    this._dialling = dialling;
    if (dialling) this._waiting.release();
    else if (!this._signingIn) this._waiting.refuse(SIGN_IN_FIRST);
  }

  /** @param {{id: string, url: string, by: "click"|"rule"}} wish */
  _open({ id, url, by }) {
    if (by === "rule" && this._edited.any) {
      this._post({ type: "opened", id, ok: false, reason: "edited-form" });
      return;
    }
    this._post({ type: "opened", id, ok: true, reason: "" });
    // The page that is wanted may be the very one that is shown: a reload would only cost time.
    if (this._window.location.href !== url) this._window.location.assign(url);
  }

  _watchEdits() {
    const document = this._window.document;
    const options = { capture: true, passive: true, signal: this._closing.signal };
    for (const type of ["input", "change"]) {
      document.addEventListener(
        type,
        (event) => {
          const field = event.composedPath()[0];
          if (event.isTrusted && field instanceof HTMLElement)
            this._edited.edited(/** @type {any} */ (field));
        },
        options,
      );
    }
    for (const type of ["submit", "reset"]) {
      document.addEventListener(type, (event) => this._edited.settled(event.target), options);
    }
  }

  _watchClicks() {
    watchClicks(this._window.document, {
      ready: () => this._dialling === true,
      dial: (number, id) => void this.dial(number, id),
      now: () => performance.now(),
      signal: this._closing.signal,
    });
  }

  /** @param {object} message */
  _post(message) {
    this._port?.postMessage({ v: 1, ...message });
  }
}
