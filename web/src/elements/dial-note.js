/**
 * `<ld-dial-note>`: what became of a dial: the question before a costly call, the reason for a refusal, or
 * that the agent's own phone rings first.
 */
import { css, html, LitElement, nothing } from "lit";
import { IDLE } from "../core/dialling.js";
import { emit, shared } from "./shared.js";
import "./icon.js";

export class DialNote extends LitElement {
  static properties = { dial: { attribute: false }, t: { attribute: false } };
  static styles = [
    shared,
    css`
      .box {
        display: grid;
        gap: var(--ld-s1);
        padding: var(--ld-s2) var(--ld-s3);
        border: 1px solid var(--ld-line);
        border-inline-start: 4px solid var(--ld-accent);
        border-radius: var(--ld-radius);
      }
      .question,
      .refused {
        border-inline-start-color: var(--ld-warn);
      }
      strong {
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        gap: var(--ld-s2);
        margin-top: var(--ld-s1);
      }
    `,
  ];

  constructor() {
    super();
    this.dial = IDLE;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  render() {
    const { dial, t } = this;
    if (dial.phase === "idle" || !dial.wish) return nothing;
    const number = html`<bdi dir="auto" class="number">${dial.wish.display}</bdi>`;
    const close = html`<button @click=${() => emit(this, "ld-dial-clear")}>${t(dial.phase === "question" ? "dont_call" : "close")}</button>`;
    switch (dial.phase) {
      case "sending":
        return html`<div class="box" role="status"><strong>${number}</strong><span class="soft">${t("dial_sending")}</span></div>`;
      case "accepted":
        return html`<div class="box" role="status"><strong>${number}</strong><span class="soft">${t("dial_accepted")}</span></div>`;
      case "question":
        return html`<div class="box question" role="alert"><strong>${number}</strong><span>${dial.message}</span>
          <div class="actions"><button class="primary" @click=${() => emit(this, "ld-dial-confirm")}>
            <ld-icon name="phone"></ld-icon>${t("call_anyway")}</button>${close}</div></div>`;
      case "refused":
        return html`<div class="box refused" role="alert"><strong>${number}</strong>
          <span>${dial.message || t(dial.code === "unreachable" ? "error_unreachable" : "error_garbled")}</span>
          <span class="soft">${dial.remedy}</span><div class="actions">${close}</div></div>`;
      default:
        return nothing;
    }
  }
}

customElements.define("ld-dial-note", DialNote);
