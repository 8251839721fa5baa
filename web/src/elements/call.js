/**
 * `<ld-call>`: one call as a card: who it is, how sure we are and why, and the one thing to do next.
 */
import { html, LitElement, nothing } from "lit";
import {
  callerTitle,
  certainty,
  companyLine,
  openWords,
  otherPages,
  route,
  runningSince,
  stateWords,
  talkedMs,
  titleIsNumber,
  why,
} from "../core/describe.js";
import { duration } from "../core/format.js";
import { FINAL } from "../core/frames.js";
import { callStyles } from "./call-styles.js";
import { marked, marks } from "./marks.js";
import { emit, isPlainClick, shared } from "./shared.js";
import "./candidates.js";
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
  static styles = [shared, marked, callStyles];

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
    /** Where the focus is to go once the choice has changed: its button is then gone. */
    this._chose = false;
    this.addEventListener("ld-pick", () => {
      this._chose = true;
    });
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("call")) this.state = this.call?.state ?? "";
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const before = /** @type {Call|null|undefined} */ (changed.get("call"));
    if (!this._chose || !before || before.picked === this.call?.picked) return;
    this._chose = false;
    /** @type {HTMLElement|null} */ (
      this.renderRoot.querySelector("#again, #choose, ld-candidates")
    )?.focus();
  }

  render() {
    const { call, t } = this;
    if (!call) return nothing;
    const sure = certainty(call);
    const titled = sure === "unknown" || sure === "many";
    const company = companyLine(call);
    return html`
      <article aria-label=${`${stateWords(call, t)}: ${callerTitle(call, t)}`}>
        ${this._stateLine(call)}
        <div class="who ${sure}">
          ${this._title(call, titled)}
          ${company ? html`<div class="company cut" title=${company}><bdi>${company}</bdi></div>` : nothing}
          ${call.network_name && titled ? html`<div class="company cut"><bdi>${t("network_says", { name: call.network_name })}</bdi></div>` : nothing}
          ${call.number && !(titled && this.compact) ? this._number(call, titled) : nothing}
          ${this._facts(call)}
        </div>
        ${call.contact ? [this._actions(call), this._others(call)] : [this._others(call), this._actions(call)]}
      </article>
    `;
  }

  /** The name; in a small card without one the number's buttons stand beside it. @param {Call} call @param {boolean} titled */
  _title(call, titled) {
    const text = callerTitle(call, this.t);
    const title = titleIsNumber(call)
      ? html`<bdi dir="ltr" class="number" title=${call.number ?? ""}>${text}</bdi>`
      : html`<bdi>${text}</bdi>`;
    const buttons = titled && this.compact && call.number;
    return html`<div class="title"><h2 class="name" title=${text}>${title}</h2>${
      buttons
        ? html`<ld-number bare .t=${this.t} .value=${call.number ?? ""} ?dialable=${FINAL.has(call.state)}></ld-number>`
        : nothing
    }</div>`;
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

  /** Under a title that is the number, or a colleague's name, stands it as it is dialled. @param {Call} call @param {boolean} titled */
  _number(call, titled) {
    const shown = titled ? "" : call.display;
    return html`<ld-number .t=${this.t} .value=${call.number ?? ""} .display=${shown || (call.number ?? "")} ?dialable=${FINAL.has(call.state)}></ld-number>`;
  }

  /** @param {Call} call */
  _facts(call) {
    const parts = [why(call, this.t), ...route(call, this.t)].filter(Boolean);
    return html`<div class="facts soft" aria-live="polite">${call.contact ? marks(call.contact, this.t) : nothing}${parts.map((text, at) => html`${at ? " · " : ""}<bdi>${text}</bdi>`)}</div>`;
  }

  /** @param {Call} call */
  _actions(call) {
    if (call.withheld) return nothing;
    const { contact, company } = call;
    const pages = contact ? this._pages(call, contact) : [];
    const all = [
      ...pages,
      ...this._choice(call),
      ...(company?.page_url ? [this._company(company)] : []),
      ...this._creations(call, !pages.length && call.candidates.length < 2),
    ];
    return all.length ? html`<div class="actions">${all}</div>` : nothing;
  }

  /** One button for the page that opens first, a small one for each other. @param {Call} call @param {Contact} contact */
  _pages(call, contact) {
    const { t } = this;
    // Once it is over the page is no longer the thing to do next.
    const look = FINAL.has(call.state) ? "" : "primary";
    const others = otherPages(contact).map((one) => {
      const says = t("open_in", { app: one.name });
      return this._link(one.url ?? "", "", html`<bdi class="cut">${one.name}</bdi>`, { says });
    });
    return contact.page_url
      ? [this._link(contact.page_url, look, html`<bdi class="cut">${openWords(contact, t)}</bdi>`), ...others]
      : others;
  }

  /** "This is the person", and the way back from it. @param {Call} call */
  _choice(call) {
    const { contact, candidates, number } = call;
    if (!contact || !number) return [];
    if (call.picked) {
      const words = this.t(candidates.length > 1 ? "pick_again" : "pick_undo");
      return [
        html`<button id="again" class="quiet wide" @click=${() => this._pick(number, null)}>${words}</button>`,
      ];
    }
    if (contact.certainty === "sure") return [];
    return [
      html`<button id="choose" title=${this.t("pick_remembered")} @click=${() => this._pick(number, contact.id)}
        ><ld-icon name="check"></ld-icon>${this.t(contact.type === "company" ? "pick_this_company" : "pick_this")}</button>`,
    ];
  }

  /** @param {import("../core/types.js").Company} company */
  _company(company) {
    const words = this.t("open_company", { name: company.name });
    return this._link(company.page_url ?? "", "", html`<bdi class="cut">${words}</bdi>`, {
      icon: "company",
      says: words,
    });
  }

  /** New-contact pages, until the agent has said who it is. @param {Call} call @param {boolean} strong  the first is the thing to do */
  _creations(call, strong) {
    if (call.picked) return [];
    return call.create.map((one, at) => {
      const words = html`<bdi class="cut">${one.label || this.t("create_contact")}</bdi>`;
      return this._link(one.url, strong && at === 0 ? "primary" : "", words, { icon: "create" });
    });
  }

  /**
   * @param {string} url @param {string} look @param {unknown} words
   * @param {{icon?: string, says?: string}} [more]  says: the whole sentence, where the words are cut or short
   */
  _link(url, look, words, { icon = "open", says } = {}) {
    return html`<a class="button ${look}" href=${url} target="linedesk-crm" rel="noopener" title=${says ?? nothing}
      aria-label=${says ?? nothing} @click=${this._open}><ld-icon name=${icon}></ld-icon>${words}</a>`;
  }

  /** Who else it may be. After a choice they are out of the way until it is taken back. @param {Call} call */
  _others(call) {
    if (call.withheld || call.picked) return nothing;
    const others = call.candidates.filter(
      (one) => one.id !== call.contact?.id || one.app !== call.contact.app,
    );
    return others.length
      ? html`<ld-candidates .t=${this.t} .items=${others} .number=${call.number} .callId=${call.id} .company=${call.company?.name ?? ""}></ld-candidates>`
      : nothing;
  }

  /** @param {string} number @param {string|null} id */
  _pick(number, id) {
    emit(this, "ld-pick", { number, id });
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
