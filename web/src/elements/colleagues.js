/**
 * `<ld-colleagues>`: the people of the same PBX, to be called by extension.
 */
import { css, html, LitElement, nothing } from "lit";
import { rows } from "./rows.js";
import { emit, shared } from "./shared.js";
import "./icon.js";

const FILTER_FROM = 8;

export class Colleagues extends LitElement {
  static properties = { view: { attribute: false }, t: { attribute: false }, _filter: { state: true } };
  static styles = [
    shared,
    rows,
    css`
      input {
        width: 100%;
        height: var(--ld-target);
        padding: 0 var(--ld-s2);
        border: 1px solid var(--ld-line-strong);
        border-radius: var(--ld-radius);
        background: var(--ld-bg);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../desk/lists.js").ColleaguesView} */
    this.view = { items: [], loading: false, error: "" };
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
    this._filter = "";
  }

  render() {
    const { view, t } = this;
    const wanted = this._filter.trim().toLocaleLowerCase();
    const items = view.items.filter(
      (one) => one.name.toLocaleLowerCase().includes(wanted) || one.extension.startsWith(wanted),
    );
    return html`
      ${
        view.items.length >= FILTER_FROM
          ? html`<input type="search" autocomplete="off" aria-label=${t("colleagues_filter")} placeholder=${t("colleagues_filter")}
              @input=${(/** @type {InputEvent} */ event) => {
                this._filter = /** @type {HTMLInputElement} */ (event.target).value;
              }} />`
          : nothing
      }
      <ul>${items.map(
        ({ extension, name }) => html`<li>
          <div class="text"><span class="name cut" title=${name}><bdi>${name}</bdi></span><bdi dir="ltr" class="soft number">${extension}</bdi></div>
          <button class="quiet" aria-label=${t("call_name", { name })} title=${t("call_name", { name })}
            @click=${() => emit(this, "ld-dial", { number: extension, display: name, origin: "colleague" })}><ld-icon name="phone"></ld-icon></button>
        </li>`,
      )}</ul>
      ${view.error ? html`<div class="note soft" role="alert">${view.error}<button @click=${() => emit(this, "ld-colleagues")}>${t("try_again")}</button></div>` : nothing}
      ${!items.length && !view.error ? html`<p class="note soft">${t(view.loading ? "loading" : wanted ? "search_none" : "colleagues_none")}</p>` : nothing}
    `;
  }
}

customElements.define("ld-colleagues", Colleagues);
