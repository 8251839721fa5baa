import assert from "node:assert/strict";
import { test } from "node:test";
import { RingingTitle } from "../../src/loader/title.js";

test("the title says that a call comes in, and is the page's own again afterwards", () => {
  const page = { title: "Ticket 7" };
  const title = new RingingTitle(page);
  title.set(true, "Incoming call");
  title.set(true, "Incoming call");
  assert.equal(page.title, "Incoming call – Ticket 7");
  title.set(false, "");
  assert.equal(page.title, "Ticket 7");
});

test("a title that the page changes meanwhile is kept", () => {
  const page = { title: "Ticket 7" };
  const title = new RingingTitle(page);
  title.set(true, "Incoming call");
  page.title = "Ticket 8";
  title.set(false, "");
  assert.equal(page.title, "Ticket 8");
});
