/**
 * `<ld-search>`: contacts by name, company, e-mail or digits; keyboard first. Each result has a line for its
 * page and one for each number: arrows choose, Enter opens or dials.
 */
import Combobox from "@github/combobox-nav";
import { css, html, LitElement, nothing } from "lit";
import { emit, shared } from "./shared.js";
import "./icon.js";

/** @typedef {import("../core/types.js").Item} Item */
/** @typedef {{items: Item[], total: number, more: boolean}} Found */

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
      [role="group"] + [role="group"] {
        border-top: 1px solid var(--ld-line);
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
      .dial {
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
        padding: var(--ld-s2);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {(text: string, signal: AbortSignal) => Promise<Found>} */
    this.find = async () => ({ items: [], total: 0, more: false });
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
        <div role="listbox" id="results" aria-label=${t("search_results")} @combobox-commit=${this._commit}>
          ${this._found?.items.map((item, at) => this._group(item, at))}
        </div>
        <p class="note soft" role="status">${this._note()}</p>
      </div>
    `;
  }

  _note() {
    const { t } = this;
    if (this._error) return this._error;
    if (!this._found) return this._waiting ? t("searching") : "";
    const { items, total } = this._found;
    if (!items.length) return t("search_none");
    return t(items.length < total ? "n_of_m" : "n_found", { n: items.length, m: total });
  }

  /** @param {Item} item @param {number} at */
  _group(item, at) {
    const name = item.name || item.company || this.t("unnamed");
    const more = item.name ? item.company : "";
    const whole = [name, more].filter(Boolean).join(" ");
    return html`<div role="group" aria-label=${name}>
      <div role="option" id="o${at}" aria-disabled=${item.page_url ? "false" : "true"} data-at=${at}
        aria-label=${item.page_url ? this.t("open_page_of", { name: whole }) : whole}>
        <span><span class="name cut"><bdi>${name}</bdi></span>${more ? html` <span class="soft cut"><bdi>${more}</bdi></span>` : nothing}</span>
        ${item.page_url ? html`<ld-icon name="open"></ld-icon>` : nothing}
      </div>
      ${item.numbers.map(
        (
          number,
          index,
        ) => html`<div role="option" class="dial" id="o${at}n${index}" data-at=${at} data-number=${index}
          aria-label=${this.t("call_name_at", { name, number: number.display, label: number.label })}>
          <span class="cut"><bdi dir="ltr" class="number" title=${number.e164}>${number.display}</bdi> <bdi class="soft">${number.label}</bdi></span>
          <ld-icon name="phone"></ld-icon>
        </div>`,
      )}
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
    else if (item.page_url) emit(this, "ld-open", { url: item.page_url, callId: null });
  }
}

customElements.define("ld-search", Search);
