/**
 * `<ld-candidates>`: the people a caller may be, one row each: open the page, or say that it is this one.
 */
import { css, html, LitElement, nothing } from "lit";
import { companyOf, doubtfulName, nameOf, otherPages } from "../core/describe.js";
import { marked, marks } from "./marks.js";
import { emit, isPlainClick, shared } from "./shared.js";
import "./icon.js";

/** @typedef {import("../core/types.js").Contact} Contact */

/** A list that is longer is cut until it is asked for, so that no other call is pushed out of sight. */
const MOST = 5;

export class Candidates extends LitElement {
  static properties = {
    items: { attribute: false },
    number: { attribute: false },
    callId: { attribute: false },
    company: { attribute: false },
    t: { attribute: false },
    _all: { state: true },
  };
  static shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static styles = [
    shared,
    marked,
    css`
      :host {
        display: block;
        margin-top: var(--ld-s2);
      }
      ul {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--ld-s1);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        border: 1px solid var(--ld-line);
        border-radius: var(--ld-radius);
      }
      li.possible {
        border-style: dashed;
        border-color: var(--ld-line-strong);
      }
      .who {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-content: center;
        gap: 0 var(--ld-s2);
        min-height: 48px;
        padding: 4px var(--ld-s2);
        border-radius: var(--ld-radius);
        color: var(--ld-text);
        text-decoration: none;
      }
      a.who:hover {
        background: var(--ld-bg-press);
      }
      .who ld-icon {
        grid-row: 1 / span 3;
        grid-column: 2;
        align-self: center;
        color: var(--ld-text-soft);
      }
      .who > span {
        grid-column: 1;
        min-width: 0;
      }
      .name {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
      .sure .name {
        font-weight: 600;
      }
      .why {
        overflow-wrap: anywhere;
      }
      .choose {
        margin: 3px;
        align-self: center;
        border-color: transparent;
        color: var(--ld-accent);
        font-weight: 600;
      }
      .pages {
        display: flex;
        flex-wrap: wrap;
        grid-column: 1 / -1;
        padding-inline-start: 2px;
      }
      .pages a {
        display: inline-flex;
        align-items: center;
        gap: 2px;
        min-height: var(--ld-target);
        max-width: 100%;
        padding: 0 6px;
        font-size: var(--ld-small);
      }
      .all {
        margin-top: var(--ld-s1);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Contact[]} */
    this.items = [];
    /** @type {string|null} */
    this.number = null;
    /** @type {string|null} */
    this.callId = null;
    /** The company they all share: it need not be said with each. */
    this.company = "";
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
    this._all = false;
  }

  render() {
    const { items, t } = this;
    const cut = !this._all && items.length > MOST;
    return html`
      <ul aria-label=${t("candidates")}>${(cut ? items.slice(0, MOST - 1) : items).map((one) => this._row(one))}</ul>
      ${
        cut
          ? html`<button class="all" @click=${() => {
              this._all = true;
            }}>${t("candidates_all", { n: items.length })}</button>`
          : nothing
      }
    `;
  }

  /** @param {Contact} one */
  _row(one) {
    const { t, number } = this;
    const title = doubtfulName(one, t);
    const company = companyOf(one) === this.company ? "" : companyOf(one);
    const text = html`<span class="name" title=${title}><bdi>${title}</bdi></span>
      ${company ? html`<span class="soft cut" title=${company}><bdi>${company}</bdi></span>` : nothing}
      <span class="why soft">${marks(one, t)}<bdi>${one.reason}</bdi></span>`;
    const choose = t("pick_name", { name: nameOf(one, t) });
    return html`<li class=${one.certainty}>
      ${
        one.page_url
          ? html`<a class="who" href=${one.page_url} target="linedesk-crm" rel="noopener" @click=${this._open}>${text}<ld-icon name="open"></ld-icon></a>`
          : html`<div class="who">${text}</div>`
      }
      ${
        number
          ? html`<button class="choose" aria-label=${choose} title=${`${choose}. ${t("pick_remembered")}`}
              @click=${() => emit(this, "ld-pick", { number, id: one.id })}>${t("pick")}</button>`
          : nothing
      }
      ${this._others(one)}
    </li>`;
  }

  /** @param {Contact} one */
  _others(one) {
    const others = otherPages(one);
    if (!others.length) return nothing;
    return html`<div class="pages">${others.map(
      (page) => html`<a href=${page.url} target="linedesk-crm" rel="noopener" @click=${this._open}
        aria-label=${this.t("open_name_in", { name: nameOf(one, this.t), app: page.name })}
        ><bdi class="cut">${page.name}</bdi><ld-icon name="open" size="16"></ld-icon></a>`,
    )}</div>`;
  }

  /** @param {MouseEvent} event */
  _open(event) {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    const url = /** @type {HTMLAnchorElement} */ (event.currentTarget).href;
    emit(this, "ld-open", { url, callId: this.callId });
  }
}

customElements.define("ld-candidates", Candidates);
