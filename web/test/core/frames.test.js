import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameError, item, parseFrame } from "../../src/core/frames.js";
import { clean, safeUrl } from "../../src/core/text.js";
import { agent, call, contact, welcome } from "../../testkit/samples.js";

/** @param {unknown} frame @returns {any} */
const parse = (frame) => parseFrame(JSON.stringify(frame));

test("a welcome is read whole", () => {
  const frame = parse(welcome([call()]));
  assert.equal(frame.calls[0].contact.name, "Anna Rossi");
  assert.equal(frame.agent.extension, "201");
  assert.equal(frame.opener, true);
});

test("an unknown frame type is passed over, a broken known one is a FrameError", () => {
  assert.equal(parse({ type: "weather" }), null);
  assert.throws(() => parseFrame("{"), FrameError);
  for (const broken of [
    { type: "call" },
    { type: "call", call: call({ state: "dancing" }) },
    { type: "call", call: call({ id: "" }) },
    { type: "call", call: call({ candidates: {} }) },
    { type: "call", call: call({ started_at: "1" }) },
    welcome([], { now: null }),
    { type: "me", agent: agent({ open_page: "always" }) },
    [],
    null,
  ]) {
    assert.throws(() => parse(broken), FrameError, JSON.stringify(broken));
  }
});

test("no JSON value makes parsing fail in another way than FrameError", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("welcome", "call", "me", "error", "opener"),
      fc.jsonValue(),
      (type, value) => {
        try {
          parse({ type, call: value, agent: value, calls: value, now: value, code: value });
        } catch (error) {
          assert.ok(error instanceof FrameError, String(error));
        }
      },
    ),
  );
});

test("K01 a page address is https:, or http: on this machine, and nothing else", () => {
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    "http://acme.example/",
    "https://user:pw@acme.example/",
    "//acme.example",
    "/contacts/1",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "",
    7,
  ]) {
    assert.equal(safeUrl(bad), null, String(bad));
  }
  assert.equal(safeUrl("https://acme.example/a"), "https://acme.example/a");
  for (const own of [
    "http://localhost:8080/a",
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "http://crm.localhost/",
  ]) {
    assert.equal(safeUrl(own), own);
  }
});

test("K01 a contact or create link with a bad address loses the address only", () => {
  const frame = parse({
    type: "call",
    call: call({
      contact: contact({ page_url: "javascript:alert(1)" }),
      create: [{ app: "x", label: "x", url: "javascript:alert(1)" }],
    }),
  });
  assert.equal(frame.call.contact.page_url, null);
  assert.equal(frame.call.contact.name, "Anna Rossi");
  assert.deepEqual(frame.call.create, []);
});

test("K01 text loses control and direction characters and stays short, whatever it was", () => {
  assert.equal(clean("Anna\u202egpj.exe\u0000\r\nX"), "Annagpj.exe X");
  assert.equal(clean(null), "");
  assert.equal(clean("a\ud800b"), "a\ufffdb");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      const out = clean(text, 50);
      assert.ok([...out].length <= 50);
      assert.doesNotMatch(out, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      assert.equal(clean(out, 50), out);
    }),
  );
});

test("emoji with joiners stay whole", () => {
  assert.equal(clean("👩‍💻 Zoë"), "👩‍💻 Zoë");
});

test("C5 a withheld caller has no number, even if a frame carries one", () => {
  assert.equal(parse({ type: "call", call: call({ withheld: true }) }).call.number, null);
});

test("K03 a number that is not plain digits can't be dialled", () => {
  const numbers = [
    { e164: "+3902'><script>", label: "x", display: "x" },
    { e164: "+390212345678", label: "Work", display: "02 1234 5678" },
  ];
  assert.deepEqual(
    item(contact({ numbers })).numbers.map((one) => one.e164),
    ["+390212345678"],
  );
});
