import assert from "node:assert/strict";
import { test } from "node:test";
import { met, PageRules } from "../../src/core/opening.js";
import { call, contact } from "../../testkit/samples.js";

test("each setting opens at its own moment, inbound and outbound alike", () => {
  const table = {
    ring: { ringing: true, talking: true, held: true },
    answer: { ringing: false, talking: true, held: true },
    click: { ringing: false, talking: false, held: false },
    never: { ringing: false, talking: false, held: false },
  };
  for (const [setting, states] of Object.entries(table)) {
    for (const direction of ["inbound", "outbound"]) {
      for (const [state, wanted] of Object.entries(states)) {
        assert.equal(
          met(call({ direction, state }), /** @type {any} */ (setting)),
          wanted,
          `${setting} ${state}`,
        );
      }
      for (const state of ["ended", "missed", "answered-elsewhere"]) {
        assert.equal(
          met(call({ direction, state }), /** @type {any} */ (setting)),
          false,
          `${setting} ${state}`,
        );
      }
    }
  }
});

test("C4 nobody who is only possible, none without a page, and no colleague is opened", () => {
  assert.equal(met(call({ contact: contact({ certainty: "possible" }) }), "ring"), false);
  assert.equal(met(call({ contact: contact({ page_url: null }) }), "ring"), false);
  assert.equal(met(call({ contact: null }), "ring"), false);
  assert.equal(met(call({ direction: "internal" }), "ring"), false);
});

test("a call opens once, in the opener only", () => {
  const [opener, other] = [new PageRules(), new PageRules()];
  assert.equal(other.call(call(), "ring", false), false);
  assert.equal(opener.call(call(), "ring", true), true);
  assert.equal(opener.call(call({ state: "talking" }), "ring", true), false);
  // Becoming the opener later does not open what another tab has opened.
  assert.equal(other.call(call({ state: "talking" }), "ring", true), false);
});

test("a contact that is found late still opens", () => {
  const rules = new PageRules();
  assert.equal(rules.call(call({ contact: null }), "ring", true), false);
  assert.equal(rules.call(call(), "ring", true), true);
});

test("a reload in mid-call, which the opening itself causes, opens nothing again", () => {
  const rules = new PageRules();
  rules.welcome([call()], "ring");
  assert.equal(rules.call(call({ state: "talking" }), "ring", true), false);
});

test("a ringing call in a welcome still opens when answered, if that is the setting", () => {
  const rules = new PageRules();
  rules.welcome([call()], "answer");
  assert.equal(rules.call(call({ state: "talking" }), "answer", true), true);
});

test("after a click no rule opens the same call", () => {
  const rules = new PageRules();
  rules.clicked("pbx-1");
  assert.equal(rules.call(call(), "ring", true), false);
});

test("C05 a possible contact's page opens by itself only once the agent has chosen it", () => {
  const doubtful = { contact: contact({ certainty: "possible" }) };
  assert.equal(met(call(doubtful), "ring"), false);
  assert.equal(met(call({ ...doubtful, picked: true }), "ring"), true);
  assert.equal(met(call({ contact: contact({ page_url: null }), picked: true }), "ring"), false);
});
