/**
 * How a desk makes itself noticed while a call rings: tone, system notification, tab title, and the word to
 * the embedding page. It follows the state; it decides nothing about calls.
 */
import { callerTitle, incomingSentence } from "../core/describe.js";
import { Notifier } from "./notifier.js";
import { Tone } from "./tone.js";

/** @typedef {import("../core/types.js").Call} Call */

export class Bell {
  /**
   * @param {Window & typeof globalThis} window
   * @param {{embed: boolean, t: import("../core/words.js").Words, onClick: (id: string) => void,
   *   tellPage: (on: boolean, text: string) => void}} options
   */
  constructor(window, { embed, t, onClick, tellPage }) {
    this._window = window;
    this._embed = embed;
    this._t = t;
    this._tellPage = tellPage;
    this._title = window.document.title;
    this._flashing = false;
    /** @type {number|null} */
    this._flash = null;
    this._told = false;
    this.tone = new Tone(window);
    this.notifier = new Notifier(window, { embed, onClick });
  }

  /**
   * @param {readonly Call[]} ringing
   * @param {{sound: boolean, opener: boolean}} options  opener: of many tabs only one sounds
   */
  update(ringing, { sound, opener }) {
    const on = ringing.length > 0;
    if (on && sound && opener) this.tone.start();
    else this.tone.stop();
    const hidden = this._window.document.visibilityState === "hidden";
    this.notifier.show(hidden ? ringing.map((call) => this._notice(call)) : []);
    if (this._embed) this._page(on);
    else this._flashTitle(on);
  }

  /** @param {Call} call */
  _notice(call) {
    return { id: call.id, title: callerTitle(call, this._t), body: incomingSentence(call, this._t) };
  }

  /** @param {boolean} on */
  _page(on) {
    if (on === this._told) return;
    this._told = on;
    this._tellPage(on, this._t("incoming_call"));
  }

  /** @param {boolean} on */
  _flashTitle(on) {
    if (on === (this._flash !== null)) return;
    const document = this._window.document;
    if (!on) {
      this._window.clearInterval(this._flash ?? undefined);
      this._flash = null;
      document.title = this._title;
      return;
    }
    this._title = document.title;
    const turn = () => {
      this._flashing = !this._flashing;
      document.title = this._flashing ? this._t("title_ringing") : this._title;
    };
    this._flashing = false;
    turn();
    this._flash = this._window.setInterval(turn, 1000);
  }
}
