/**
 * The ringing tone, made by WebAudio so that nothing has to be loaded. Browsers allow sound only after a
 * click or key in the page; `blocked` says when that is still missing.
 */

const CYCLE_S = 3;
const BURSTS_S = [0, 0.55];
const BURST_S = 0.4;
const VOLUME = 0.12;
const TONES_HZ = [425, 520];

export class Tone {
  /** @param {Window & typeof globalThis} window */
  constructor(window) {
    this._window = window;
    /** @type {AudioContext|null} */
    this._context = null;
    /** @type {number|null} */
    this._timer = null;
  }

  /** Whether the browser still waits for a click before it lets us sound. */
  get blocked() {
    return !this._window.navigator.userActivation?.hasBeenActive;
  }

  get on() {
    return this._timer !== null;
  }

  start() {
    if (this.on || this.blocked) return;
    this._context ??= new this._window.AudioContext();
    void this._context.resume();
    this._cycle();
    this._timer = this._window.setInterval(() => this._cycle(), CYCLE_S * 1000);
  }

  stop() {
    if (!this.on) return;
    this._window.clearInterval(this._timer ?? undefined);
    this._timer = null;
    void this._context?.close();
    this._context = null;
  }

  _cycle() {
    const context = this._context;
    if (!context) return;
    for (const start of BURSTS_S) for (const hz of TONES_HZ) burst(context, context.currentTime + start, hz);
  }
}

/** @param {AudioContext} context @param {number} startS @param {number} hz */
function burst(context, startS, hz) {
  const oscillator = new OscillatorNode(context, { frequency: hz });
  const gain = new GainNode(context, { gain: 0 });
  // Ramps keep the ends from clicking.
  gain.gain.setValueAtTime(0, startS);
  gain.gain.linearRampToValueAtTime(VOLUME, startS + 0.03);
  gain.gain.setValueAtTime(VOLUME, startS + BURST_S - 0.05);
  gain.gain.linearRampToValueAtTime(0, startS + BURST_S);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(startS);
  oscillator.stop(startS + BURST_S);
}
