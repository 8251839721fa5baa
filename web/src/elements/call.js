/**
 * `<ld-call>`: one call as a card: who it is, how sure we are and why, and the one thing to do next.
 */
import { css, html, LitElement, nothing } from "lit";
import {
  callerTitle,
  certainty,
  route,
  runningSince,
  stateWords,
  talkedMs,
  titleIsNumber,
  why,
} from "../core/describe.js";
import { duration } from "../core/format.js";
import { FINAL } from "../core/frames.js";
import { emit, isPlainClick, shared } from "./shared.js";
import "./icon.js";
import "./number.js";

/** @typedef {import("../core/types.js").Call} Call */
/** @typedef {import("../core/types.js").Contact} Contact */

/** @type {Record<string, string>} */
const ICON = {
  talking: "talking",
  held: "held",
  ended: "ended",
  missed: "missed",
  "answered-elsewhere": "elsewhere",
};

export class CallCard extends LitElement {
  static properties = {
    call: { attribute: false },
    nowMs: { type: Number },
    compact: { type: Boolean, reflect: true },
    state: { type: String, reflect: true },
    t: { attribute: false },
  };
  static styles = [
    shared,
    css`
      :host {
        display: block;
        padding: var(--ld-s2) var(--ld-s3) var(--ld-s3);
        border: 1px solid var(--ld-line);
        border-inline-start: 4px solid var(--_state);
        border-radius: var(--ld-radius);
        background: var(--ld-bg);
        --_state: var(--ld-line-strong);
      }
      :host([state="ringing"]) {
        --_state: var(--ld-accent);
        border-color: var(--ld-accent);
      }
      :host([state="talking"]) {
        --_state: var(--ld-ok);
      }
      :host([state="held"]) {
        --_state: var(--ld-warn);
      }
      :host([state="missed"]) {
        --_state: var(--ld-danger);
      }
      .state {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: var(--ld-target);
        color: var(--_state);
        font-size: var(--ld-small);
        font-weight: 600;
      }
      :host([state="ended"]) .state,
      :host([state="answered-elsewhere"]) .state {
        color: var(--ld-text-soft);
      }
      .state .words {
        flex: 0 1 auto;
        min-width: 0;
      }
      .state button {
        margin-inline-start: auto;
        margin-inline-end: -8px;
      }
      .name {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        overflow-wrap: anywhere;
        min-height: 30px;
        margin: 0;
        color: var(--ld-text);
        font-size: var(--ld-name);
        font-weight: 650;
        line-height: 30px;
        animation: fade var(--ld-motion);
      }
      .who.possible {
        margin-inline: -9px;
        padding: 2px 8px 4px;
        border: 1px dashed var(--ld-line-strong);
        border-radius: var(--ld-radius);
      }
      .who.possible .name {
        font-weight: 500;
      }
      .company {
        min-height: 21px;
      }
      .facts {
        min-height: 18px;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--ld-s2);
        margin-top: var(--ld-s2);
      }
      .actions a {
        flex: 1 1 auto;
      }
      ul {
        display: grid;
        gap: var(--ld-s1);
        margin: var(--ld-s2) 0 0;
        padding: 0;
        list-style: none;
      }
      li a.button {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        justify-content: stretch;
        gap: 0 var(--ld-s2);
        padding-block: 6px;
      }
      li.possible a.button {
        border-style: dashed;
      }
      li ld-icon {
        grid-row: 1 / span 2;
        grid-column: 2;
        align-self: center;
      }
      :host([compact]) .name {
        font-size: var(--ld-large);
        line-height: 24px;
        min-height: 24px;
        -webkit-line-clamp: 1;
      }
      :host([compact]) {
        padding-block: 0 var(--ld-s2);
      }
      @keyframes fade {
        from {
          opacity: 0;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Call|null} */
    this.call = null;
    /** The server's clock, epoch ms. */
    this.nowMs = 0;
    this.compact = false;
    this.state = "";
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("call")) this.state = this.call?.state ?? "";
  }

  render() {
    const { call, t } = this;
    if (!call) return nothing;
    const sure = certainty(call);
    const titled = sure === "unknown" || sure === "many";
    const company = call.contact?.name ? call.contact.company : "";
    return html`
      <article aria-label=${`${stateWords(call, t)}: ${callerTitle(call, t)}`}>
        ${this._stateLine(call)}
        <div class="who ${sure}">
          <h2 class="name">${titleIsNumber(call) ? html`<bdi dir="ltr" class="number" title=${call.number ?? ""}>${callerTitle(call, t)}</bdi>` : html`<bdi>${callerTitle(call, t)}</bdi>`}</h2>
          ${company ? html`<div class="company cut" title=${company}><bdi>${company}</bdi></div>` : nothing}
          ${call.network_name && titled ? html`<div class="company cut"><bdi>${t("network_says", { name: call.network_name })}</bdi></div>` : nothing}
          ${call.number ? this._number(call, titled) : nothing}
          ${this._facts(call)}
        </div>
        ${this._actions(call)}
      </article>
    `;
  }

  /** @param {Call} call */
  _stateLine(call) {
    const since = runningSince(call);
    const talked = talkedMs(call);
    const time = since !== null ? duration(this.nowMs - since) : talked !== null ? duration(talked) : "";
    const icon =
      call.state === "ringing" ? (call.direction === "outbound" ? "outgoing" : "incoming") : ICON[call.state];
    return html`<div class="state">
      <ld-icon name=${icon}></ld-icon>
      <span class="words cut"><bdi>${stateWords(call, this.t)}</bdi></span>
      ${time ? html`<span class="number" role="timer">${time}</span>` : nothing}
      ${
        FINAL.has(call.state)
          ? html`<button class="quiet" aria-label=${this.t("dismiss")} title=${this.t("dismiss")}
              @click=${() => emit(this, "ld-dismiss", { id: call.id })}><ld-icon name="close"></ld-icon></button>`
          : nothing
      }
    </div>`;
  }

  /** The number under a name, or only its buttons when it is the title itself. @param {Call} call @param {boolean} titled */
  _number(call, titled) {
    const over = FINAL.has(call.state);
    // Under a title that is the number itself, or a colleague's name, stands the number as it is dialled.
    const shown = titled ? "" : call.display;
    if (titled && this.compact) return nothing;
    return html`<ld-number .t=${this.t} .value=${call.number ?? ""} .display=${shown || (call.number ?? "")} ?dialable=${over}></ld-number>`;
  }

  /** @param {Call} call */
  _facts(call) {
    const reason = why(call, this.t);
    const way = route(call, this.t);
    return html`<div class="facts soft" aria-live="polite">${[reason, ...way].filter(Boolean).map((text, at) => html`${at ? " · " : ""}<bdi>${text}</bdi>`)}</div>`;
  }

  /** @param {Call} call */
  _actions(call) {
    const { t } = this;
    if (call.withheld) return nothing;
    const many = call.candidates.length > 1 ? call.candidates : [];
    const others = many.filter((one) => one.id !== call.contact?.id || one.app !== call.contact.app);
    const page = call.contact?.page_url;
    const primary = page
      ? html`<a class="button primary" href=${page} target="linedesk-crm" rel="noopener" @click=${this._open}
          ><ld-icon name="open"></ld-icon>${t("open_contact")}</a>`
      : nothing;
    const create = call.create.map(
      (
        one,
        at,
      ) => html`<a class="button ${!page && !others.length && at === 0 ? "primary" : ""}" href=${one.url}
          target="linedesk-crm" rel="noopener" @click=${this._open}><ld-icon name="create"></ld-icon><bdi>${one.label || t("create_contact")}</bdi></a>`,
    );
    return html`
      ${page || create.length ? html`<div class="actions">${primary}${create}</div>` : nothing}
      ${others.length ? html`<ul aria-label=${t("candidates")}>${others.map((one) => this._candidate(one))}</ul>` : nothing}
    `;
  }

  /** @param {Contact} one */
  _candidate(one) {
    const name = one.name || one.company || this.t("unnamed");
    const title = one.certainty === "sure" ? name : this.t("possibly", { name });
    const more = [one.name ? one.company : "", one.reason].filter(Boolean).join(" · ");
    const text = html`<span class="cut"><bdi>${title}</bdi></span><span class="cut soft"><bdi>${more}</bdi></span>`;
    return html`<li class=${one.certainty}>${
      one.page_url
        ? html`<a class="button" href=${one.page_url} target="linedesk-crm" rel="noopener" @click=${this._open}>${text}<ld-icon name="open"></ld-icon></a>`
        : html`<div>${text}</div>`
    }</li>`;
  }

  /** @param {MouseEvent} event */
  _open(event) {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    const url = /** @type {HTMLAnchorElement} */ (event.currentTarget).href;
    emit(this, "ld-open", { url, callId: this.call?.id ?? null });
  }
}

customElements.define("ld-call", CallCard);
