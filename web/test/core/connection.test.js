import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../../src/core/api.js";
import { Connection, pauseMs } from "../../src/core/connection.js";
import { call, welcome } from "../../testkit/samples.js";

class FakeSocket {
  constructor() {
    /** @type {any[]} */
    this.sent = [];
    this.closed = false;
    /** @type {any} */
    this.onopen = null;
    /** @type {any} */
    this.onmessage = null;
    /** @type {any} */
    this.onclose = null;
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  /** @param {unknown} frame */
  says(frame) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
}

function world() {
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {{at: number, run: () => void}[]} */
  let timers = [];
  /** @type {any[]} */
  const frames = [];
  /** @type {string[]} */
  const links = [];
  let now = 0;
  const it = {
    sockets,
    frames,
    links,
    dropped: 0,
    asked: 0,
    /** @type {Error|null} */
    tokenError: null,
    get last() {
      return /** @type {FakeSocket} */ (sockets.at(-1));
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    /** @param {number} ms */
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        await it.settle();
        const next = timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((one) => one !== next);
        now = next.at;
        next.run();
      }
      now = until;
    },
    async live() {
      await it.settle();
      it.last.onopen();
      it.last.says(welcome());
    },
    connection: /** @type {Connection} */ (/** @type {unknown} */ (null)),
  };
  it.connection = new Connection({
    connect: () => {
      sockets.push(new FakeSocket());
      return /** @type {any} */ (it.last);
    },
    token: async () => {
      it.asked += 1;
      if (it.tokenError) throw it.tokenError;
      return `t${it.asked}`;
    },
    dropToken: () => {
      it.dropped += 1;
    },
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    random: () => 1,
    visible: () => true,
    onFrame: (frame) => frames.push(frame),
    onLink: (link) => links.push(link),
  });
  it.connection.start();
  return it;
}
const refused = () => new ApiError({ status: 401, code: "not_signed_in", message: "", remedy: "" });
const unreachable = () => new ApiError({ status: 0, code: "unreachable", message: "", remedy: "" });

test("the client speaks first, with its token and whether it is seen", async () => {
  const it = world();
  await it.live();
  assert.deepEqual(it.last.sent, [{ type: "hello", v: 1, token: "t1", visible: true }]);
  assert.deepEqual(it.links, ["connecting", "live"]);
});

test("C7 after a loss it connects again, with growing pauses, until it is live", async () => {
  const it = world();
  await it.live();
  it.last.onclose({ code: 1006 });
  await it.pass(499);
  assert.equal(it.sockets.length, 1);
  await it.pass(1);
  assert.equal(it.sockets.length, 2);
  it.last.onclose({ code: 1006 });
  await it.pass(999);
  assert.equal(it.sockets.length, 2);
  await it.pass(1);
  assert.equal(it.sockets.length, 3);
  await it.live();
  assert.equal(it.links.at(-1), "live");
});

test("a connection that lasts makes the next pause short again", async () => {
  const it = world();
  for (let n = 0; n < 4; n++) {
    await it.settle();
    it.last.onclose({ code: 1006 });
    await it.pass(500 * 2 ** n);
  }
  await it.live();
  await it.pass(5_000);
  const before = it.sockets.length;
  it.last.onclose({ code: 1006 });
  await it.pass(500);
  assert.equal(it.sockets.length, before + 1);
});

test("pauses are spread, grow, and never exceed 15 s", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = pauseMs(attempt, random);
      assert.ok(ms >= 125 && ms <= 15_000);
    }),
  );
  assert.ok(pauseMs(3, 0) < pauseMs(3, 1));
});

test("a fresh token is sent before the old one ends, over the same socket", async () => {
  const it = world();
  await it.live();
  await it.pass(479_999);
  assert.equal(it.last.sent.length, 1);
  await it.pass(1);
  assert.deepEqual(it.last.sent[1], { type: "token", token: "t2" });
  assert.equal(it.sockets.length, 1);
});

