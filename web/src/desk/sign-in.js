/**
 * Signing in from a frame: a top-level window of ours takes name and password and hands a one-time code
 * back. A page of its own simply goes to the sign-in page.
 */
import { signInCode } from "../core/port.js";

export class SignInWindow {
  /**
   * @param {Window & typeof globalThis} window
   * @param {{slot: string, onCode: (code: string) => void}} options
   */
  constructor(window, { slot, onCode }) {
    this._window = window;
    this._slot = slot;
    /** @type {Window|null} */
    this._opened = null;
    window.addEventListener("message", (event) => {
      const code = signInCode(event, { window: this._opened, origin: window.location.origin, slot });
      if (code === null) return;
      this._opened = null;
      onCode(code);
    });
  }

  /** From a click. @returns {boolean} false when the browser refused the window */
  open() {
    const url = `/sign-in?${new URLSearchParams({ widget: "1", slot: this._slot })}`;
    this._opened = this._window.open(url, `linedesk-sign-in-${this._slot}`, "popup,width=440,height=600");
    return this._opened !== null;
  }
}
