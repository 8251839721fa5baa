import assert from "node:assert/strict";
import { test } from "node:test";
import { DIAL_WAIT_MS, Waiting } from "../../src/loader/waiting.js";

function world() {
  let nowMs = 0;
  /** @type {{at: number, run: () => void}[]} */
  let timers = [];
  const waiting = new Waiting((ms, run) => {
    const timer = { at: nowMs + ms, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  });
  /** @param {number} ms */
  const pass = (ms) => {
    nowMs += ms;
    for (const timer of timers.filter((one) => one.at <= nowMs)) {
      timers = timers.filter((one) => one !== timer);
      timer.run();
    }
  };
  return { waiting, pass, timers: () => timers.length };
}
const done = async () => ({ ok: true, message: "" });

test("the newest of each kind is kept, and the code is said first", () => {
  const { waiting, timers } = world();
  for (let n = 0; n < 100; n++) {
    waiting.hold("focus", { focus: n });
    waiting.hold("search", { search: n });
    waiting.hold("code", { code: n });
  }
  assert.equal(timers(), 3);
  assert.deepEqual(waiting.take(), [{ code: 99 }, { search: 99 }, { focus: 99 }]);
  assert.deepEqual([waiting.take(), timers()], [[], 0]);
});

test("what waited longer than a code is good for is not said any more", () => {
  const { waiting, pass } = world();
  waiting.hold("code", { code: 1 });
  pass(30_000);
  waiting.hold("search", { search: 1 });
  pass(30_000);
  assert.deepEqual(waiting.take(), [{ search: 1 }]);
});

test("a dial waits for the desk and then goes once", async () => {
  const { waiting, pass, timers } = world();
  let gone = 0;
  const answer = waiting.dial(() => {
    gone += 1;
    return done();
  });
  pass(DIAL_WAIT_MS - 1);
  assert.equal(gone, 0);
  waiting.release();
  waiting.release();
  pass(DIAL_WAIT_MS);
  assert.deepEqual(await answer, { ok: true, message: "" });
  assert.deepEqual([gone, timers()], [1, 0]);
});

test("a dial that waited 10 s is answered as not possible and never goes", async () => {
  const { waiting, pass } = world();
  const answer = waiting.dial(() => assert.fail("dialled too late"));
  pass(10_000);
  waiting.release();
  const { ok, message } = await answer;
  assert.equal(ok, false);
  assert.match(message, /try again/);
});

test("a newer dial takes the place of one that waits, which is told so", async () => {
  const { waiting } = world();
  const first = waiting.dial(() => assert.fail("the older one was dialled"));
  const second = waiting.dial(done);
  waiting.release();
  assert.equal((await first).ok, false);
  assert.equal((await second).ok, true);
});
