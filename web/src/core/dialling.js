/**
 * One dial at a time, and one call for one click (C8): what was asked, what the service answered, and the
 * question in between. What then becomes of the call is told by call frames, not here.
 */
import { ApiError } from "./api.js";
import { confirmedKey } from "./keys.js";
import { clean } from "./text.js";

/** @typedef {"dialpad"|"search"|"history"|"page"|"colleague"} Origin */
/** @typedef {{number: string, display: string, origin: Origin, key: string}} Wish */

/**
 * @typedef {object} Dial
 * @property {"idle"|"sending"|"question"|"accepted"|"refused"} phase
 * @property {Wish|null} wish
 * @property {string} code  the service's error code, or empty
 * @property {string} message  why not, or what is asked; empty when there is nothing to say
 * @property {string} remedy
 * @property {string} notice  what else the service says about a call that it makes; empty when nothing
 */

/** @type {Dial} */
export const IDLE = Object.freeze({
  phase: "idle",
  wish: null,
  code: "",
  message: "",
  remedy: "",
  notice: "",
});

/** The code of a wish that was not taken on, because another number is being asked for at this moment. */
export const BUSY = "dial_busy";

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
    /** @type {Promise<Dial>} */
    this._running = Promise.resolve(IDLE);
    this._acceptedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * The number that is being asked for already answers with how that ends. Another number is refused with
   * the code `BUSY` and changes nothing: placed after the first it would ring a phone that is taken.
   * @param {Wish} wish
   * @returns {Promise<Dial>} how it went
   */
  async call(wish) {
    if (this.dial.phase === "sending") {
      const same = this.dial.wish?.number === wish.number;
      return same ? this._running : { ...IDLE, phase: "refused", wish, code: BUSY };
    }
    if (this._again(wish)) return this.dial;
    return this._start(wish, false);
  }

  /** The person has read the question and wants the call. @returns {Promise<Dial>} */
  async confirm() {
    const { phase, wish } = this.dial;
    return phase === "question" && wish ? this._start(wish, true) : this.dial;
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
  _start(wish, confirm) {
    this._running = this._send(wish, confirm);
    return this._running;
  }

  /** @param {Wish} wish @param {boolean} confirm */
  async _send(wish, confirm) {
    this._set({ ...IDLE, phase: "sending", wish });
    const key = confirm ? confirmedKey(wish.key) : wish.key;
    try {
      const answer = await this._twice(wish, key, confirm);
      this._acceptedMs = this._now();
      return this._set({ ...IDLE, phase: "accepted", wish, notice: noticeOf(answer) });
    } catch (error) {
      if (!(error instanceof ApiError)) {
        this._set(IDLE);
        throw error;
      }
      const { code, message, remedy } = error;
      const phase = code === "confirmation_needed" && !confirm ? "question" : "refused";
      return this._set({ ...IDLE, phase, wish, code, message, remedy });
    }
  }

  /** An answer that got lost is asked for once more: the same key can't make a second call. @param {Wish} wish @param {string} key @param {boolean} confirm @returns {Promise<unknown>} */
  async _twice(wish, key, confirm) {
    try {
      return await this._ask(wish, key, confirm);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "unreachable") throw error;
      return await this._ask(wish, key, confirm);
    }
  }

  /** @param {Dial} dial */
  _set(dial) {
    this.dial = dial;
    this._onChange(dial);
    return dial;
  }
}

/** @param {unknown} answer */
function noticeOf(answer) {
  return typeof answer === "object" && answer !== null && "notice" in answer ? clean(answer.notice, 500) : "";
}
