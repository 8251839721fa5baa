/**
 * What the desk knows, and how each message changes it. Pure: state and event in, new state out.
 * It opens nothing and shows nothing; `opening.js` decides about pages.
 */
import { FINAL } from "./frames.js";

/** @typedef {import("./types.js").Call} Call */
/** @typedef {"starting"|"signed-out"|"connecting"|"live"|"lost"} Link  how the desk stands with the service */
/** @typedef {{call: Call, finishedMs: number|null}} Shown  finishedMs: this machine's clock */

/**
 * @typedef {object} DeskState
 * @property {Link} link
 * @property {import("./types.js").Me|null} agent
 * @property {readonly Shown[]} calls  oldest first, so that a second call becomes a second row
 * @property {boolean} opener
 * @property {number} clockOffsetMs  server's clock minus ours
 * @property {number} finished  how many calls have ended here; a change means "read the history again"
 */

/**
 * @typedef {{type: "frame", frame: import("./types.js").Frame, nowMs: number}
 *   | {type: "link", link: Link}
 *   | {type: "tick", nowMs: number}
 *   | {type: "pick", number: string, id: string|null}
 *   | {type: "dismiss", id: string}} DeskEvent  pick: whom this agent has chosen for a number, null: nobody any more
 */

/** How long a call that is over stays in sight before it is only history, in ms. */
export const LINGER_MS = 12_000;

/** @type {DeskState} */
export const EMPTY = Object.freeze({
  link: "starting",
  agent: null,
  calls: [],
  opener: false,
  clockOffsetMs: 0,
  finished: 0,
});

/** @param {DeskState} state @param {DeskEvent} event @returns {DeskState} */
export function reduce(state, event) {
  switch (event.type) {
    case "frame":
      return frame(state, event.frame, event.nowMs);
    case "link":
      return link(state, event.link);
    case "tick":
      return tick(state, event.nowMs);
    case "pick":
      return {
        ...state,
        calls: state.calls.map((one) =>
          one.call.number === event.number ? { ...one, call: picked(one.call, event.id) } : one,
        ),
      };
    case "dismiss":
      return {
        ...state,
        calls: state.calls.filter((one) => one.call.id !== event.id || one.finishedMs === null),
      };
  }
}

/** @param {DeskState} state @param {import("./types.js").Frame} it @param {number} nowMs @returns {DeskState} */
function frame(state, it, nowMs) {
  switch (it.type) {
    case "welcome":
      // The whole truth: whatever was known before is forgotten, so a lost frame never matters (C7).
      return {
        link: "live",
        agent: it.agent,
        calls: sorted(it.calls.map((call) => shown(call, null, nowMs))),
        opener: it.opener,
        clockOffsetMs: it.now - nowMs,
        finished: state.finished + 1,
      };
    case "call":
      return withCall(state, it.call, nowMs);
    case "opener":
      return { ...state, opener: it.opener };
    case "me":
      return { ...state, agent: it.agent };
    case "error":
      return state;
  }
}

/** @param {DeskState} state @param {Call} call @param {number} nowMs @returns {DeskState} */
function withCall(state, call, nowMs) {
  const before = state.calls.find((one) => one.call.id === call.id) ?? null;
  const now = shown(call, before, nowMs);
  const rest = state.calls.filter((one) => one !== before);
  const ended = now.finishedMs !== null && before?.finishedMs === null;
  return { ...state, calls: sorted([...rest, now]), finished: state.finished + (ended ? 1 : 0) };
}

/** @param {Call} call @param {Shown|null} before @param {number} nowMs @returns {Shown} */
function shown(call, before, nowMs) {
  return { call, finishedMs: FINAL.has(call.state) ? (before?.finishedMs ?? nowMs) : null };
}

/**
 * The call as the service would say it after the choice. A call that is over gets no frame any more, and
 * just then people say who it was.
 * @param {Call} call @param {string|null} id @returns {Call}
 */
function picked(call, id) {
  const { candidates } = call;
  if (id === null) {
    const sure = candidates.filter((one) => one.certainty === "sure");
    const fit = sure.length ? sure : candidates;
    return { ...call, picked: false, contact: fit.length === 1 ? fit[0] : null };
  }
  const contact = candidates.find((one) => one.pages.some((page) => page.id === id));
  return contact ? { ...call, picked: true, contact } : call;
}

/** Live calls stand above finished ones, so that a ring is never below the fold. @param {Shown[]} calls */
function sorted(calls) {
  return calls.sort(
    (a, b) =>
      Number(a.finishedMs !== null) - Number(b.finishedMs !== null) ||
      a.call.started_at - b.call.started_at ||
      (a.call.id < b.call.id ? -1 : Number(a.call.id > b.call.id)),
  );
}

/** @param {DeskState} state @param {Link} to @returns {DeskState} */
function link(state, to) {
  if (to === "signed-out") return { ...EMPTY, link: to };
  return to === state.link ? state : { ...state, link: to, opener: to === "live" && state.opener };
}

/** @param {DeskState} state @param {number} nowMs @returns {DeskState} */
function tick(state, nowMs) {
  const calls = state.calls.filter((one) => one.finishedMs === null || nowMs - one.finishedMs < LINGER_MS);
  return calls.length === state.calls.length ? state : { ...state, calls };
}

/** The calls that ring at this agent's own phone and are not his own doing. @param {DeskState} state */
export function incoming(state) {
  return state.calls
    .map((one) => one.call)
    .filter((call) => call.state === "ringing" && call.direction !== "outbound");
}
