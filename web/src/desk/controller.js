/**
 * The desk's one owner of state: it wires socket, API, rules and bell together and gives the elements what
 * to show (`view`) and what to do (methods). It renders nothing.
 */
import { Api, ApiError } from "../core/api.js";
import { Connection } from "../core/connection.js";
import { IDLE } from "../core/dialling.js";
import { me } from "../core/frames.js";
import { newKey } from "../core/keys.js";
import { PageRules } from "../core/opening.js";
import { EMPTY, incoming, reduce } from "../core/state.js";
import { words } from "../core/words.js";
import { Bell } from "./bell.js";
import { Dials } from "./dials.js";
import { Embedding } from "./embedding.js";
import { Lists } from "./lists.js";
import { Pages } from "./pages.js";
import { Picks } from "./picks.js";
import { PrefStore } from "./prefs.js";
import { SignInWindow } from "./sign-in.js";

/** @typedef {import("../core/types.js").Call} Call */
/** @typedef {{messages: Record<string, string>, origins: string[], embed: boolean, slot: string, region: string}} Boot */
/**
 * @typedef {{text: string, url: string|null, callId: string|null, stays?: boolean}} Notice  url: what a click
 *   would open; stays: until the person puts it away
 */

/** A timer that comes this much too late means that the machine slept, in ms. */
const SLEPT_MS = 30_000;

export class Controller extends EventTarget {
  /** @param {Window & typeof globalThis} window @param {Boot} boot */
  constructor(window, boot) {
    super();
    this.window = window;
    this.boot = boot;
    this.t = words(boot.messages);
    this.state = EMPTY;
    this.dial = IDLE;
    /** @type {Notice|null} */
    this.notice = null;
    this.signInError = "";
    /** Counts the people who used this desk one after another. */
    this.person = 0;
    this._first = true;
    this.prefs = new PrefStore(() => window.localStorage);
    this._rules = new PageRules();
    this.api = new Api({
      fetch: window.fetch.bind(window),
      now: Date.now,
      slot: boot.embed ? boot.slot : null,
    });
    this.lists = new Lists({
      get: (path, options) => this.api.get(path, options),
      sentence: this.sentence,
      onChange: () => this._changed({}),
    });
    this.dials = new Dials({
      api: this.api,
      t: this.t,
      onChange: (dial) => this._changed({ dial }),
      tell: (text) => this._changed({ notice: { text, url: null, callId: null, stays: true } }),
    });
    this.picks = new Picks({
      send: (method, path, body) => this.api.send(method, path, body),
      onPick: (number, id) => this._picked(number, id),
      onError: (error) =>
        this._changed({ notice: { text: this.sentence(error), url: null, callId: null, stays: true } }),
    });
    this._embedding = new Embedding(this);
    this.pages = new Pages(window, this._embedding.host);
    this._signIn = new SignInWindow(window, { slot: boot.slot, onCode: (code) => void this.exchange(code) });
    this.bell = new Bell(window, {
      embed: boot.embed,
      t: this.t,
      onClick: (id) => void this.openCall(id),
      tellPage: (on, text) => this._embedding.ringing(on, text),
    });
    this._connection = this._makeConnection();
  }

  _makeConnection() {
    const { window } = this;
    return new Connection({
      connect: () => /** @type {any} */ (new window.WebSocket(socketUrl(window.location))),
      token: (fresh) => this.api.token(fresh),
      dropToken: () => this.api.drop(),
      after: (ms, run) => {
        const timer = window.setTimeout(run, ms);
        return () => window.clearTimeout(timer);
      },
      random: Math.random,
      visible: () => window.document.visibilityState === "visible",
      onFrame: (frame) => this._onFrame(frame),
      onLink: (link) => this._reduce({ type: "link", link }),
    });
  }

