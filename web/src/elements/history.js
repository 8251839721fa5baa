/**
 * `<ld-history>`: the agent's own calls, newest first, all or only the missed ones, each to be dialled again.
 */
import { css, html, LitElement, nothing } from "lit";
import { otherPages } from "../core/describe.js";
import { ago, duration, exactTime } from "../core/format.js";
import { marked, marks } from "./marks.js";
import { rows } from "./rows.js";
import { emit, isPlainClick, shared } from "./shared.js";
import "./icon.js";

/** @typedef {import("../core/types.js").Row} Row */

export class HistoryList extends LitElement {
  static properties = { view: { attribute: false }, nowMs: { type: Number }, t: { attribute: false } };
  static styles = [
    shared,
    rows,
    marked,
    css`
      .filter {
        display: flex;
        gap: var(--ld-s1);
        margin-bottom: var(--ld-s1);
      }
      .filter button[aria-pressed="true"] {
        border-color: var(--ld-accent);
        box-shadow: inset 0 0 0 1px var(--ld-accent);
        font-weight: 600;
      }
      .pages {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--ld-s3);
      }
      .pages a {
        display: inline-flex;
        align-items: center;
        min-height: var(--ld-target);
        max-width: 100%;
        color: var(--ld-accent);
      }
      .missed > ld-icon,
      .missed .outcome {
        color: var(--ld-danger);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../desk/lists.js").HistoryView} */
    this.view = { items: [], more: false, missed: false, loading: false, error: "" };
    this.nowMs = 0;
    /** @type {import("../core/words.js").Words} */
    this.t = (key) => key;
  }

  render() {
    const { view, t } = this;
    return html`
      <div class="filter" role="group" aria-label=${t("history_filter")}>
        ${[false, true].map(
          (missed) => html`<button aria-pressed=${view.missed === missed}
            @click=${() => emit(this, "ld-history", { missed })}>${t(missed ? "history_missed" : "history_all")}</button>`,
        )}
      </div>
      ${view.items.length ? html`<ul>${view.items.map((row) => this._row(row))}</ul>` : nothing}
      ${this._note()}
    `;
  }

  _note() {
    const { view, t } = this;
    if (view.error) {
      return html`<div class="note soft" role="alert">${view.error}
        <button @click=${() => emit(this, "ld-history", { missed: view.missed })}>${t("try_again")}</button></div>`;
    }
    if (!view.items.length) {
      return html`<p class="note soft">${t(view.loading ? "loading" : view.missed ? "history_none_missed" : "history_none")}</p>`;
    }
    return view.more
      ? html`<div class="note"><button ?disabled=${view.loading} @click=${() => emit(this, "ld-history-more")}>${t("history_more")}</button></div>`
      : nothing;
  }

  /** @param {Row} row */
  _row(row) {
    const { t } = this;
    const missed = row.state === "missed";
    const name = row.contact?.name || row.contact?.company || row.name || row.display || t("unknown_caller");
    const number = row.number && row.display !== name ? row.display || row.number : "";
    const page = row.contact?.page_url;
    const others = row.contact ? otherPages(row.contact) : [];
    const shownName = html`<bdi>${name}</bdi>`;
    return html`<li class=${missed ? "missed" : ""}>
      <ld-icon name=${missed ? "missed" : row.direction === "outbound" ? "outgoing" : "incoming"}></ld-icon>
      <div class="text">
        ${
          page
            ? html`<a class="name cut" href=${page} target="linedesk-crm" rel="noopener" title=${name} @click=${this._open}>${shownName}</a>`
            : html`<span class="name cut" title=${name}>${shownName}</span>`
        }
        <div class="soft cut">${row.contact ? marks(row.contact, t) : nothing}<span class="outcome">${this._outcome(row)}</span>${number ? html` · <bdi dir="ltr" class="number" title=${row.number ?? ""}>${number}</bdi>` : nothing}
        </div>
        ${others.length ? html`<div class="pages">${others.map((one) => this._page(one, name))}</div>` : nothing}
      </div>
      <time class="soft number" datetime=${new Date(row.started_at).toISOString()} title=${exactTime(row.started_at)}>${ago(row.started_at, this.nowMs, t)}</time>
      ${
        row.number
          ? html`<button class="quiet" aria-label=${t("call_name", { name })} title=${t("call_name", { name })}
              @click=${() => emit(this, "ld-dial", { number: row.number, display: row.display || row.number, origin: "history" })}
              ><ld-icon name="phone"></ld-icon></button>`
          : nothing
      }
    </li>`;
  }

  /** The same person's page in another app. @param {import("../core/types.js").Page} page @param {string} name */
  _page(page, name) {
    return html`<a class="soft cut" href=${page.url} target="linedesk-crm" rel="noopener" @click=${this._open}
      aria-label=${this.t("open_name_in", { name, app: page.name })}><bdi>${page.name}</bdi></a>`;
  }

  /** @param {Row} row */
  _outcome(row) {
    const { t } = this;
    if (row.state === "missed") return t("missed");
    if (row.state === "answered-elsewhere") {
      return row.answered_by[0] ? t("answered_by", { name: row.answered_by[0] }) : t("answered_elsewhere");
    }
    const way = t(
      row.direction === "outbound" ? "outgoing" : row.direction === "inbound" ? "incoming" : "internal",
    );
    if (row.answered_at !== null && row.ended_at !== null)
      return `${way} ${duration(row.ended_at - row.answered_at)}`;
    return row.direction === "outbound" ? `${way}, ${t("not_answered")}` : way;
  }

  /** @param {MouseEvent} event */
  _open(event) {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    emit(this, "ld-open", { url: /** @type {HTMLAnchorElement} */ (event.currentTarget).href, callId: null });
  }
}

customElements.define("ld-history", HistoryList);
