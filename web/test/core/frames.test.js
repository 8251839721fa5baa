import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameError, item, parseFrame } from "../../src/core/frames.js";
import { clean, safeUrl } from "../../src/core/text.js";
import { agent, call, contact, page, welcome } from "../../testkit/samples.js";

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

test("C01 a person in two apps keeps both pages, the one that opens first at the head", () => {
  const pages = [page("1", "Freshdesk", { page_url: null }), page("2", "HubSpot"), page("3", "Copper")];
  const it = item(contact({ page_url: "https://hubspot.example/2", pages }));
  assert.equal(it.page_url, "https://hubspot.example/2");
  assert.deepEqual(
    it.pages.map((one) => [one.id, one.name, one.url]),
    [
      ["1", "Freshdesk", null],
      ["2", "HubSpot", "https://hubspot.example/2"],
      ["3", "Copper", "https://copper.example/3"],
    ],
  );
});

test("two accounts of one app are told apart by the account's name", () => {
  const pages = [
    page("1", "Freshdesk"),
    page("2", "Freshdesk", { account: "sales\u202e" }),
    page("3", "Copper"),
  ];
  assert.deepEqual(
    item(contact({ pages })).pages.map((one) => one.name),
    ["Freshdesk (main)", "Freshdesk (sales)", "Copper"],
  );
});

test("a service that tells no pages, marks, picks or companies is understood", () => {
  const old = contact();
  for (const key of ["pages", "numbers"]) delete old[key];
  const { call: it } = parse({ type: "call", call: call({ contact: old, candidates: [old] }) });
  assert.deepEqual([it.picked, it.company], [false, null]);
  assert.deepEqual([it.contact.archived, it.contact.blocked], [false, false]);
  assert.deepEqual(it.contact.pages, [
    { id: "7", name: "freshdesk", url: "https://acme.example/contacts/7" },
  ]);
});

test("K01 a page or company with a bad address loses the address only", () => {
  const pages = [page("1", "Freshdesk", { page_url: "javascript:alert(1)" })];
  const bad = { id: null, app: "x", app_title: "X", name: "Acme\u202e", page_url: "data:text/html,x" };
  const { call: it } = parse({ type: "call", call: call({ contact: contact({ pages }), company: bad }) });
  assert.deepEqual([it.contact.page_url, it.contact.pages[0].name], [null, "Freshdesk"]);
  assert.deepEqual(it.company, { name: "Acme", app: "X", page_url: null });
  assert.equal(parse({ type: "call", call: call({ company: { name: "" } }) }).call.company, null);
});

test("C01 a choice without a contact is none", () => {
  assert.equal(parse({ type: "call", call: call({ picked: true }) }).call.picked, true);
  assert.equal(parse({ type: "call", call: call({ picked: true, contact: null }) }).call.picked, false);
});
