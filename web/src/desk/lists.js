/**
 * What the desk asks for when it is needed: search, history, colleagues. Each answer is checked; a failure
 * becomes a sentence in the list's own place.
 */
import { colleague, item, list, record, row } from "../core/frames.js";

/** @typedef {{items: import("../core/types.js").Row[], more: boolean, missed: boolean, loading: boolean, error: string}} HistoryView */
/** @typedef {{items: import("../core/types.js").Colleague[], loading: boolean, error: string}} ColleaguesView */

const PAGE_SIZE = 30;
/** @type {HistoryView} */
const NO_HISTORY = Object.freeze({ items: [], more: false, missed: false, loading: false, error: "" });
/** @type {ColleaguesView} */
const NO_COLLEAGUES = Object.freeze({ items: [], loading: false, error: "" });

export class Lists {
  /**
   * @param {{get: (path: string, options?: {signal?: AbortSignal}) => Promise<unknown>,
   *   sentence: (error: unknown) => string, onChange: () => void}} ports
   */
  constructor({ get, sentence, onChange }) {
    this._get = get;
    this._sentence = sentence;
    this._onChange = onChange;
    this._asked = 0;
    this._colleaguesAsked = 0;
    this.history = NO_HISTORY;
    this.colleagues = NO_COLLEAGUES;
  }

  /** What one person saw is not for the next: drop it, and whatever is still on its way. */
  forget() {
    this._asked += 1;
    this._colleaguesAsked += 1;
    this._set({ history: { ...NO_HISTORY, missed: this.history.missed }, colleagues: NO_COLLEAGUES });
  }

  /**
   * @param {string} text
   * @param {AbortSignal} signal
   * @returns {Promise<import("../core/types.js").Found>}
   */
  search = async (text, signal) => {
    const query = new URLSearchParams({ q: text, limit: "20" });
    const data = record(await this._get(`/api/contacts?${query}`, { signal }), "answer");
    const items = list(data.items, "items").map(item);
    const total = Number(data.total) || items.length;
    return { items, total, exact: data.total_exact !== false, more: data.more === true };
  };

  /** @param {boolean} [missed] */
  loadHistory(missed = this.history.missed) {
    return this._page(missed, []);
  }

  moreHistory() {
    return this._page(this.history.missed, this.history.items);
  }

  async loadColleagues() {
    this._colleaguesAsked += 1;
    const mine = this._colleaguesAsked;
    this._set({ colleagues: { ...this.colleagues, loading: true, error: "" } });
    try {
      const data = record(await this._get("/api/colleagues"), "answer");
      if (mine !== this._colleaguesAsked) return;
      const items = list(data.items, "items").flatMap(colleague);
      this._set({ colleagues: { items, loading: false, error: "" } });
    } catch (error) {
      if (mine !== this._colleaguesAsked) return;
      this._set({ colleagues: { ...this.colleagues, loading: false, error: this._sentence(error) } });
    }
  }

  /** @param {boolean} missed @param {import("../core/types.js").Row[]} before */
  async _page(missed, before) {
    this._asked += 1;
    const mine = this._asked;
    const kept = missed === this.history.missed ? this.history.items : [];
    this._set({ history: { ...this.history, items: kept, missed, loading: true, error: "" } });
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (missed) query.set("missed", "1");
    const oldest = before.at(-1);
    if (oldest) query.set("before", String(oldest.ended_at ?? oldest.started_at));
    try {
      const data = record(await this._get(`/api/history?${query}`), "answer");
      // Something newer was asked meanwhile: its own answer is on the way.
      if (mine !== this._asked) return;
      const items = [...before, ...list(data.items, "items").map(row)];
      this._set({ history: { items, more: data.more === true, missed, loading: false, error: "" } });
    } catch (error) {
      if (mine !== this._asked) return;
      this._set({ history: { ...this.history, loading: false, error: this._sentence(error) } });
    }
  }

  /** @param {object} change */
  _set(change) {
    Object.assign(this, change);
    this._onChange();
  }
}
