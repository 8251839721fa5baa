/**
 * The service's HTTP API for the desk: tokens, errors as sentences, one retry after a token ran out.
 * It has no state but the token, and it never shows anything.
 */
import { clean } from "./text.js";

/** What went wrong, in words for people. `code` is the service's, or `unreachable` when nothing came back. */
export class ApiError extends Error {
  /** @param {{status: number, code: string, message: string, remedy: string}} of */
  constructor({ status, code, message, remedy }) {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * @typedef {object} Ports
 * @property {typeof fetch} fetch
 * @property {() => number} now  epoch ms
 * @property {string|null} slot  the frame's slot, null for a page with the session cookie
 * @property {number} [timeoutMs]  deadline of one call
 */

/** A token this close to its end is not used for a new call, in ms. */
const TOKEN_MARGIN_MS = 20_000;

export class Api {
  /** @param {Ports} ports */
  constructor({ fetch, now, slot, timeoutMs = 12_000 }) {
    this._fetch = fetch;
    this._now = now;
    this._slot = slot;
    this._timeoutMs = timeoutMs;
    /** @type {{token: string, expiresMs: number}|null} */
    this._token = null;
    /** @type {Promise<string>|null} */
    this._pending = null;
  }

  /**
   * A token that is good for a while; many callers share one request.
   * @param {boolean} [fresh]  ask for a new one even if the present one still lasts
   * @returns {Promise<string>} rejects with an ApiError, status 401 when nobody is signed in
   */
  token(fresh = false) {
    const held = this._token;
    if (!fresh && held && held.expiresMs - this._now() > TOKEN_MARGIN_MS) return Promise.resolve(held.token);
    this._pending ??= this._mint("/agent/token", this._slot ? { slot: this._slot } : {}).finally(() => {
      this._pending = null;
    });
    return this._pending;
  }

  /** The one-time code of a sign-in window becomes this frame's cookie and token. @param {string} code */
  exchange(code) {
    return this._mint("/agent/frame", { code, slot: this._slot });
  }

  /** Forget the token: the service refused it. */
  drop() {
    this._token = null;
  }

  /** End the session on the server, then forget it here. */
  async signOut() {
    await this._send("POST", "/sign-out", this._slot ? { slot: this._slot } : {}, {});
    this.drop();
  }

  /** @param {string} path @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} */
  get(path, options = {}) {
    return this._authorized("GET", path, undefined, options);
  }

  /**
   * @param {"POST"|"PATCH"|"PUT"|"DELETE"} method
   * @param {string} path
   * @param {object|undefined} body
   * @param {{key?: string}} [options]  key: the idempotency key, kept when the call is sent again
   * @returns {Promise<any>}
   */
  send(method, path, body, options = {}) {
    return this._authorized(method, path, body, options);
  }

  /** @param {string} path @param {object} body */
  async _mint(path, body) {
    const answer = await this._send("POST", path, body, {});
    if (typeof answer?.token !== "string" || typeof answer.expires_at !== "number") throw garbled(200);
    this._token = { token: answer.token, expiresMs: answer.expires_at };
    return this._token.token;
  }

  /** @param {string} method @param {string} path @param {object|undefined} body @param {{signal?: AbortSignal, key?: string}} options */
  async _authorized(method, path, body, options) {
    const token = await this.token();
    try {
      return await this._send(method, path, body, { ...options, token });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.drop();
      return await this._send(method, path, body, { ...options, token: await this.token() });
    }
  }

  /** @param {string} method @param {string} path @param {object|undefined} body @param {{signal?: AbortSignal, key?: string, token?: string}} options */
  async _send(method, path, body, { signal, key, token }) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    const deadline = AbortSignal.timeout(this._timeoutMs);
    let response;
    let text;
    try {
      response = await this._fetch(path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "same-origin",
        redirect: "error",
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      text = await response.text();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError({ status: 0, code: "unreachable", message: "", remedy: "" });
    }
    if (response.status === 204) return null;
    const data = parse(text);
    if (response.ok && data !== undefined) return data;
    if (response.ok) throw garbled(response.status);
    throw refused(response.status, data);
  }
}

/** @param {string} text @returns {any} undefined when it is not JSON */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {number} status @param {any} data */
function refused(status, data) {
  const error = data?.error;
  return new ApiError({
    status,
    code: clean(error?.code, 60) || "unknown",
    message: clean(error?.message, 400),
    remedy: clean(error?.remedy, 400),
  });
}

/** @param {number} status */
function garbled(status) {
  return new ApiError({ status, code: "garbled", message: "", remedy: "" });
}
