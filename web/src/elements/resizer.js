/**
 * `<ld-resizer edge="left">`: an edge of the embedded panel for the keyboard; the mouse drags the page's own
 * grip that lies over it. It only says by how much: the panel belongs to the page.
 */
import { css, html, LitElement } from "lit";
import { emit, shared } from "./shared.js";

const KEY_STEP_PX = 20;

export class Resizer extends LitElement {
  static properties = {
    edge: { type: String, reflect: true },
    label: { type: String },
    value: { type: Number },
    limits: { attribute: false },
  };
  static styles = [
    shared,
    css`
      :host {
        position: absolute;
        z-index: 1;
        inset: 0 0 auto 0;
        height: 6px;
        pointer-events: none;
      }
      :host([edge="left"]) {
        inset: 0 auto 0 0;
        width: 6px;
        height: auto;
      }
      div {
        width: 100%;
        height: 100%;
      }
      div:focus-visible {
        background: var(--ld-accent);
        outline: 0;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {"left"|"top"} */
    this.edge = "left";
    this.label = "";
    this.value = 0;
    this.limits = [0, 0];
  }

  render() {
    return html`<div role="separator" tabindex="0" aria-label=${this.label} aria-valuenow=${this.value}
      aria-valuemin=${this.limits[0]} aria-valuemax=${this.limits[1]}
      aria-orientation=${this.edge === "left" ? "vertical" : "horizontal"} @keydown=${this._key}></div>`;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const step = { ArrowLeft: 1, ArrowUp: 1, ArrowRight: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    emit(this, "ld-resize", { edge: this.edge, byPx: step * KEY_STEP_PX });
  }
}

customElements.define("ld-resizer", Resizer);
