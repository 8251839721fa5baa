import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromFrame, fromPage, isConnect, signInCode } from "../../src/core/port.js";

const parent = {};
/** @param {Record<string, unknown>} [more] @returns {any} */
const connect = (more = {}) => ({
  source: parent,
  origin: "https://crm.example",
  data: { linedesk: 1, type: "connect" },
  ports: [{}],
  ...more,
});

test("K07 only the parent, from a listed origin exactly, may connect", () => {
  const listed = ["https://crm.example"];
  assert.equal(isConnect(connect(), parent, listed), true);
  for (const bad of [
    { source: {} },
    { origin: "https://crm.example.evil.test" },
    { origin: "https://crm.example:8443" },
    { origin: "http://crm.example" },
    { origin: "https://evil-crm.example" },
    { origin: "null" },
    { data: { linedesk: 2, type: "connect" } },
    { data: null },
    { ports: [] },
  ]) {
    assert.equal(isConnect(connect(bad), parent, listed), false, JSON.stringify(bad));
  }
  assert.equal(isConnect(connect(), parent, []), false);
});

test("K07 a sign-in code counts only from the window we opened, on our origin, for our slot", () => {
  const opened = {};
  const good = {
    source: opened,
    origin: "https://ld.example",
    data: { linedesk: 1, type: "code", code: "c", slot: "main" },
  };
  const expected = { window: opened, origin: "https://ld.example", slot: "main" };
  assert.equal(signInCode(good, expected), "c");
  assert.equal(signInCode({ ...good, origin: "https://ld.example.evil.test" }, expected), null);
  assert.equal(signInCode({ ...good, source: {} }, expected), null);
  assert.equal(signInCode({ ...good, source: null }, { ...expected, window: null }), null);
  assert.equal(signInCode({ ...good, data: { ...good.data, slot: "b" } }, expected), null);
  assert.equal(signInCode({ ...good, data: { ...good.data, code: 7 } }, expected), null);
});

test("a page may ask for plain numbers only, never for a code", () => {
  assert.deepEqual(fromPage({ v: 1, type: "dial", number: "+39021", id: "a1" }), {
    type: "dial",
    number: "+39021",
    id: "a1",
  });
  for (const number of ["*21*1#", "#31#021", "02 1", "", null, "+", ["+39021"], "1".repeat(21)]) {
    assert.equal(fromPage({ v: 1, type: "dial", number, id: "a1" }), null, String(number));
  }
  assert.equal(fromPage({ v: 1, type: "dial", number: "+39021", id: "a b" }), null);
  assert.equal(fromPage({ v: 2, type: "focus" }), null);
});

test("the loader navigates to safe addresses only", () => {
  assert.equal(
    fromFrame({ v: 1, type: "open-page", id: "a", url: "javascript:alert(1)", by: "click" }),
    null,
  );
  const open = fromFrame({ v: 1, type: "open-page", id: "a", url: "https://crm.example/1", by: "anything" });
  assert.deepEqual(open, { type: "open-page", id: "a", url: "https://crm.example/1", by: "rule" });
});

test("no message makes the checks throw, and sizes stay sane", () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.constantFrom("dial", "layout", "opened", "open-page", "code", "search"),
      (value, type) => {
        fromPage(value);
        fromFrame(value);
        fromPage({ v: 1, type, number: value, id: value, q: value, code: value });
        const layout = fromFrame({ v: 1, type: "layout", mode: "panel", width: value, height: value });
        if (layout?.type === "layout") assert.ok(layout.width >= 0 && layout.width <= 1200);
      },
    ),
  );
});
