import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError } from "../../src/core/api.js";

/** @param {(path: string, init: any, n: number) => [number, unknown]} answer */
function api(answer, now = () => 0) {
  /** @type {{path: string, init: any}[]} */
  const seen = [];
  const fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {any} */ init) => {
      seen.push({ path, init });
      const [status, body] = answer(path, init, seen.filter((one) => one.path === path).length);
      if (status === 0) throw new TypeError("network");
      return new Response(status === 204 ? null : typeof body === "string" ? body : JSON.stringify(body), {
        status,
      });
    }
  );
  return { api: new Api({ fetch, now, slot: "main" }), seen };
}
const token = { token: "t", expires_at: 900_000 };

test("many callers share one token request, and its slot is told", async () => {
  const it = api((path) => [200, path === "/agent/token" ? token : {}]);
  await Promise.all([it.api.get("/api/me"), it.api.get("/api/history"), it.api.token()]);
  const asked = it.seen.filter((one) => one.path === "/agent/token");
  assert.equal(asked.length, 1);
  assert.deepEqual(JSON.parse(asked[0].init.body), { slot: "main" });
});

test("C8 a token that ran out is renewed once, and the same key goes again", async () => {
  const it = api((path, _init, n) =>
    path === "/agent/token"
      ? [200, token]
      : n === 1
        ? [401, { error: { code: "not_signed_in" } }]
        : [202, { request: "r" }],
  );
  assert.deepEqual(await it.api.send("POST", "/api/calls", { number: "1" }, { key: "k" }), { request: "r" });
  const calls = it.seen.filter((one) => one.path === "/api/calls");
  assert.deepEqual(
    calls.map((one) => one.init.headers["Idempotency-Key"]),
    ["k", "k"],
  );
});

test("the service's code, message and remedy come through, cleaned", async () => {
  const error = { code: "destination_denied", message: "No\u202e.", remedy: "Ask." };
  const it = api((path) => (path === "/agent/token" ? [200, token] : [403, { error }]));
  await assert.rejects(it.api.get("/x"), (thrown) => {
    assert.ok(thrown instanceof ApiError);
    assert.deepEqual(
      [thrown.status, thrown.code, thrown.message, thrown.remedy],
      [403, "destination_denied", "No.", "Ask."],
    );
    return true;
  });
});

test("no network, HTML instead of JSON, and HTML with an error are ApiErrors", async () => {
  for (const [status, body, code] of /** @type {[number, string, string][]} */ ([
    [0, "", "unreachable"],
    [200, "<html>", "garbled"],
    [502, "<html>", "unknown"],
  ])) {
    const it = api((path) => (path === "/agent/token" ? [200, token] : [status, body]));
    await assert.rejects(it.api.get("/x"), (thrown) => thrown instanceof ApiError && thrown.code === code);
  }
});

test("a token near its end is not used for a new call", async () => {
  let now = 0;
  const it = api(
    (path) => [200, path === "/agent/token" ? token : {}],
    () => now,
  );
  await it.api.get("/x");
  now = 890_000;
  await it.api.get("/x");
  assert.equal(it.seen.filter((one) => one.path === "/agent/token").length, 2);
});
