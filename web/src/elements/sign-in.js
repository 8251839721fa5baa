/**
 * `<ld-sign-in>`: what a desk shows that nobody is signed in to.
 */
import { css, html, LitElement } from "lit";
import { emit, shared } from "./shared.js";

export class SignInPrompt extends LitElement {
  static properties = { error: { type: String }, t: { attribute: false } };
  static styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--ld-s3);
        justify-items: start;
        align-content: start;
        padding: var(--ld-s1);
      }
      h2 {
        color: var(--ld-text);
        font-size: var(--ld-large);
      }
      .error {
        color: var(--ld-danger);
      }
    `,
  ];

  constructor() {
    super();
    this.error = "";
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  render() {
    const { t } = this;
    return html`
      <h2>${t("signed_out_title")}</h2>
      <p>${t("signed_out_text")}</p>
      <button class="primary" @click=${() => emit(this, "ld-sign-in")}>${t("sign_in")}</button>
      <p class="error" role="alert">${this.error}</p>
    `;
  }
}

customElements.define("ld-sign-in", SignInPrompt);
