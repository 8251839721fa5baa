/**
 * What the server says, checked and cleaned: unknown in, typed out. Nothing past here looks at raw JSON.
 * An unknown frame type is no fault (fields and types may be added); a known one with a broken shape is.
 */
import { clean, safeUrl } from "./text.js";

/** @typedef {import("./types.js").Call} Call */

const STATES = new Set(["ringing", "talking", "held", "ended", "answered-elsewhere", "missed"]);
const DIRECTIONS = new Set(["inbound", "outbound", "internal"]);
const OPEN_PAGE = new Set(["ring", "answer", "click", "never"]);

/** The states after which a call is over for this agent. */
export const FINAL = new Set(["ended", "answered-elsewhere", "missed"]);

/** A known message whose shape is wrong: server and desk are of different versions. */
export class FrameError extends Error {}

/**
 * @param {string} text  one text frame of the socket
 * @returns {import("./types.js").Frame|null} null for a type this desk does not know
 */
export function parseFrame(text) {
  let raw;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new FrameError("not JSON");
  }
  const frame = record(raw, "frame");
  switch (frame.type) {
    case "welcome":
      return {
        type: "welcome",
        agent: me(frame.agent),
        calls: list(frame.calls, "calls").map(call),
        opener: frame.opener === true,
        expires_at: time(frame.expires_at, "expires_at"),
        now: time(frame.now, "now"),
      };
    case "call":
      return { type: "call", call: call(frame.call) };
    case "opener":
      return { type: "opener", opener: frame.opener === true };
    case "me":
      return { type: "me", agent: me(frame.agent) };
    case "error":
      return { type: "error", code: clean(frame.code, 60), message: clean(frame.message, 400) };
    default:
      return null;
  }
}

/** @param {unknown} raw @returns {Call} */
export function call(raw) {
  const it = record(raw, "call");
  return {
    id: required(it.id, "call id"),
    direction: oneOf(it.direction, DIRECTIONS, "direction"),
    state: oneOf(it.state, STATES, "state"),
    number: it.withheld === true ? null : dialable(it.number),
    withheld: it.withheld === true,
    display: clean(it.display),
    network_name: clean(it.network_name),
    contact: it.contact ? contact(it.contact) : null,
    picked: it.picked === true && Boolean(it.contact),
    candidates: list(it.candidates ?? [], "candidates").map(contact),
    company: it.company ? company(it.company) : null,
    create: list(it.create ?? [], "create").flatMap(create),
    lookup: it.lookup === "pending" ? "pending" : "done",
    queue: clean(it.queue) || null,
    via: clean(it.via_name) || clean(it.via) || null,
    started_at: time(it.started_at, "started_at"),
    answered_at: optionalTime(it.answered_at, "answered_at"),
    ended_at: optionalTime(it.ended_at, "ended_at"),
    answered_by_names: list(it.answered_by_names ?? it.answered_by ?? [], "answered_by").map((one) =>
      clean(one),
    ),
  };
}

/** @param {unknown} raw @returns {import("./types.js").Contact} */
function contact(raw) {
  const it = record(raw, "contact");
  return {
    ...item(raw),
    certainty: it.certainty === "sure" ? "sure" : "possible",
    reason: clean(it.reason),
  };
}

/** @param {unknown} raw @returns {import("./types.js").Item} */
export function item(raw) {
  const it = record(raw, "contact");
  const id = required(it.id, "contact id");
  const own = pages(it, id);
  return {
    id,
    app: clean(it.app, 80),
    name: clean(it.name),
    company: clean(it.company),
    type: it.type === "company" ? "company" : "person",
    archived: it.archived === true,
    blocked: it.blocked === true,
    page_url: own.find((one) => one.url)?.url ?? null,
    pages: own,
    numbers: list(it.numbers ?? [], "numbers").flatMap(number),
  };
}

