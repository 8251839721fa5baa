/**
 * Keeps one agent socket alive: hello, fresh tokens before the old ones end, connecting again with
 * growing, random pauses. It knows no DOM: sockets, timers, clock and chance are passed in.
 */
import { ApiError } from "./api.js";
import { FrameError, parseFrame } from "./frames.js";

/** @typedef {import("./types.js").Frame} Frame */

/**
 * @typedef {object} SocketLike
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 * @property {((event: {data: unknown}) => void)|null} onmessage
 * @property {((event: {code: number}) => void)|null} onclose
 * @property {(() => void)|null} onopen
 *
 * @typedef {object} Ports
 * @property {() => SocketLike} connect
 * @property {(fresh?: boolean) => Promise<string>} token
 * @property {() => void} dropToken
 * @property {(ms: number, run: () => void) => () => void} after  a timer; the result cancels it
 * @property {() => number} random  0 to 1
 * @property {() => boolean} visible
 * @property {(frame: Frame) => void} onFrame
 * @property {(link: import("./state.js").Link) => void} onLink
 */

/** The socket's close codes of docs/protocol.md. */
const CLOSE = { notSignedIn: 4001, slowReader: 4003, tokenExpired: 4004, revoked: 4005 };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A socket has proved itself after this long; a quicker end makes the next pause longer. */
const STABLE_MS = 5_000;
/** From connect to welcome. */
const WELCOME_MS = 10_000;
/** How long after `revoked` the cookie is asked again, in ms: a new sign-in's answer may be on its way still. */
const REVOKED_PAUSE_MS = 1_000;
/** A new token is fetched this long before the old one ends, but at the latest after 4/5 of its life. */
const REFRESH_MARGIN_MS = 60_000;

/**
 * The pause before try number `attempt` (0 is the first one after a loss): exponential, with full jitter
 * above a quarter, so that 10,000 desks do not come back in the same second.
 * @param {number} attempt
 * @param {number} random  0 to 1
 */
export function pauseMs(attempt, random) {
  const top = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(top * (0.25 + 0.75 * random));
}

export class Connection {
  /** @param {Ports} ports */
  constructor(ports) {
    this._ports = ports;
    /** @type {SocketLike|null} */
    this._socket = null;
    this._attempt = 0;
    /** Whether the present connection is the second try after a token was revoked. */
    this._revoked = false;
    this._generation = 0;
    this._live = false;
    this._running = false;
    /** @type {() => void} */
    this._cancelRetry = () => {};
    /** @type {() => void} */
    this._cancelGuard = () => {};
    /** @type {() => void} */
    this._cancelRefresh = () => {};
  }

  /** Connect now, also after a sign-in, a wake-up or when the network is back. */
  start() {
    this._running = true;
    this._attempt = 0;
    this._revoked = false;
    void this._connect();
  }

  /** Close for good, until `start`. */
  stop() {
    this._running = false;
    this._abandon();
  }

  /** The machine slept or changed its network: what looks open may be dead. Connect again if we run. */
  wake() {
    if (this._running) this.start();
  }

  /** Tell the server that the person looks at this desk now. */
  focus() {
    if (this._live) this._send({ type: "focus" });
  }

  async _connect() {
    this._abandon();
    const mine = this._generation;
    this._ports.onLink("connecting");
    let token;
    try {
      token = await this._ports.token();
    } catch (error) {
      if (mine === this._generation) this._tokenFailed(error);
      return;
    }
    if (mine !== this._generation) return;
    const socket = this._ports.connect();
    this._socket = socket;
    socket.onopen = () => {
      this._send({ type: "hello", v: 1, token, visible: this._ports.visible() });
    };
    socket.onmessage = ({ data }) => {
      if (mine === this._generation) this._receive(data);
    };
    socket.onclose = ({ code }) => {
      if (mine === this._generation) this._closed(code);
    };
    this._cancelGuard = this._ports.after(WELCOME_MS, () => this._closed(0));
  }

  /** Let go of the socket and every timer; nothing that still comes from them counts. */
  _abandon() {
    this._generation += 1;
    this._live = false;
    this._cancelRetry();
    this._cancelGuard();
    this._cancelRefresh();
    const socket = this._socket;
    this._socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /** @param {unknown} data */
  _receive(data) {
    let frame;
    try {
      frame = parseFrame(String(data));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Server and desk disagree about the shape: only a new welcome can make the picture true again.
      return this._closed(0);
    }
    if (!frame) return;
    if (frame.type === "welcome") this._welcomed(frame);
    this._ports.onFrame(frame);
  }

  /** @param {import("./types.js").Welcome} frame */
  _welcomed(frame) {
    this._live = true;
    this._cancelGuard();
    this._cancelGuard = this._ports.after(STABLE_MS, () => {
      this._attempt = 0;
      this._revoked = false;
    });
    this._ports.onLink("live");
    this._planRefresh(frame.expires_at - frame.now);
  }

  /** @param {number} lifeMs  how long the token still lasts */
  _planRefresh(lifeMs) {
    this._cancelRefresh();
    const inMs = Math.max(1000, Math.min(lifeMs * 0.8, Math.max(lifeMs - REFRESH_MARGIN_MS, lifeMs * 0.5)));
    // setTimeout overflows at 2^31 ms; a longer life is simply looked at again after a day.
    this._cancelRefresh = this._ports.after(Math.min(inMs, 86_400_000), () => void this._refresh(lifeMs));
  }

  /** @param {number} lifeMs */
  async _refresh(lifeMs) {
    const mine = this._generation;
    try {
      const token = await this._ports.token(true);
      if (mine !== this._generation) return;
      this._send({ type: "token", token });
      this._planRefresh(lifeMs);
    } catch (error) {
      if (mine !== this._generation) return;
      if (signedOut(error)) return this._tokenFailed(error);
      this._cancelRefresh = this._ports.after(5_000, () => void this._refresh(lifeMs));
    }
  }

  /** @param {unknown} error */
  _tokenFailed(error) {
    if (signedOut(error)) {
      this.stop();
      this._ports.onLink("signed-out");
      return;
    }
    if (!(error instanceof ApiError)) throw error;
    this._retry();
  }

  /** @param {number} code */
  _closed(code) {
    this._abandon();
    if (code === CLOSE.revoked) return this._tokenRevoked();
    if (code === CLOSE.notSignedIn || code === CLOSE.tokenExpired) this._ports.dropToken();
    this._retry();
  }

  /** The same browser may have signed in anew in another tab, so its cookie is asked once for a token. */
  _tokenRevoked() {
    this._ports.dropToken();
    if (this._revoked) {
      this.stop();
      this._ports.onLink("signed-out");
      return;
    }
    this._revoked = true;
    this._ports.onLink("connecting");
    this._cancelRetry = this._ports.after(REVOKED_PAUSE_MS, () => void this._connect());
  }

  _retry() {
    this._ports.onLink("lost");
    const pause = pauseMs(this._attempt, this._ports.random());
    this._attempt += 1;
    this._cancelRetry = this._ports.after(pause, () => void this._connect());
  }

  /** @param {object} frame */
  _send(frame) {
    this._socket?.send(JSON.stringify(frame));
  }
}

/** @param {unknown} error */
function signedOut(error) {
  return error instanceof ApiError && error.status === 401;
}
