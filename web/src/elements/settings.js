/**
 * `<ld-settings>`: when pages open by themselves, notifications, sound, signing out.
 */
import { css, html, LitElement, nothing } from "lit";
import { emit, shared } from "./shared.js";
import "./icon.js";

const OPEN = ["ring", "answer", "click", "never"];

export class SettingsPanel extends LitElement {
  static properties = {
    agent: { attribute: false },
    permission: { type: String },
    sound: { type: Boolean },
    soundBlocked: { type: Boolean },
    needsTab: { type: Boolean },
    embed: { type: Boolean },
    t: { attribute: false },
  };
  static styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--ld-s4);
      }
      fieldset {
        display: grid;
        gap: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        font-weight: 600;
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--ld-s2);
        min-height: var(--ld-target);
        cursor: pointer;
      }
      input {
        width: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--ld-accent);
      }
      section {
        display: grid;
        gap: var(--ld-s1);
        justify-items: start;
      }
      h3 {
        margin: 0;
        font-size: var(--ld-body);
        font-weight: 600;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../core/types.js").Me|null} */
    this.agent = null;
    /** @type {import("../desk/notifier.js").Permission} */
    this.permission = "ask";
    this.sound = true;
    this.soundBlocked = false;
    this.needsTab = false;
    this.embed = false;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  render() {
    const { t, agent } = this;
    return html`
      <fieldset>
        <legend>${t("open_page")}</legend>
        ${OPEN.map(
          (
            value,
          ) => html`<label><input type="radio" name="open" value=${value} .checked=${agent?.open_page === value}
            @change=${() => emit(this, "ld-open-page", { value })} />${t(`open_page_${value}`)}</label>`,
        )}
        ${
          this.needsTab
            ? html`<section><p class="soft">${t("crm_tab_why")}</p>
                <button @click=${() => emit(this, "ld-crm-tab")}><ld-icon name="external"></ld-icon>${t("crm_tab_open")}</button></section>`
            : nothing
        }
      </fieldset>
      <section>
        <h3>${t("notifications")}</h3>
        <p class="soft">${t(`notifications_${this.permission}`)}</p>
        ${this.permission === "ask" ? html`<button @click=${() => emit(this, "ld-notify")}>${t("notifications_allow")}</button>` : nothing}
        ${this.permission === "frame" ? html`<a class="button" href="/agent" target="_blank" rel="noopener"><ld-icon name="external"></ld-icon>${t("open_own_tab")}</a>` : nothing}
      </section>
      <section>
        <h3>${t("sound")}</h3>
        <label><input type="checkbox" .checked=${this.sound}
          @change=${(/** @type {Event} */ event) => emit(this, "ld-sound", { on: /** @type {HTMLInputElement} */ (event.target).checked })} />${t("sound_on")}</label>
        ${this.sound && this.soundBlocked ? html`<p class="soft">${t("sound_blocked")}</p>` : nothing}
      </section>
      <section>
        <h3>${t("signed_in")}</h3>
        <p class="soft"><bdi>${agent?.name ?? ""}</bdi>${agent?.extension ? html` · ${t("extension", { n: agent.extension })}` : nothing}</p>
        <button @click=${() => emit(this, "ld-sign-out")}>${t("sign_out")}</button>
        <p class="soft">${t("no_audio")}</p>
      </section>
    `;
  }
}

customElements.define("ld-settings", SettingsPanel);