/** @param {Record<string, unknown>} it @param {string} id @returns {import("./types.js").Page[]} */
function pages(it, id) {
  // A service that knows no pages yet gives one address.
  const told = list(it.pages ?? [], "pages");
  const all = told.length ? told.map((one) => record(one, "page")) : [{ ...it, id }];
  const title = (/** @type {Record<string, unknown>} */ one) =>
    clean(one.app_title, 80) || clean(one.app, 80);
  const titles = all.map(title);
  const twice = (/** @type {string} */ one) => titles.indexOf(one) !== titles.lastIndexOf(one);
  return all.map((one) => ({
    id: required(one.id, "page id"),
    // Two accounts of one app are told apart by the account's name.
    name: twice(title(one)) && one.account ? `${title(one)} (${clean(one.account, 80)})` : title(one),
    url: safeUrl(one.page_url),
  }));
}

/** @param {unknown} raw @returns {import("./types.js").Company|null} null when it has no name to show */
function company(raw) {
  const it = record(raw, "company");
  const name = clean(it.name);
  return name
    ? { name, app: clean(it.app_title, 80) || clean(it.app, 80), page_url: safeUrl(it.page_url) }
    : null;
}

/** @param {unknown} raw @returns {import("./types.js").DialNumber[]} */
function number(raw) {
  const it = record(raw, "number");
  const e164 = dialable(it.e164);
  return e164 ? [{ e164, label: clean(it.label, 60), display: clean(it.display, 60) || e164 }] : [];
}

/** @param {unknown} raw @returns {import("./types.js").Create[]} */
function create(raw) {
  const it = record(raw, "create");
  const url = safeUrl(it.url);
  return url ? [{ app: clean(it.app, 80), label: clean(it.label, 120), url }] : [];
}

/** @param {unknown} raw @returns {import("./types.js").Me} */
export function me(raw) {
  const it = record(raw, "agent");
  return {
    id: String(it.id ?? ""),
    name: clean(it.name) || clean(it.login),
    account: clean(it.account) || null,
    extension: clean(it.extension, 40) || null,
    open_page: oneOf(it.open_page, OPEN_PAGE, "open_page"),
  };
}

/** @param {unknown} raw @returns {import("./types.js").Row} */
export function row(raw) {
  const it = record(raw, "history row");
  return {
    id: required(it.id, "row id"),
    direction: oneOf(it.direction, DIRECTIONS, "direction"),
    state: oneOf(it.state, STATES, "state"),
    outcome: clean(it.outcome, 40),
    number: dialable(it.number),
    display: clean(it.display),
    name: clean(it.name),
    contact: it.contact ? item(it.contact) : null,
    queue: clean(it.queue) || null,
    answered_by: (Array.isArray(it.answered_by) ? it.answered_by : []).map((one) => clean(one)),
    started_at: time(it.started_at, "started_at"),
    answered_at: optionalTime(it.answered_at, "answered_at"),
    ended_at: optionalTime(it.ended_at, "ended_at"),
  };
}

/** @param {unknown} raw @returns {import("./types.js").Colleague[]} */
export function colleague(raw) {
  const it = record(raw, "colleague");
  const extension = dialable(it.extension);
  return extension ? [{ extension, name: clean(it.name) || extension }] : [];
}

/** @param {unknown} value @param {string} what @returns {Record<string, unknown>} */
export function record(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new FrameError(`no ${what}`);
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} what @returns {unknown[]} */
export function list(value, what) {
  if (!Array.isArray(value)) throw new FrameError(`${what} is no list`);
  return value;
}

/** @param {unknown} value @param {string} what */
function required(value, what) {
  const text = typeof value === "number" ? String(value) : clean(value, 300);
  if (!text) throw new FrameError(`no ${what}`);
  return text;
}

/** @param {unknown} value @param {Set<string>} known @param {string} what @returns {any} */
function oneOf(value, known, what) {
  if (typeof value === "string" && known.has(value)) return value;
  throw new FrameError(`unknown ${what}`);
}

/** @param {unknown} value @param {string} what @returns {number} */
function time(value, what) {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new FrameError(`${what} is no time`);
}

/** @param {unknown} value @param {string} what @returns {number|null} */
function optionalTime(value, what) {
  return value === null || value === undefined ? null : time(value, what);
}

/** A number that may be handed to the dial API: digits with `+`, or codes the server itself gave. @param {unknown} value */
function dialable(value) {
  return typeof value === "string" && /^\+?[0-9*#]{1,40}$/.test(value) ? value : null;
}
