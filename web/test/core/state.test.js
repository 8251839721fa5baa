import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseFrame } from "../../src/core/frames.js";
import { EMPTY, incoming, LINGER_MS, reduce } from "../../src/core/state.js";
import { call, contact, page, welcome } from "../../testkit/samples.js";

/** @param {any} state @param {any} frame @param {number} [nowMs] */
function feed(state, frame, nowMs = 0) {
  const parsed = parseFrame(JSON.stringify(frame));
  assert.ok(parsed);
  return reduce(state, { type: "frame", frame: parsed, nowMs });
}
/** @param {any} state */
const ids = (state) => state.calls.map((/** @type {any} */ one) => one.call.id);

test("C7 a welcome replaces all that was known", () => {
  let state = feed(EMPTY, welcome([call({ id: "old" })]));
  state = feed(state, { type: "call", call: call({ id: "gone", state: "ended" }) });
  state = feed(state, welcome([call({ id: "new" })], { opener: false }), 5);
  assert.deepEqual(ids(state), ["new"]);
  assert.equal(state.opener, false);
});

test("C7 whatever frames came before, the state after a welcome is the welcome's", () => {
  const frames = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b", "c"),
      state: fc.constantFrom("ringing", "talking", "held", "ended", "missed", "answered-elsewhere"),
      started_at: fc.integer({ min: 0, max: 9 }),
    }),
  );
  fc.assert(
    fc.property(frames, frames, (before, live) => {
      const truth = welcome([...new Map(live.map((one) => [one.id, call(one)])).values()]);
      const messy = before.reduce((state, one) => feed(state, { type: "call", call: call(one) }), EMPTY);
      const { finished: _a, ...left } = feed(messy, truth);
      const { finished: _b, ...right } = feed(EMPTY, truth);
      assert.deepEqual(left, right);
    }),
  );
});

test("C1 one row for one call, and a second call is a second row below", () => {
  let state = feed(EMPTY, welcome());
  state = feed(state, { type: "call", call: call({ id: "b", started_at: 2000 }) });
  state = feed(state, { type: "call", call: call({ id: "a", started_at: 1000 }) });
  state = feed(state, { type: "call", call: call({ id: "b", started_at: 2000, state: "talking" }) });
  assert.deepEqual(ids(state), ["a", "b"]);
  assert.equal(state.calls[1].call.state, "talking");
});

test("a ringing call stands above older calls that are over", () => {
  let state = feed(EMPTY, welcome([call({ id: "old", started_at: 1 })]));
  state = feed(state, { type: "call", call: call({ id: "old", started_at: 1, state: "missed" }) });
  state = feed(state, { type: "call", call: call({ id: "new", started_at: 2, state: "ringing" }) });
  assert.deepEqual(ids(state), ["new", "old"]);
});

test("C3 a call that is over lingers a while, does not ring, and then goes", () => {
  let state = feed(EMPTY, welcome([call()]), 100);
  assert.equal(incoming(state).length, 1);
  state = feed(state, { type: "call", call: call({ state: "missed" }) }, 1000);
  assert.equal(incoming(state).length, 0);
  assert.deepEqual(ids(reduce(state, { type: "tick", nowMs: 1000 + LINGER_MS - 1 })), ["pbx-1"]);
  assert.deepEqual(ids(reduce(state, { type: "tick", nowMs: 1000 + LINGER_MS })), []);
});

test("a live call never lingers away and can't be dismissed", () => {
  const state = feed(EMPTY, welcome([call({ state: "talking" })]));
  assert.deepEqual(ids(reduce(state, { type: "tick", nowMs: 1e12 })), ["pbx-1"]);
  assert.deepEqual(ids(reduce(state, { type: "dismiss", id: "pbx-1" })), ["pbx-1"]);
});

test("an ended call counts once towards reading the history again", () => {
  let state = feed(EMPTY, welcome([call()]));
  const before = state.finished;
  state = feed(state, { type: "call", call: call({ state: "ended" }) });
  state = feed(state, { type: "call", call: call({ state: "ended" }) });
  assert.equal(state.finished, before + 1);
});

test("C12 signing out forgets agent and calls at once", () => {
  const state = reduce(feed(EMPTY, welcome([call()])), { type: "link", link: "signed-out" });
  assert.deepEqual([state.agent, state.calls, state.opener], [null, [], false]);
});

test("a lost connection keeps the picture but not the right to open pages", () => {
  const state = reduce(feed(EMPTY, welcome([call()])), { type: "link", link: "lost" });
  assert.deepEqual([ids(state), state.opener], [["pbx-1"], false]);
});

test("an outgoing call does not ring this desk", () => {
  assert.equal(incoming(feed(EMPTY, welcome([call({ direction: "outbound" })]))).length, 0);
});

test("the server's clock is kept as an offset", () => {
  assert.equal(feed(EMPTY, welcome([], { now: 5000 }), 3000).clockOffsetMs, 2000);
});

test("C01 C05 a choice shows on every call of that number, over or not, and can be taken back", () => {
  const anna = contact({ id: "1", pages: [page("1", "Freshdesk"), page("2", "HubSpot")] });
  const bruno = contact({ id: "3", name: "Bruno Neri", certainty: "possible" });
  const carla = contact({ id: "4", name: "Carla Verdi", certainty: "possible" });
  const seen = (/** @type {any} */ state) =>
    state.calls.map((/** @type {any} */ one) => [one.call.contact?.name ?? null, one.call.picked]);
  const alone = call({ id: "a", contact: bruno, candidates: [bruno] });
  const none = call({ id: "b", state: "ended", contact: null, candidates: [bruno, carla] });
  const other = call({ id: "c", number: "+390299", state: "ended", started_at: 2000 });
  const before = feed(EMPTY, welcome([alone, none, other]));
  const pick = (/** @type {any} */ state, /** @type {string|null} */ id) =>
    reduce(state, { type: "pick", number: "+390212345678", id });
  const untouched = ["Anna Rossi", false];
  assert.deepEqual(seen(pick(before, "3")), [["Bruno Neri", true], ["Bruno Neri", true], untouched]);
  // Whom the number does not fit is not shown, whatever was asked.
  assert.deepEqual(seen(pick(before, "99")), seen(before));
  assert.deepEqual(seen(pick(pick(before, "3"), null)), seen(before));
  // A person is chosen by any of their pages, and the only sure one comes back when the choice goes.
  const two = feed(EMPTY, welcome([call({ contact: anna, candidates: [anna, bruno] })]));
  assert.deepEqual(seen(pick(pick(two, "3"), "2")), [["Anna Rossi", true]]);
  assert.deepEqual(seen(pick(pick(two, "3"), null)), [["Anna Rossi", false]]);
});
