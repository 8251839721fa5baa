import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../src/core/api.js";
import { BUSY, Dialler } from "../../src/core/dialling.js";
import { newKey } from "../../src/core/keys.js";

/** @param {string} code */
const error = (code) => new ApiError({ status: 403, code, message: "No.", remedy: "Ask." });
/** @param {Record<string, unknown>} [more] @returns {any} */
const wish = (more = {}) => ({
  number: "+39021",
  display: "02 1",
  origin: "dialpad",
  key: newKey(),
  ...more,
});

/** @param {(n: number, confirm: boolean) => Error|null} fails @param {unknown} answer */
function dialler(fails = () => null, answer = { request: "r" }) {
  /** @type {[string, boolean][]} */
  const sent = [];
  const clock = { ms: 0 };
  const it = new Dialler({
    send: async (_wish, key, confirm) => {
      sent.push([key, confirm]);
      const failure = fails(sent.length, confirm);
      if (failure) throw failure;
      return answer;
    },
    now: () => clock.ms,
    onChange: () => {},
  });
  return { it, sent, clock };
}

test("E01 C8 a second click while the first is on its way makes no second call", async () => {
  const { it, sent } = dialler();
  await Promise.all([it.call(wish()), it.call(wish())]);
  assert.equal(sent.length, 1);
});

test("E01 C8 a double click is one call, the same number later is another", async () => {
  const { it, sent, clock } = dialler();
  await it.call(wish());
  clock.ms = 1_500;
  await it.call(wish());
  assert.equal(sent.length, 1);
  clock.ms = 2_500;
  await it.call(wish());
  assert.equal(sent.length, 2);
});

test("C8 a double click hears how the one call goes, whatever its outcome", async () => {
  for (const outcome of [null, error("destination_denied")]) {
    const { it, sent } = dialler(() => outcome);
    const both = await Promise.all([it.call(wish({ key: "a" })), it.call(wish({ key: "b" }))]);
    assert.equal(sent.length, 1);
    assert.equal(both[0], both[1]);
    assert.equal(both[0].phase, outcome ? "refused" : "accepted");
  }
});

test("E02 another number while one is being asked for is refused aloud, and the first goes on", async () => {
  const { it, sent } = dialler();
  const first = it.call(wish({ key: "a" }));
  const second = await it.call(wish({ number: "+39022", key: "b" }));
  assert.deepEqual([second.phase, second.code, second.wish?.number], ["refused", BUSY, "+39022"]);
  assert.equal((await first).phase, "accepted");
  assert.equal(it.dial.wish?.number, "+39021");
  assert.deepEqual(
    sent.map(([key]) => key),
    ["a"],
  );
});

test("what the service says of a call that it makes is kept, and only if it is a text", async () => {
  const said = dialler(undefined, { request: "r", notice: "Sign in \u202eagain.\n" });
  assert.equal((await said.it.call(wish())).notice, "Sign in again.");
  for (const answer of [null, "x", {}, { notice: 7 }, { notice: null }, { notice: "" }]) {
    assert.equal((await dialler(undefined, answer).it.call(wish())).notice, "");
  }
});

test("E02 another number right after the first is dialled as it is", async () => {
  const { it, sent } = dialler();
  await it.call(wish());
  const dial = await it.call(wish({ number: "+39022" }));
  assert.deepEqual([sent.length, dial.wish?.number], [2, "+39022"]);
});

test("C8 a lost answer is asked for again with the same key", async () => {
  const { it, sent } = dialler((n) => (n === 1 ? error("unreachable") : null));
  const dial = await it.call(wish({ key: "k" }));
  assert.equal(dial.phase, "accepted");
  assert.deepEqual(
    sent.map(([key]) => key),
    ["k", "k"],
  );
});

test("a costly call asks first; the confirmed one has a key of its own, always the same", async () => {
  const { it, sent } = dialler((_n, confirm) => (confirm ? null : error("confirmation_needed")));
  const asked = await it.call(wish({ key: "k" }));
  assert.deepEqual([asked.phase, asked.message], ["question", "No."]);
  await Promise.all([it.confirm(), it.confirm()]);
  assert.deepEqual(sent, [
    ["k", false],
    ["k-confirmed", true],
  ]);
  assert.equal(it.dial.phase, "accepted");
});

test("confirming nothing calls nobody", async () => {
  const { it, sent } = dialler();
  await it.confirm();
  assert.equal(sent.length, 0);
});

test("a refusal keeps its words and may be tried again at once", async () => {
  const { it, sent } = dialler((n) => (n === 1 ? error("destination_denied") : null));
  const dial = await it.call(wish());
  assert.deepEqual([dial.phase, dial.message, dial.remedy], ["refused", "No.", "Ask."]);
  assert.equal((await it.call(wish())).phase, "accepted");
  assert.equal(sent.length, 2);
});

test("every key is new", () => {
  const keys = new Set(Array.from({ length: 1000 }, newKey));
  assert.equal(keys.size, 1000);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
