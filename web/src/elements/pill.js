/**
 * `<ld-pill>`: the collapsed desk: 56 px, a button that shows the live call and opens the desk.
 */
import { css, html, LitElement, nothing } from "lit";
import { callerTitle, runningSince, stateWords } from "../core/describe.js";
import { duration } from "../core/format.js";
import { emit, shared } from "./shared.js";
import "./icon.js";

export class Pill extends LitElement {
  static properties = {
    call: { attribute: false },
    nowMs: { type: Number },
    link: { type: String },
    t: { attribute: false },
  };
  static styles = [
    shared,
    css`
      :host {
        display: block;
        height: 56px;
      }
      button {
        width: 100%;
        height: 56px;
        padding: 0 17px;
        justify-content: start;
        gap: var(--ld-s3);
        border: 0;
        border-radius: 28px;
        color: var(--ld-accent);
      }
      button:focus-visible {
        outline-offset: -5px;
      }
      button.busy {
        box-shadow: inset 0 0 0 2px currentColor;
      }
      .talking {
        color: var(--ld-ok);
      }
      .held {
        color: var(--ld-warn);
      }
      .missed {
        color: var(--ld-danger);
      }
      .text {
        display: grid;
        min-width: 0;
      }
      .name {
        color: var(--ld-text);
        font-weight: 600;
      }
      .soft {
        color: inherit;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../core/types.js").Call|null} */
    this.call = null;
    this.nowMs = 0;
    this.link = "";
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  render() {
    const { call, t } = this;
    const since = call && runningSince(call);
    const icon = call?.state === "talking" ? "talking" : call?.state === "ringing" ? "incoming" : "phone";
    return html`<button class=${call ? `busy ${call.state}` : ""} aria-label=${call ? nothing : t("expand")}
      title=${t("expand")} @click=${() => emit(this, "ld-expand")}>
      <ld-icon name=${this.link === "signed-out" ? "offline" : icon} size="22"></ld-icon>
      ${
        call
          ? html`<span class="text">
              <span class="name cut"><bdi>${callerTitle(call, t)}</bdi></span>
              <span class="soft cut number">${stateWords(call, t)}${since ? ` · ${duration(this.nowMs - since)}` : ""}</span>
            </span>`
          : nothing
      }
    </button>`;
  }
}

customElements.define("ld-pill", Pill);
