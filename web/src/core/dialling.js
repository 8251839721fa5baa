/**
 * One dial at a time, and one call for one click (C8): what was asked, what the service answered, and the
 * question in between. What then becomes of the call is told by call frames, not here.
 */
import { ApiError } from "./api.js";
import { confirmedKey } from "./keys.js";

/** @typedef {"dialpad"|"search"|"history"|"page"|"colleague"} Origin */
/** @typedef {{number: string, display: string, origin: Origin, key: string}} Wish */

/**
 * @typedef {object} Dial
 * @property {"idle"|"sending"|"question"|"accepted"|"refused"} phase
 * @property {Wish|null} wish
 * @property {string} code  the service's error code, or empty
 * @property {string} message  why not, or what is asked; empty when there is nothing to say
 * @property {string} remedy
 */

/** @type {Dial} */
export const IDLE = Object.freeze({ phase: "idle", wish: null, code: "", message: "", remedy: "" });

/** The same number asked for again within this time is the same wish (a double click), in ms. */
const SAME_WISH_MS = 2_000;

export class Dialler {
  /**
   * @param {{send: (wish: Wish, key: string, confirm: boolean) => Promise<unknown>, now: () => number,
   *   onChange: (dial: Dial) => void}} ports
   */
  constructor({ send, now, onChange }) {
    this._ask = send;
    this._now = now;
    this._onChange = onChange;
    this.dial = IDLE;
    this._acceptedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param {Wish} wish
   * @returns {Promise<Dial>} how it went; a wish that is not taken on answers with what is going on already
   */
  async call(wish) {
    if (this.dial.phase === "sending" || this._again(wish)) return this.dial;
    return this._send(wish, false);
  }

  /** The person has read the question and wants the call. @returns {Promise<Dial>} */
  async confirm() {
    const { phase, wish } = this.dial;
    return phase === "question" && wish ? this._send(wish, true) : this.dial;
  }

  /** Put the answer away, or say no to the question. */
  clear() {
    if (this.dial.phase !== "sending") this._set(IDLE);
  }

  /** @param {Wish} wish */
  _again(wish) {
    const { phase, wish: last } = this.dial;
    return (
      phase === "accepted" && last?.number === wish.number && this._now() - this._acceptedMs < SAME_WISH_MS
    );
  }

  /** @param {Wish} wish @param {boolean} confirm */
  async _send(wish, confirm) {
    this._set({ ...IDLE, phase: "sending", wish });
    const key = confirm ? confirmedKey(wish.key) : wish.key;
    try {
      await this._twice(wish, key, confirm);
      this._acceptedMs = this._now();
      return this._set({ ...IDLE, phase: "accepted", wish });
    } catch (error) {
      if (!(error instanceof ApiError)) {
        this._set(IDLE);
        throw error;
      }
      const { code, message, remedy } = error;
      const phase = code === "confirmation_needed" && !confirm ? "question" : "refused";
      return this._set({ phase, wish, code, message, remedy });
    }
  }

  /** An answer that got lost is asked for once more: the same key can't make a second call. @param {Wish} wish @param {string} key @param {boolean} confirm */
  async _twice(wish, key, confirm) {
    try {
      await this._ask(wish, key, confirm);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "unreachable") throw error;
      await this._ask(wish, key, confirm);
    }
  }

  /** @param {Dial} dial */
  _set(dial) {
    this.dial = dial;
    this._onChange(dial);
    return dial;
  }
}
