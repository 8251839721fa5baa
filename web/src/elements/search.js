/**
 * `<ld-search>`: contacts by name, company, e-mail or digits; keyboard first. Each result has a line for its
 * page and one for each number: arrows choose, Enter opens or dials.
 */
import Combobox from "@github/combobox-nav";
import { css, html, LitElement, nothing } from "lit";
import { companyOf, foundWords, nameOf, openWords, otherPages, marks as words } from "../core/describe.js";
import { marked, marks } from "./marks.js";
import { emit, shared } from "./shared.js";
import "./icon.js";

/** @typedef {import("../core/types.js").Item} Item */
/** @typedef {import("../core/types.js").Found} Found */

const PAUSE_MS = 150;
const SHORTEST = 2;

export class Search extends LitElement {
  static properties = {
    find: { attribute: false },
    sentence: { attribute: false },
    t: { attribute: false },
    _text: { state: true },
    _found: { state: true },
    _error: { state: true },
    _waiting: { state: true },
  };
  static styles = [
    shared,
    marked,
    css`
      .field {
        position: relative;
      }
      .field > ld-icon {
        position: absolute;
        inset-inline-start: 10px;
        top: 11px;
        color: var(--ld-text-soft);
        pointer-events: none;
      }
      input {
        width: 100%;
        height: var(--ld-target);
        padding-block: 0;
        padding-inline: 36px var(--ld-s2);
        border: 1px solid var(--ld-line-strong);
        border-radius: var(--ld-radius);
        background: var(--ld-bg);
      }
      input:not(:placeholder-shown) {
        padding-inline-end: var(--ld-target);
      }
      input:placeholder-shown {
        text-overflow: ellipsis;
      }
      input::-webkit-search-cancel-button {
        display: none;
      }
      input::placeholder {
        color: var(--ld-text-soft);
      }
      .field button {
        position: absolute;
        inset-inline-end: 0;
        top: 0;
      }
      .list {
        margin-top: var(--ld-s1);
        border: 1px solid var(--ld-line);
        border-radius: var(--ld-radius);
      }
      [role="option"] {
        display: flex;
        align-items: center;
        gap: var(--ld-s2);
        min-height: var(--ld-target);
        padding: 2px var(--ld-s2);
        cursor: pointer;
      }
      [role="option"] > span {
        flex: 1;
        min-width: 0;
      }
      [role="option"] > span > span {
        display: block;
      }
      .name {
        font-weight: 600;
      }
      .under {
        padding-inline-start: var(--ld-s4);
      }
      [role="option"]:hover {
        background: var(--ld-bg-soft);
      }
      [aria-selected="true"] {
        background: var(--ld-bg-press);
        outline: 2px solid var(--ld-accent);
        outline-offset: -2px;
      }
      [aria-disabled="true"] {
        cursor: default;
      }
      ld-icon {
        color: var(--ld-text-soft);
      }
      .note {
        min-height: 18px;
        padding: 6px var(--ld-s2);
      }
      [role="group"] {
        border-top: 1px solid var(--ld-line);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {(text: string, signal: AbortSignal) => Promise<Found>} */
    this.find = async () => ({ items: [], total: 0, exact: true, more: false });
    /** @type {(error: unknown) => string} */
    this.sentence = String;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
    this._text = "";
    /** @type {Found|null} */
    this._found = null;
    this._error = "";
    this._waiting = false;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this._timer = undefined;
    this._abort = new AbortController();
    /** @type {Combobox|null} */
    this._combobox = null;
  }

  get open() {
    return this._text.trim().length >= SHORTEST;
  }

  firstUpdated() {
    this._combobox = new Combobox(
      this._input,
      /** @type {HTMLElement} */ (this.renderRoot.querySelector("[role=listbox]")),
      {
        tabInsertsSuggestions: false,
        firstOptionSelectionMode: "active",
      },
    );
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this._timer);
    this._abort.abort();
    this._combobox?.stop();
  }

  get _input() {
    return /** @type {HTMLInputElement} */ (this.renderRoot.querySelector("input"));
  }

  /** Put the cursor into the field, with this text if there is one. @param {string|null} text */
  async ask(text) {
    await this.updateComplete;
    if (text !== null) this._set(text);
    this._input.focus();
  }

  render() {
    const { t } = this;
    return html`
      <div class="field">
        <ld-icon name="search"></ld-icon>
        <input type="search" autocomplete="off" spellcheck="false" maxlength="100" aria-label=${t("search_label")}
          placeholder=${t("search_hint")} .value=${this._text} @input=${this._typed} @keydown=${this._keydown} />
        ${this._text ? html`<button class="quiet" aria-label=${t("search_clear")} title=${t("search_clear")} @click=${this._clear}><ld-icon name="close"></ld-icon></button>` : nothing}
      </div>
      <div class="list" ?hidden=${!this.open}>
        <p class="note soft" role="status">${this._note()}</p>
        <div role="listbox" id="results" aria-label=${t("search_results")} @combobox-commit=${this._commit}>
          ${this._found?.items.map((item, at) => this._group(item, at))}
        </div>
      </div>
    `;
  }

  _note() {
    const { t } = this;
    if (this._error) return this._error;
    if (!this._found) return this._waiting ? t("searching") : "";
    return foundWords(this._found, t);
  }

  /** @param {Item} item @param {number} at */
  _group(item, at) {
    const name = nameOf(item, this.t);
    return html`<div role="group" aria-label=${name}>
      ${this._person(item, at, name)}
      ${otherPages(item).map((page, index) => this._page(page, `o${at}p${index}`, at, name))}
      ${item.numbers.map((number, index) => this._number(number, `o${at}n${index}`, { at, index, name }))}
    </div>`;
  }

  /** @param {Item} item @param {number} at @param {string} name */
  _person(item, at, name) {
    const app = item.page_url && otherPages(item).length ? openWords(item, this.t) : "";
    const under = [companyOf(item), app].filter(Boolean);
    // What is heard holds what is seen, word for word, so that people who speak to their machine can say it.
    const whole = [name, ...words(item, this.t), under.join(" · ")].filter(Boolean).join(" ");
    return html`<div role="option" id="o${at}" aria-disabled=${item.page_url ? "false" : "true"} data-at=${at} data-url=${item.page_url ?? nothing}
        aria-label=${item.page_url ? this.t("open_page_of", { name: whole }) : whole}>
        <span><span class="name cut" title=${name}><bdi>${name}</bdi></span> ${this._under(item, under)}</span>
        ${item.page_url ? html`<ld-icon name="open"></ld-icon>` : nothing}
      </div>`;
  }

  /** @param {Item} item @param {string[]} parts */
  _under(item, parts) {
    if (!parts.length && !words(item, this.t).length) return nothing;
    return html`<span class="soft cut">${marks(item, this.t)}${parts.map((part, at) => html`${at ? " · " : ""}<bdi>${part}</bdi>`)}</span>`;
  }

  /** @param {import("../core/types.js").Page} page @param {string} id @param {number} at @param {string} name */
  _page(page, id, at, name) {
    return html`<div role="option" class="under" id=${id} data-at=${at} data-url=${page.url}
      aria-label=${this.t("open_name_in", { name, app: page.name })}>
      <span class="cut"><bdi>${this.t("open_in", { app: page.name })}</bdi></span>
      <ld-icon name="open"></ld-icon>
    </div>`;
  }

  /** @param {import("../core/types.js").DialNumber} number @param {string} id @param {{at: number, index: number, name: string}} of */
  _number(number, id, { at, index, name }) {
    const spoken = this.t("call_name_at", { name, number: number.display, label: number.label });
    return html`<div role="option" class="under" id=${id} data-at=${at} data-number=${index} aria-label=${spoken}>
      <span class="cut"><bdi dir="ltr" class="number" title=${number.e164}>${number.display}</bdi> <bdi class="soft">${number.label}</bdi></span>
      <ld-icon name="phone"></ld-icon>
    </div>`;
  }

  /** @param {InputEvent} event */
  _typed(event) {
    this._set(/** @type {HTMLInputElement} */ (event.target).value);
  }

  /** @param {string} text */
  _set(text) {
    this._text = text;
    clearTimeout(this._timer);
    this._abort.abort();
    this._error = "";
    if (!this.open) {
      this._found = null;
      this._waiting = false;
      this._combobox?.stop();
      return;
    }
    this._waiting = true;
    this._timer = setTimeout(() => void this._run(), PAUSE_MS);
  }

  async _run() {
    const abort = new AbortController();
    this._abort = abort;
    try {
      const found = await this.find(this._text.trim(), abort.signal);
      if (!abort.signal.aborted) this._found = found;
    } catch (error) {
      if (abort.signal.aborted) return;
      this._found = null;
      this._error = this.sentence(error);
    }
    if (abort.signal.aborted) return;
    this._waiting = false;
    await this.updateComplete;
    this._combobox?.stop();
    this._combobox?.start();
  }

  /** @param {KeyboardEvent} event */
  _keydown(event) {
    if (event.key !== "Escape" || !this._text) return;
    event.stopPropagation();
    this._clear();
  }

  _clear() {
    this._set("");
    this._input.focus();
  }

  /** @param {Event} event */
  _commit(event) {
    const option = /** @type {HTMLElement} */ (event.target);
    const item = this._found?.items[Number(option.dataset.at)];
    if (!item) return;
    const number = option.dataset.number === undefined ? null : item.numbers[Number(option.dataset.number)];
    if (number) emit(this, "ld-dial", { number: number.e164, display: number.display, origin: "search" });
    else if (option.dataset.url) emit(this, "ld-open", { url: option.dataset.url, callId: null });
  }
}

customElements.define("ld-search", Search);
