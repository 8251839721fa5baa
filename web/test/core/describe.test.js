import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callerTitle,
  certainty,
  companyLine,
  companyOf,
  doubtfulName,
  foundWords,
  incomingSentence,
  marks,
  openWords,
  otherPages,
  route,
  runningSince,
  stateWords,
  talkedMs,
  why,
} from "../../src/core/describe.js";
import { ago, duration } from "../../src/core/format.js";
import { item } from "../../src/core/frames.js";
import { words } from "../../src/core/words.js";
import { catalogue } from "../../testkit/catalogue.js";
import { call, contact, page } from "../../testkit/samples.js";

const t = words(catalogue);

test("C4 sure, possible, many, unknown and withheld are told apart in words", () => {
  const table = [
    [call(), "sure", "Anna Rossi", "Work number in Freshdesk"],
    [
      call({ contact: contact({ certainty: "possible", reason: "Switchboard" }) }),
      "possible",
      "Possibly Anna Rossi",
      "Switchboard",
    ],
    [
      call({ contact: null, candidates: [contact(), contact({ id: "8" })] }),
      "many",
      "02 1234 5678",
      "2 contacts fit this number",
    ],
    [call({ contact: null, candidates: [] }), "unknown", "02 1234 5678", "Not in your contacts"],
    [
      call({ contact: null, candidates: [], lookup: "pending" }),
      "unknown",
      "02 1234 5678",
      "Looking in your CRM",
    ],
  ];
  for (const [it, sure, title, reason] of table) {
    assert.deepEqual([certainty(it), callerTitle(it, t), why(it, t)], [sure, title, reason]);
  }
});

test("C5 a withheld caller is nobody, even if a contact came with it", () => {
  const it = call({ withheld: true, number: null, contact: null, display: "" });
  assert.deepEqual([certainty(it), callerTitle(it, t)], ["withheld", "Number withheld"]);
});

test("state, queue and transfer are said in words", () => {
  assert.equal(stateWords(call(), t), "Incoming");
  assert.equal(stateWords(call({ direction: "outbound" }), t), "Outgoing");
  assert.equal(
    stateWords(call({ state: "answered-elsewhere", answered_by_names: ["Mia"] }), t),
    "Answered by Mia",
  );
  assert.equal(stateWords(call({ state: "answered-elsewhere" }), t), "Answered by a colleague");
  assert.deepEqual(route(call({ queue: "Support", via: "Luca" }), t), ["From queue Support", "Via Luca"]);
  assert.equal(incomingSentence(call({ queue: "Support" }), t), "Incoming call · Acme · From queue Support");
});

test("running and past times", () => {
  assert.equal(runningSince(call()), 1000);
  assert.equal(runningSince(call({ state: "talking", answered_at: 5000 })), 5000);
  assert.equal(runningSince(call({ state: "missed" })), null);
  assert.equal(talkedMs(call({ state: "ended", answered_at: 1000, ended_at: 4000 })), 3000);
  assert.equal(talkedMs(call({ state: "ended", ended_at: 4000 })), null);
  assert.deepEqual([0, 7_900, 760_000, 3_723_000, -5].map(duration), [
    "0:00",
    "0:07",
    "12:40",
    "1:02:03",
    "0:00",
  ]);
});

test("times are relative up to a day, then a date", () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const where = { locale: "en-GB", timeZone: "UTC" };
  const at = (/** @type {number} */ minutes) => ago(now - minutes * 60_000, now, t, where);
  assert.deepEqual(
    [at(0.5), at(4), at(59.9), at(60), at(23 * 60 + 59)],
    ["Just now", "4 min ago", "59 min ago", "1 h ago", "23 h ago"],
  );
  assert.equal(at(3 * 1440), "12 Jun, 12:00");
  assert.equal(at(400 * 1440), "11 May 2025");
});

test("C01 the agent's own choice is named without doubt, and said to be that", () => {
  const sure = contact();
  const doubtful = contact({ certainty: "possible", reason: "Switchboard of Acme in Freshdesk" });
  for (const [who, reason] of [
    [sure, "Your choice for this number · Work number in Freshdesk"],
    [doubtful, "Your choice for this number · Switchboard of Acme in Freshdesk"],
  ]) {
    const it = call({ contact: who, candidates: [sure, doubtful], picked: true });
    assert.deepEqual([certainty(it), callerTitle(it, t), why(it, t)], ["picked", "Anna Rossi", reason]);
  }
});

test("C4 a doubt stands in the name of a list's row", () => {
  assert.equal(doubtfulName(contact(), t), "Anna Rossi");
  assert.equal(doubtfulName(contact({ certainty: "possible" }), t), "Possibly Anna Rossi");
  assert.equal(doubtfulName(contact({ name: "", certainty: "possible" }), t), "Possibly Acme");
});

test("C03 the company of all who fit is named, by its button where it has a page", () => {
  const many = { contact: null, candidates: [contact(), contact({ id: "8" })] };
  const acme = { name: "Acme", app: "Freshdesk", page_url: null };
  assert.equal(companyLine(call({ ...many, company: acme })), "Acme");
  assert.equal(companyLine(call({ ...many, company: { ...acme, page_url: "https://acme.example/c" } })), "");
  assert.equal(companyLine(call({ company: { ...acme, name: "Another" } })), "Acme");
  assert.equal(companyLine(call({ ...many, company: null })), "");
});

test("a company's own record does not say its name twice", () => {
  const firm = contact({ name: "Acme", certainty: "possible" });
  assert.equal(companyOf(item(firm)), "");
  assert.equal(companyLine(call({ contact: firm, candidates: [firm] })), "");
  assert.equal(companyOf(item(contact())), "Acme");
  assert.equal(companyOf(item(contact({ name: "" }))), "");
});

test("C04 archived and blocked are said in words", () => {
  assert.deepEqual(marks(item(contact()), t), []);
  assert.deepEqual(marks(item(contact({ archived: true, blocked: true })), t), ["Archived", "Blocked"]);
});

test("C01 with pages in several apps the first is opened by name, and the others are offered", () => {
  const one = item(contact());
  assert.deepEqual([openWords(one, t), otherPages(one)], ["Open contact", []]);
  const pages = [page("1", "Wildix", { page_url: null }), page("2", "Freshdesk"), page("3", "HubSpot")];
  const two = item(contact({ pages }));
  assert.equal(openWords(two, t), "Open in Freshdesk");
  assert.deepEqual(
    otherPages(two).map((other) => other.name),
    ["HubSpot"],
  );
});

test("C21 how many were found, and how to see the others", () => {
  const items = [item(contact())];
  const say = (/** @type {object} */ more) =>
    foundWords({ items, total: 1, exact: true, more: false, ...more }, t, "en-GB");
  assert.equal(say({}), "1 found");
  assert.equal(say({ total: 999, more: true }), "1 of 999. Type more letters.");
  assert.equal(say({ total: 1000, exact: false, more: true }), "1 of more than 1,000. Type more letters.");
  assert.equal(say({ items: [], total: 0 }), catalogue.search_none);
});
