/**
 * `<ld-number>`: a number that can be read, copied and (unless it is being called) dialled. Always left to right.
 */
import { css, html, LitElement, nothing } from "lit";
import { emit, shared } from "./shared.js";
import "./icon.js";

const COPIED_MS = 1500;

export class NumberLine extends LitElement {
  static properties = {
    value: { type: String },
    display: { type: String },
    dialable: { type: Boolean },
    bare: { type: Boolean },
    t: { attribute: false },
    _copied: { state: true },
  };
  static styles = [
    shared,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 2px;
        min-height: var(--ld-target);
      }
      bdi {
        margin-inline-end: var(--ld-s1);
      }
    `,
  ];

  constructor() {
    super();
    this.value = "";
    this.display = "";
    this.dialable = false;
    /** Only the buttons: the number itself stands beside them. */
    this.bare = false;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
    this._copied = false;
  }

  render() {
    const spoken = this.value || this.display;
    return html`
      <bdi dir="ltr" class=${this.bare ? "sr" : "number"} title=${spoken}>${this.display || this.value}</bdi>
      ${
        this.dialable
          ? html`<button class="quiet" aria-label=${this.t("call_number", { number: spoken })}
              title=${this.t("call_number", { number: spoken })} @click=${this._dial}><ld-icon name="phone"></ld-icon></button>`
          : nothing
      }
      <button class="quiet" aria-label=${this.t("copy_number", { number: spoken })} title=${this.t("copy")}
        @click=${this._copy}><ld-icon name=${this._copied ? "check" : "copy"} size="16"></ld-icon></button>
      <span class="sr" role="status">${this._copied ? this.t("copied") : ""}</span>
    `;
  }

  _dial() {
    emit(this, "ld-dial", { number: this.value, display: this.display });
  }

  async _copy() {
    try {
      await navigator.clipboard.writeText(this.value || this.display);
    } catch {
      // The browser keeps the clipboard from us: select the number, so that one key copies it.
      const text = this.renderRoot.querySelector("bdi");
      if (text) getSelection()?.selectAllChildren(text);
      return;
    }
    this._copied = true;
    setTimeout(() => {
      this._copied = false;
    }, COPIED_MS);
  }
}

customElements.define("ld-number", NumberLine);
