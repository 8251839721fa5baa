/**
 * Dialling as the desk does it: the request to the service, and what is said of a dial beside its own note.
 * One dial at a time is the business of `core/dialling.js`.
 */
import { BUSY, Dialler } from "../core/dialling.js";

/** @typedef {import("../core/dialling.js").Dial} Dial */
/** @typedef {import("../core/dialling.js").Wish} Wish */

export class Dials {
  /**
   * @param {{api: import("../core/api.js").Api, t: import("../core/words.js").Words,
   *   onChange: (dial: Dial) => void, tell: (text: string) => void}} ports
   *   tell: say it until the person puts it away
   */
  constructor({ api, t, onChange, tell }) {
    this._api = api;
    this._t = t;
    this._tell = tell;
    this._person = 0;
    this._dialler = new Dialler({
      send: (wish, key, confirm) => this._post(wish, key, confirm),
      now: Date.now,
      onChange,
    });
  }

  /** @param {Wish} wish */
  async call(wish) {
    const person = this._person;
    return this._told(await this._dialler.call(wish), person);
  }

  async confirm() {
    const person = this._person;
    return this._told(await this._dialler.confirm(), person);
  }

  clear() {
    this._dialler.clear();
  }

  /** Somebody else uses the desk from now on: what is still on its way is said to nobody. */
  forget() {
    this._person += 1;
    this.clear();
  }

  /** What a page hears of its wish. @param {Dial} dial @param {string} number @returns {{ok: boolean, message: string}} */
  answer(dial, number) {
    if (dial.phase === "accepted" && dial.wish?.number === number) return { ok: true, message: "" };
    return { ok: false, message: this._busy(dial) || [dial.message, dial.remedy].filter(Boolean).join(" ") };
  }

  /**
   * The dial's own note goes when the call is there, and it is another dial's while that one is placed.
   * @param {Dial} dial @param {number} person
   */
  _told(dial, person) {
    const text = this._busy(dial) || dial.notice;
    if (text && person === this._person) this._tell(text);
    return dial;
  }

  /** @param {Dial} dial */
  _busy({ code, wish }) {
    return code === BUSY ? this._t("dial_busy", { number: wish?.display ?? "" }) : "";
  }

  /** @param {Wish} wish @param {string} key @param {boolean} confirm */
  _post({ number, origin }, key, confirm) {
    const body = { number, origin, ...(confirm ? { confirm: true } : {}) };
    return this._api.send("POST", "/api/calls", body, { key });
  }
}
