/**
 * What the page asked for before the desk could hear it: the newest of each kind, and nothing for longer
 * than it still makes sense. It knows no DOM; timers are passed in.
 */

/** @typedef {import("./widget.js").DialResult} DialResult */
/** @typedef {"code"|"search"|"focus"} Kind */

/** How long a dial waits for a desk that can dial, in ms: later nobody expects the phone to ring. */
export const DIAL_WAIT_MS = 10_000;
/** How long the rest waits, in ms: as long as a one-time code is good. */
const KEPT_MS = 60_000;
/** The order in which a desk hears what waited: an answer to a search needs somebody signed in. */
const ORDER = /** @type {const} */ (["code", "search", "focus"]);

export class Waiting {
  /** @param {(ms: number, run: () => void) => () => void} after  a timer; the result cancels it */
  constructor(after) {
    this._after = after;
    /** @type {Map<Kind, {message: object, cancel: () => void}>} */
    this._held = new Map();
    /** @type {{go: () => Promise<DialResult>, answer: (result: DialResult|Promise<DialResult>) => void, cancel: () => void}|null} */
    this._dial = null;
  }

  /** @param {Kind} kind @param {object} message  takes the place of an older one of its kind */
  hold(kind, message) {
    this._held.get(kind)?.cancel();
    const cancel = this._after(KEPT_MS, () => this._held.delete(kind));
    this._held.set(kind, { message, cancel });
  }

  /** All that was held, to be sent in this order. @returns {object[]} */
  take() {
    const held = ORDER.flatMap((kind) => this._held.get(kind) ?? []);
    this._held.clear();
    return held.map(({ message, cancel }) => {
      cancel();
      return message;
    });
  }

  /** @param {() => Promise<DialResult>} go  dials, once that is possible @returns {Promise<DialResult>} */
  dial(go) {
    this.refuse("Another number was dialled before the desk was ready for this one.");
    return new Promise((answer) => {
      const cancel = this._after(DIAL_WAIT_MS, () =>
        this.refuse("The desk is not ready, so nothing was dialled. Look at the desk, then try again."),
      );
      this._dial = { go, answer, cancel };
    });
  }

  /** The desk can dial now. */
  release() {
    const dial = this._settle();
    dial?.answer(dial.go());
  }

  /** The waiting dial will not happen. @param {string} message */
  refuse(message) {
    this._settle()?.answer({ ok: false, message });
  }

  _settle() {
    const dial = this._dial;
    this._dial = null;
    dial?.cancel();
    return dial;
  }
}
