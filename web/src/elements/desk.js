/**
 * `<ld-desk>`: the whole desk. It shows what the controller holds and hands it what people ask for; it
 * decides nothing itself.
 */
import { html, LitElement, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";
import { callerTitle, incomingSentence } from "../core/describe.js";
import { LIMITS as PANEL_PX } from "../core/panel.js";
import { incoming } from "../core/state.js";
import { deskStyles } from "./desk-styles.js";
import { shared } from "./shared.js";
import "./call.js";
import "./colleagues.js";
import "./dial-note.js";
import "./dialpad.js";
import "./history.js";
import "./icon.js";
import "./pill.js";
import "./resizer.js";
import "./search.js";
import "./settings.js";
import "./sign-in.js";
import "./tabs.js";

/** @typedef {import("../desk/controller.js").Controller} Controller */

export class Desk extends LitElement {
  static properties = {
    controller: { attribute: false },
    _tab: { state: true },
    _settings: { state: true },
  };
  static styles = [shared, deskStyles];

  constructor() {
    super();
    /** @type {Controller|null} */
    this.controller = null;
    this._tab = "dial";
    this._settings = false;
    this._busy = false;
    this._person = 0;
    this._listen();
    this.addEventListener("keydown", (event) => this._keydown(event));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("controller") || !this.controller) return;
    this.controller.addEventListener("change", () => this.requestUpdate());
    this.controller.addEventListener(
      "search",
      (event) => void this._search(/** @type {CustomEvent} */ (event).detail),
    );
  }

  updated() {
    const busy = Boolean(this.controller?.state.calls.length);
    if (busy !== this._busy) this.controller?.relayout();
    this._busy = busy;
    if (this.controller?.state.agent && this.controller.person !== this._person) this._greet(this.controller);
  }

  /** Another person uses this desk now. @param {Controller} desk */
  _greet(desk) {
    this._person = desk.person;
    this._settings = false;
    if (this._tab === "colleagues") void desk.lists.loadColleagues();
  }

  _listen() {
    /** @type {Record<string, (desk: Controller, detail: any) => unknown>} */
    const handlers = {
      "ld-dial": (desk, { number, display, origin }) => desk.call(number, display, origin ?? "history"),
      "ld-dial-confirm": (desk) => desk.confirmDial(),
      "ld-dial-clear": (desk) => desk.clearDial(),
      "ld-open": (desk, { url, callId }) => desk.openPage(url, callId),
      "ld-pick": (desk, { number, id }) => desk.picks.set(number, id),
      "ld-dismiss": (desk, { id }) => desk.dismiss(id),
      "ld-history": (desk, { missed }) => desk.lists.loadHistory(missed),
      "ld-history-more": (desk) => desk.lists.moreHistory(),
      "ld-colleagues": (desk) => desk.lists.loadColleagues(),
      "ld-open-page": (desk, { value }) => desk.setOpenPage(value),
      "ld-crm-tab": (desk) => desk.openCrmTab(),
      "ld-notify": (desk) => desk.askNotifications(),
      "ld-sound": (desk, { on }) => desk.setPrefs({ sound: on }),
      "ld-sign-in": (desk) => desk.signIn(),
      "ld-sign-out": (desk) => desk.signOut(),
      "ld-expand": (desk) => desk.setPrefs({ collapsed: false }),
      "ld-tab": (desk, { id }) => this._choose(desk, id),
      "ld-resize": (desk, detail) => this._resize(desk, detail),
    };
    for (const [type, run] of Object.entries(handlers)) {
      this.addEventListener(type, (event) => {
        if (this.controller) void run(this.controller, /** @type {CustomEvent} */ (event).detail);
      });
    }
  }

  /** @param {Controller} desk @param {string} id */
  _choose(desk, id) {
    this._tab = id;
    if (id === "colleagues") void desk.lists.loadColleagues();
    if (id === "history") void desk.lists.loadHistory();
  }

  /** @param {Controller} desk @param {{edge: "left"|"top", byPx: number}} detail */
  _resize(desk, { edge, byPx }) {
    const side = edge === "left" ? "width" : "height";
    const [least, most] = PANEL_PX[side];
    desk.setPrefs({ [side]: Math.min(most, Math.max(least, desk.prefs.value[side] + byPx)) });
  }

  /** @param {string|null} text */
  async _search(text) {
    this._settings = false;
    await this.updateComplete;
    await /** @type {import("./search.js").Search|null} */ (this.renderRoot.querySelector("ld-search"))?.ask(
      text,
    );
  }

  /** Escape leaves the settings, and the focus goes back to where they were opened. @param {KeyboardEvent} event */
  _keydown(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !this._settings) return;
    event.preventDefault();
    this._closeSettings();
  }

  _closeSettings() {
    this._settings = false;
    /** @type {HTMLElement|null} */ (this.renderRoot.querySelector("#gear"))?.focus();
  }

  render() {
    const desk = this.controller;
    if (!desk) return nothing;
    if (desk.boot.embed && desk.prefs.value.collapsed)
      return html`${this._alert(desk)}<div role="main"><h1 class="sr">Linedesk</h1>${this._pill(desk)}</div>`;
    return html`
      ${this._alert(desk)}
      <div class="desk">${this._header(desk)}${desk.state.link === "signed-out" ? this._signedOut(desk) : this._main(desk)}</div>
    `;
  }

  /** Said by screen readers at once, while the focus stays where it is. @param {Controller} desk */
  _alert(desk) {
    const spoken = incoming(desk.state).map(
      (call) => `${callerTitle(call, desk.t)}. ${incomingSentence(call, desk.t)}`,
    );
    return html`<div class="sr" role="alert">${spoken.join(". ")}</div>`;
  }

  /** @param {Controller} desk */
  _pill(desk) {
    const live = desk.state.calls.find((one) => one.finishedMs === null) ?? desk.state.calls[0];
    return html`<ld-pill .t=${desk.t} .call=${live?.call ?? null} .nowMs=${desk.serverNowMs} .link=${desk.state.link}></ld-pill>`;
  }

  /** @param {Controller} desk */
  _edges(desk) {
    const { width, height } = desk.prefs.value;
    return html`<ld-resizer edge="left" .label=${desk.t("resize_width")} .value=${width} .limits=${PANEL_PX.width}></ld-resizer>
      <ld-resizer edge="top" .label=${desk.t("resize_height")} .value=${height} .limits=${PANEL_PX.height}></ld-resizer>`;
  }

  /** @param {Controller} desk */
  _header(desk) {
    const { t, state } = desk;
    const waiting = state.link === "lost" || (state.link === "connecting" && state.agent === null);
    const hidden = desk.window.document.visibilityState === "hidden";
    return html`<header>
      <h1 class="who cut"><bdi>${state.agent?.name || "Linedesk"}</bdi>${state.agent?.extension ? html` <span class="soft number">${state.agent.extension}</span>` : nothing}</h1>
      ${waiting && !hidden ? html`<span class="link" role="status"><ld-icon name="offline" size="16"></ld-icon>${t("connecting")}</span>` : nothing}
      ${
        state.link === "signed-out"
          ? nothing
          : html`<button class="quiet" id="gear" aria-label=${t("settings")} title=${t("settings")} aria-expanded=${this._settings}
              @click=${() => {
                this._settings = !this._settings;
              }}><ld-icon name="settings"></ld-icon></button>`
      }
      ${
        desk.boot.embed
          ? html`<button class="quiet" aria-label=${t("collapse")} title=${t("collapse")}
              @click=${() => desk.setPrefs({ collapsed: true })}><ld-icon name="collapse"></ld-icon></button>`
          : nothing
      }
      ${desk.boot.embed ? this._edges(desk) : nothing}
    </header>`;
  }

  /** @param {Controller} desk */
  _signedOut(desk) {
    return html`<main><ld-sign-in .t=${desk.t} .error=${desk.signInError}></ld-sign-in></main>`;
  }

  /** @param {Controller} desk */
  _main(desk) {
    return html`<main class=${this._settings ? "settings-open" : ""}>
      <div class="left">${this._calls(desk)}${this._notice(desk)}
        <ld-dial-note .t=${desk.t} .dial=${desk.dial} ?hidden=${desk.dial.phase === "idle"}></ld-dial-note>
        ${keyed(desk.person, html`<ld-search .t=${desk.t} .find=${desk.lists.search} .sentence=${desk.sentence}></ld-search>`)}
      </div>
      <div class="right">${this._settings ? this._settingsPanel(desk) : this._tabs(desk)}</div>
    </main>`;
  }

  /** @param {Controller} desk */
  _calls(desk) {
    const { calls } = desk.state;
    if (!calls.length) return html`<p class="idle soft">${desk.t("calls_none")}</p>`;
    return html`<section class="calls" aria-label=${desk.t("calls")}>${repeat(
      calls,
      (one) => one.call.id,
      (one) =>
        html`<ld-call .t=${desk.t} .call=${one.call} .nowMs=${desk.serverNowMs} ?compact=${calls.length > 1}></ld-call>`,
    )}</section>`;
  }

  /** @param {Controller} desk */
  _notice(desk) {
    const notice = desk.notice;
    if (!notice) return nothing;
    const { url, callId } = notice;
    return html`<div class="notice" role="status"><span>${notice.text}</span><div>
      ${url ? html`<button class="primary" @click=${() => void desk.openPage(url, callId)}><ld-icon name="open"></ld-icon>${desk.t("open_contact")}</button>` : nothing}
      <button @click=${() => desk.clearNotice()}>${desk.t("close")}</button></div></div>`;
  }

  /** @param {Controller} desk */
  _tabs(desk) {
    const { t } = desk;
    const tabs = [
      { id: "dial", icon: "dialpad", label: t("tab_dial") },
      { id: "history", icon: "history", label: t("tab_history") },
      { id: "colleagues", icon: "colleagues", label: t("tab_colleagues") },
    ];
    return html`<div>
      <ld-tabs .tabs=${tabs} .selected=${this._tab}></ld-tabs>
      <div class="panel" role="tabpanel" aria-label=${t(`tab_${this._tab}`)}>
        <ld-dialpad .t=${t} ?hidden=${this._tab !== "dial"} ?busy=${desk.dial.phase === "sending"}></ld-dialpad>
        ${this._tab === "history" ? html`<ld-history .t=${t} .view=${desk.lists.history} .nowMs=${desk.serverNowMs}></ld-history>` : nothing}
        ${this._tab === "colleagues" ? html`<ld-colleagues .t=${t} .view=${desk.lists.colleagues}></ld-colleagues>` : nothing}
      </div>
    </div>`;
  }

  /** @param {Controller} desk */
  _settingsPanel(desk) {
    const { t, state } = desk;
    const byRule = state.agent?.open_page === "ring" || state.agent?.open_page === "answer";
    return html`<div>
      <div class="settings-head"><h2>${t("settings")}</h2>
        <button class="quiet" aria-label=${t("settings_close")} title=${t("settings_close")} @click=${this._closeSettings}><ld-icon name="close"></ld-icon></button></div>
      <ld-settings .t=${t} .agent=${state.agent} .permission=${desk.bell.notifier.permission} .sound=${desk.prefs.value.sound}
        .soundBlocked=${desk.bell.tone.blocked} .needsTab=${byRule && !desk.pages.ready} .embed=${desk.boot.embed}></ld-settings>
    </div>`;
  }
}

customElements.define("ld-desk", Desk);
