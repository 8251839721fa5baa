/**
 * What this browser remembers for this desk: sound, size, collapsed. Storage may be off or full; then the
 * choice lasts as long as the page.
 */

/** @typedef {{sound: boolean, collapsed: boolean, width: number, height: number}} Prefs */

const KEY = "linedesk.desk";
/** @type {Prefs} */
const DEFAULTS = { sound: true, collapsed: false, width: 360, height: 560 };

export class PrefStore {
  /** @param {() => Storage} storage  may throw: reading `localStorage` does, where it is blocked */
  constructor(storage) {
    this._storage = storage;
    const stored = this._read();
    /** Whether this browser has kept a choice before. */
    this.known = Object.keys(stored).length > 0;
    this.value = { ...DEFAULTS, ...stored };
  }

  /** @param {Partial<Prefs>} change */
  set(change) {
    this.value = { ...this.value, ...change };
    try {
      this._storage().setItem(KEY, JSON.stringify(this.value));
    } catch {
      // Storage is off or full: `value` holds the choice until the page goes.
    }
  }

  /** @returns {Partial<Prefs>} */
  _read() {
    let raw;
    try {
      raw = JSON.parse(this._storage().getItem(KEY) ?? "{}");
    } catch {
      return {};
    }
    /** @type {Partial<Prefs>} */
    const known = {};
    for (const key of /** @type {(keyof Prefs)[]} */ (Object.keys(DEFAULTS))) {
      if (typeof raw?.[key] === typeof DEFAULTS[key]) Object.assign(known, { [key]: raw[key] });
    }
    return known;
  }
}