  /** Connect and follow the page's life: focus, visibility, network, sleep. */
  start() {
    const { window } = this;
    const focused = () => this._connection.focus();
    window.addEventListener("focus", focused);
    window.document.addEventListener("visibilitychange", () => {
      if (window.document.visibilityState === "visible") focused();
      this._ring();
      this._changed({});
    });
    window.addEventListener("online", () => this._connection.wake());
    let lastMs = Date.now();
    window.setInterval(() => {
      const nowMs = Date.now();
      // A hidden tab's timers may run once a minute only, so that alone is no sleep.
      const limitMs = window.document.visibilityState === "visible" ? SLEPT_MS : 4 * SLEPT_MS;
      if (nowMs - lastMs > limitMs) this._connection.wake();
      lastMs = nowMs;
      this._reduce({ type: "tick", nowMs });
      if (this.state.calls.length || nowMs % 30_000 < 1000) this._changed({});
    }, 1000);
    this._connection.start();
  }

  /** Our clock as the server's, in ms. */
  get serverNowMs() {
    return Date.now() + this.state.clockOffsetMs;
  }

  /** @param {import("../core/types.js").Frame} frame */
  _onFrame(frame) {
    this._reduce({ type: "frame", frame, nowMs: Date.now() });
    const setting = this.state.agent?.open_page ?? "click";
    if (frame.type === "welcome") this._welcomed(frame.calls, setting);
    if (frame.type === "call" && this._rules.call(frame.call, setting, this.state.opener)) {
      void this._open(frame.call.contact?.page_url ?? null, "rule", frame.call.id);
    }
    if (frame.type === "call" && frame.call.direction !== "inbound" && this.dial.phase === "accepted") {
      this.dials.clear();
    }
    if (frame.type === "error") this._changed({ notice: { text: frame.message, url: null, callId: null } });
  }

  /** @param {Call[]} calls @param {import("../core/types.js").OpenPage} setting */
  _welcomed(calls, setting) {
    this._rules.welcome(calls, setting);
    const { document } = this.window;
    // A page that has just come up in sight is what the person looks at; a reconnect alone says nothing.
    if (document.hasFocus() || (this._first && document.visibilityState === "visible"))
      this._connection.focus();
    this._first = false;
    this._embedding.welcomed();
  }

  /** @param {import("../core/state.js").DeskEvent} event */
  _reduce(event) {
    const before = this.state;
    const state = reduce(before, event);
    if (state === before) return;
    this._changed({ state });
    this._ring();
    if (before.agent !== null && before.agent.id !== state.agent?.id) this._forgetPerson();
    if (before.agent !== state.agent || before.link !== state.link) this._embedding.tellState();
    if (state.finished !== before.finished) void this.lists.loadHistory();
    if (this.notice?.callId && !state.calls.some((one) => one.call.id === this.notice?.callId)) {
      this._changed({ notice: null });
    }
  }

  /** @param {string} number @param {string|null} id */
  _picked(number, id) {
    this._reduce({ type: "pick", number, id });
    void this.lists.loadHistory();
  }

  /** Somebody else uses this desk from now on, or nobody. */
  _forgetPerson() {
    this.person += 1;
    this.lists.forget();
    this.dials.forget();
    this.picks.forget();
    this.clearNotice();
  }

  _ring() {
    this.bell.update(incoming(this.state), { sound: this.prefs.value.sound, opener: this.state.opener });
  }

  /** @param {object} change */
  _changed(change) {
    Object.assign(this, change);
    this.dispatchEvent(new Event("change"));
  }

  // ---- what people do ------------------------------------------------------------------------------

  /**
   * @param {string} number @param {string} display @param {import("../core/dialling.js").Origin} origin
   * @param {string} [key]  of this one click
   */
  call(number, display, origin, key = newKey()) {
    return this.dials.call({ number, display, origin, key });
  }

  confirmDial() {
    return this.dials.confirm();
  }

  clearDial() {
    this.dials.clear();
  }

