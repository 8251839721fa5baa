/**
 * `<ld-tabs>`: the tab list alone, with roving focus; the panels belong to whoever uses it.
 */
import { css, html, LitElement } from "lit";
import { emit, shared } from "./shared.js";
import "./icon.js";

export class Tabs extends LitElement {
  static properties = { tabs: { attribute: false }, selected: { type: String } };
  static styles = [
    shared,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      [role="tablist"] {
        display: flex;
        border-bottom: 1px solid var(--ld-line);
      }
      button {
        /* By their words' own lengths: in a narrow panel the longest takes what the others leave. */
        flex: 1 1 auto;
        min-width: 0;
        padding: 0 var(--ld-s1);
        border: 0;
        border-bottom: 3px solid transparent;
        border-radius: 0;
        background: transparent;
        color: var(--ld-text-soft);
        font-size: var(--ld-small);
      }
      button[aria-selected="true"] {
        border-bottom-color: var(--ld-accent);
        color: var(--ld-text);
        font-weight: 600;
      }
      @container (max-width: 250px) {
        ld-icon {
          display: none !important;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {{id: string, icon: string, label: string}[]} */
    this.tabs = [];
    this.selected = "";
  }

  render() {
    return html`<div role="tablist" @keydown=${this._keys}>${this.tabs.map(
      ({ id, icon, label }) => html`<button role="tab" id="tab-${id}" aria-selected=${id === this.selected}
        tabindex=${id === this.selected ? 0 : -1} @click=${() => emit(this, "ld-tab", { id })}
        ><ld-icon name=${icon} size="16"></ld-icon><span class="cut">${label}</span></button>`,
    )}</div>`;
  }

  /** @param {KeyboardEvent} event */
  _keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const at = this.tabs.findIndex((one) => one.id === this.selected);
    const to =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? this.tabs.length - 1
          : (at + step + this.tabs.length) % this.tabs.length;
    if (to === at) return;
    event.preventDefault();
    emit(this, "ld-tab", { id: this.tabs[to].id });
    /** @type {HTMLElement|null} */ (this.renderRoot.querySelector(`#tab-${this.tabs[to].id}`))?.focus();
  }
}

customElements.define("ld-tabs", Tabs);
