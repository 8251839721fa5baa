/**
 * Whom this agent means by a number that several contacts share. The service remembers it; here it is only
 * asked to.
 */

export class Picks {
  /**
   * @param {{send: (method: "PUT"|"DELETE", path: string, body?: object) => Promise<unknown>,
   *   onPick: (number: string, id: string|null) => void, onError: (error: unknown) => void}} ports
   *   onPick: the service has it
   */
  constructor({ send, onPick, onError }) {
    this._send = send;
    this._onPick = onPick;
    this._onError = onError;
    /** @type {Map<string, number>} */
    this._asked = new Map();
  }

  /** Somebody else uses this desk: what is still on its way was another's choice. */
  forget() {
    this._asked.clear();
  }

  /**
   * Choose a contact for a number, or nobody any more.
   * @param {string} number
   * @param {string|null} id  a contact's; null: forget the choice
   */
  async set(number, id) {
    const mine = (this._asked.get(number) ?? 0) + 1;
    this._asked.set(number, mine);
    try {
      await (id === null
        ? this._send("DELETE", `/api/picks?${new URLSearchParams({ number })}`)
        : this._send("PUT", "/api/picks", { number, contact: id }));
    } catch (error) {
      this._onError(error);
      return;
    }
    // Of two quick taps the later one counts, whichever answer comes first.
    if (this._asked.get(number) === mine) this._onPick(number, id);
  }
}
