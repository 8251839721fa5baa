/**
 * `<ld-dialpad>`: digits by mouse, keyboard or paste, and a call. Any text is sent as typed: what can be
 * dialled is the service's to say, in words.
 */
import { css, html, LitElement } from "lit";
import { hasDigits, typedNumber } from "../core/numbers.js";
import { emit, shared } from "./shared.js";
import "./icon.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
/** Holding the zero this long types a plus, as on a phone, in ms. */
const HOLD_MS = 500;

export class Dialpad extends LitElement {
  static properties = {
    busy: { type: Boolean },
    t: { attribute: false },
    _text: { state: true },
    _error: { state: true },
  };
  static styles = [
    shared,
    css`
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--ld-s2);
      }
      .line {
        display: flex;
        gap: var(--ld-s1);
      }
      input {
        flex: 1;
        min-width: 0;
        height: 44px;
        padding: 0 var(--ld-s2);
        border: 1px solid var(--ld-line-strong);
        border-radius: var(--ld-radius);
        background: var(--ld-bg);
        font-size: var(--ld-large);
        font-variant-numeric: tabular-nums;
        direction: ltr;
      }
      .keys {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--ld-s1);
      }
      .keys button {
        flex-direction: column;
        gap: 0;
        min-width: 0;
        padding: 0;
        font-size: var(--ld-large);
        touch-action: manipulation;
        user-select: none;
      }
      .error {
        color: var(--ld-danger);
        font-size: var(--ld-small);
        min-height: 18px;
      }
    `,
  ];

  constructor() {
    super();
    this.busy = false;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
    this._text = "";
    this._error = "";
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this._hold = undefined;
    this._held = false;
  }

  render() {
    const { t } = this;
    return html`<form @submit=${this._call} @keydown=${this._keydown} aria-label=${t("tab_dial")}>
      <div class="line">
        <input type="tel" autocomplete="off" spellcheck="false" maxlength="60" aria-label=${t("number_to_dial")}
          aria-describedby="error" .value=${this._text} placeholder=${t("number_to_dial")} @input=${this._typed} @paste=${this._pasted} />
        <button type="button" class="quiet" aria-label=${t("erase")} title=${t("erase")} ?disabled=${!this._text}
          @click=${this._erase}><ld-icon name="erase" size="20"></ld-icon></button>
      </div>
      <div class="keys">${KEYS.map(
        (
          key,
        ) => html`<button type="button" aria-label=${key === "0" ? t("zero_or_plus") : key} @click=${() => this._key(key)}
          @pointerdown=${() => this._down(key)} @pointerup=${this._up} @pointerleave=${this._up}
          >${key === "0" ? html`<span>0 <span class="soft">+</span></span>` : key}</button>`,
      )}</div>
      <button class="primary" ?disabled=${this.busy}><ld-icon name="phone"></ld-icon>${t("call")}</button>
      <p class="error" id="error" role="alert">${this._error}</p>
    </form>`;
  }

  /** Digits typed while one of the buttons has the focus go into the field too. @param {KeyboardEvent} event */
  _keydown(event) {
    const button = event.target instanceof HTMLButtonElement;
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[\d*#+]$/.test(event.key)) this._insert(event.key);
    else if (event.key === "Backspace") this._erase();
    else return;
    event.preventDefault();
  }

  /** @param {InputEvent} event */
  _typed(event) {
    this._set(/** @type {HTMLInputElement} */ (event.target).value);
  }

  /** A pasted number loses line breaks and marks that nobody sees. @param {ClipboardEvent} event */
  _pasted(event) {
    const pasted = typedNumber(event.clipboardData?.getData("text/plain") ?? "");
    if (!pasted) return;
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (event.target);
    field.setRangeText(pasted, field.selectionStart ?? 0, field.selectionEnd ?? field.value.length, "end");
    this._set(field.value);
  }

  /** @param {string} key */
  _key(key) {
    if (this._held) {
      this._held = false;
      return;
    }
    this._insert(key);
  }

  /** @param {string} key */
  _down(key) {
    this._held = false;
    if (key !== "0") return;
    this._hold = setTimeout(() => {
      this._held = true;
      this._insert("+");
    }, HOLD_MS);
  }

  _up() {
    clearTimeout(this._hold);
  }

  /** @param {string} text */
  _insert(text) {
    const field = /** @type {HTMLInputElement} */ (this.renderRoot.querySelector("input"));
    field.setRangeText(
      text,
      field.selectionStart ?? field.value.length,
      field.selectionEnd ?? field.value.length,
      "end",
    );
    this._set(field.value);
  }

  _erase() {
    const field = /** @type {HTMLInputElement} */ (this.renderRoot.querySelector("input"));
    const end = field.selectionEnd ?? field.value.length;
    const start = field.selectionStart === end ? Math.max(0, end - 1) : (field.selectionStart ?? 0);
    field.setRangeText("", start, end, "end");
    this._set(field.value);
  }

  /** @param {string} text */
  _set(text) {
    this._text = text;
    this._error = "";
  }

  /** @param {SubmitEvent} event */
  _call(event) {
    event.preventDefault();
    const number = typedNumber(this._text);
    if (!hasDigits(number)) {
      this._error = this.t("dialpad_empty");
      return;
    }
    if (!this.busy) emit(this, "ld-dial", { number, display: number, origin: "dialpad" });
  }
}

customElements.define("ld-dialpad", Dialpad);