test("a refresh that fails for the network is tried again, one that is refused signs out", async () => {
  const it = world();
  await it.live();
  it.tokenError = unreachable();
  await it.pass(480_000);
  it.tokenError = null;
  await it.pass(5_000);
  assert.equal(it.last.sent.at(-1).type, "token");
  it.tokenError = refused();
  await it.pass(480_000);
  assert.equal(it.links.at(-1), "signed-out");
  assert.equal(it.last.closed, true);
});

test("4004 gets a new token", async () => {
  const it = world();
  await it.live();
  it.last.onclose({ code: 4004 });
  await it.pass(500);
  assert.deepEqual([it.dropped, it.sockets.length], [1, 2]);
});

test("4005 asks the cookie once, with a pause, before it says that nobody is signed in", async () => {
  const it = world();
  await it.live();
  it.last.onclose({ code: 4005 });
  await it.pass(999);
  assert.deepEqual([it.dropped, it.asked, it.links.at(-1)], [1, 1, "connecting"]);
  await it.pass(1);
  await it.live();
  assert.deepEqual([it.sockets.length, it.last.sent[0].token], [2, "t2"]);
  assert.ok(!it.links.includes("signed-out"));
});

test("4005 and a cookie that is no good either: signed out, for good", async () => {
  const it = world();
  await it.live();
  it.tokenError = refused();
  it.last.onclose({ code: 4005 });
  await it.pass(100_000);
  assert.deepEqual([it.asked, it.sockets.length, it.links.at(-1)], [2, 1, "signed-out"]);
});

test("4005 twice at once: signed out; after a while that was good, it is asked again", async () => {
  const it = world();
  await it.live();
  it.last.onclose({ code: 4005 });
  await it.pass(1_000);
  await it.live();
  await it.pass(5_000);
  it.last.onclose({ code: 4005 });
  await it.pass(1_000);
  await it.live();
  it.last.onclose({ code: 4005 });
  await it.pass(100_000);
  assert.deepEqual([it.sockets.length, it.links.at(-1)], [3, "signed-out"]);
});

test("4005 while the person signs out: no second try", async () => {
  const it = world();
  await it.live();
  it.last.onclose({ code: 4005 });
  it.connection.stop();
  await it.pass(100_000);
  assert.deepEqual([it.asked, it.sockets.length], [1, 1]);
});

test("nobody signed in: no socket, no retry", async () => {
  const it = world();
  it.connection.stop();
  it.tokenError = refused();
  it.connection.start();
  await it.pass(100_000);
  assert.deepEqual([it.links.at(-1), it.sockets.length], ["signed-out", 0]);
});

test("a service that can't be reached is tried again", async () => {
  const it = world();
  it.connection.stop();
  it.tokenError = unreachable();
  it.connection.start();
  await it.pass(400);
  assert.equal(it.links.at(-1), "lost");
  it.tokenError = null;
  await it.pass(20_000);
  assert.equal(it.sockets.length > 0, true);
});

test("no welcome within 10 s: the socket is given up", async () => {
  const it = world();
  await it.settle();
  it.last.onopen();
  await it.pass(10_000);
  assert.equal(it.last.closed, true);
  await it.pass(500);
  assert.equal(it.sockets.length, 2);
});

test("C7 a broken frame leads to a new welcome, an unknown one to nothing", async () => {
  const it = world();
  await it.live();
  it.last.says({ type: "news" });
  assert.equal(it.last.closed, false);
  it.last.says({ type: "call", call: call({ state: "?" }) });
  assert.equal(it.last.closed, true);
  await it.pass(500);
  assert.equal(it.sockets.length, 2);
});

test("what an abandoned socket still says does not count", async () => {
  const it = world();
  await it.live();
  const old = it.last;
  const { onmessage, onclose } = old;
  it.connection.wake();
  await it.live();
  const count = it.frames.length;
  onmessage({ data: JSON.stringify({ type: "call", call: call() }) });
  onclose({ code: 1006 });
  await it.pass(20_000);
  assert.deepEqual([it.frames.length, it.sockets.length], [count, 2]);
});

test("focus is said only while live", async () => {
  const it = world();
  it.connection.focus();
  await it.live();
  it.connection.focus();
  assert.deepEqual(it.last.sent[1], { type: "focus" });
});
