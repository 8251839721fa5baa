import assert from "node:assert/strict";
import { test } from "node:test";
import { Picks } from "../../src/desk/picks.js";

/** Picks whose requests the test answers. */
function asked() {
  /** @type {{asks: any[], told: any[], errors: unknown[]}} */
  const it = { asks: [], told: [], errors: [] };
  const picks = new Picks({
    send: (method, path, body) =>
      new Promise((resolve, reject) => it.asks.push({ method, path, body, resolve, reject })),
    onPick: (number, id) => it.told.push([number, id]),
    onError: (error) => it.errors.push(error),
  });
  return { ...it, picks };
}

test("C01 a choice is put, forgetting it is a delete, and both are told once the service has them", async () => {
  const it = asked();
  const put = it.picks.set("+390212345678", "7");
  assert.deepEqual(it.told, []);
  assert.deepEqual(
    [it.asks[0].method, it.asks[0].path, it.asks[0].body],
    ["PUT", "/api/picks", { number: "+390212345678", contact: "7" }],
  );
  it.asks[0].resolve({});
  await put;
  const gone = it.picks.set("+390212345678", null);
  assert.deepEqual(
    [it.asks[1].method, it.asks[1].path, it.asks[1].body],
    ["DELETE", "/api/picks?number=%2B390212345678", undefined],
  );
  it.asks[1].resolve(null);
  await gone;
  assert.deepEqual(it.told, [
    ["+390212345678", "7"],
    ["+390212345678", null],
  ]);
});

test("C01 of two quick taps the later one counts, whichever answer comes first", async () => {
  const it = asked();
  const taps = [it.picks.set("1", "a"), it.picks.set("1", "b")];
  it.asks[1].resolve({});
  it.asks[0].resolve({});
  await Promise.all(taps);
  assert.deepEqual(it.told, [["1", "b"]]);
});

test("a refused choice is told and changes nothing", async () => {
  const it = asked();
  const tap = it.picks.set("1", "a");
  const error = new Error("no");
  it.asks[0].reject(error);
  await tap;
  assert.deepEqual([it.told, it.errors], [[], [error]]);
});

test("K02 what one person chose is not shown to the next", async () => {
  const it = asked();
  const tap = it.picks.set("1", "a");
  it.picks.forget();
  it.asks[0].resolve({});
  await tap;
  assert.deepEqual(it.told, []);
});