  /** Open the page of a call's contact, as a click does. @param {string} id */
  async openCall(id) {
    const call = this.state.calls.find((one) => one.call.id === id)?.call;
    if (call?.contact?.page_url) await this.openPage(call.contact.page_url, id);
  }

  /** @param {string} url @param {string|null} callId */
  async openPage(url, callId = null) {
    if (callId) this._rules.clicked(callId);
    await this._open(url, "click", callId);
  }

  openCrmTab() {
    const ok = this.pages.prepare(this.t("crm_tab_waiting"));
    this._changed({ notice: ok ? null : { text: this.t("tab_refused"), url: null, callId: null } });
  }

  /** @param {string} id */
  dismiss(id) {
    this._reduce({ type: "dismiss", id });
  }

  clearNotice() {
    this._changed({ notice: null });
  }

  /** @param {import("../core/types.js").OpenPage} value */
  async setOpenPage(value) {
    try {
      const agent = me(await this.api.send("PATCH", "/api/me", { open_page: value }));
      this._changed({ state: { ...this.state, agent } });
    } catch (error) {
      this._changed({ notice: { text: this.sentence(error), url: null, callId: null } });
    }
  }

  /** @param {Partial<import("./prefs.js").Prefs>} change */
  setPrefs(change) {
    this.prefs.set(change);
    this._ring();
    this._embedding.layout();
    this._changed({});
  }

  async askNotifications() {
    await this.bell.notifier.ask();
    this._changed({});
  }

  signIn() {
    if (!this.boot.embed) {
      this.window.location.assign("/sign-in?next=/agent");
      return;
    }
    this._changed({ signInError: this._signIn.open() ? "" : this.t("sign_in_window_refused") });
  }

  async signOut() {
    try {
      await this.api.signOut();
    } catch (error) {
      this._changed({ notice: { text: this.sentence(error), url: null, callId: null } });
      return;
    }
    this._connection.stop();
    this._reduce({ type: "link", link: "signed-out" });
  }

  // ---- sentences -----------------------------------------------------------------------------------

  /** What went wrong as a sentence that says what to do. @param {unknown} error */
  sentence = (error) => {
    if (!(error instanceof ApiError)) return this.t("error_garbled");
    if (error.code === "unreachable") return this.t("error_unreachable");
    if (error.status === 401) return this.t("error_signed_out");
    return [error.message, error.remedy].filter(Boolean).join(" ") || this.t("error_garbled");
  };

  // ---- the embedding page --------------------------------------------------------------------------

  /** Put the cursor into the search. @param {string|null} q  the text to search for, if any */
  search(q) {
    this.dispatchEvent(new CustomEvent("search", { detail: q }));
  }

  /** The page asks for a pill to begin with; a choice the person made on this page before wins. */
  startCollapsed() {
    if (!this.prefs.known) this.setPrefs({ collapsed: true });
  }

  /** The pill grows and shrinks with the live call. */
  relayout() {
    if (this.prefs.value.collapsed) this._embedding.layout();
  }

  /** A one-time code signs in. @param {string} code */
  async exchange(code) {
    try {
      await this.api.exchange(code);
      this._changed({ signInError: "" });
      this._connection.start();
    } catch (error) {
      this._changed({ signInError: this.sentence(error) });
    }
  }

  /** @param {string|null} url @param {"click"|"rule"} by @param {string|null} callId */
  async _open(url, by, callId) {
    if (!url) return;
    const { ok, reason } = await this.pages.open(url, by);
    if (ok) {
      // What was said of a dial is no matter of pages.
      if (!this.notice?.stays) this._changed({ notice: null });
      return;
    }
    const text = this.t(
      reason === "edited-form" ? "page_edited" : by === "rule" ? "page_needs_click" : "tab_refused",
    );
    this._changed({ notice: { text, url, callId } });
  }
}

/** @param {Location} location */
function socketUrl({ protocol, host }) {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}/agent/socket`;
}
