import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { words } from "../src/core/words.js";
import { catalogue } from "../testkit/catalogue.js";

const source = ["core", "desk", "elements"]
  .flatMap((folder) => {
    const base = new URL(`../src/${folder}/`, import.meta.url);
    return readdirSync(base).map((name) => readFileSync(new URL(name, base), "utf8"));
  })
  .join("\n");

/** Keys that are put together from a part and a value. */
const BUILT = /^(ringing|open_page|notifications|tab)_/;

test("every message the desk asks for is in the catalogue", () => {
  const asked = [...source.matchAll(/\bt\(\s*"(\w+)"/g)].map((match) => match[1]);
  assert.ok(asked.length > 40);
  for (const key of asked) assert.ok(Object.hasOwn(catalogue, key), key);
  for (const key of [
    ...["inbound", "outbound", "internal"].map((one) => `ringing_${one}`),
    ...["ring", "answer", "click", "never"].map((one) => `open_page_${one}`),
    ...["granted", "ask", "blocked", "frame"].map((one) => `notifications_${one}`),
    ...["dial", "history", "colleagues"].map((one) => `tab_${one}`),
  ]) {
    assert.ok(Object.hasOwn(catalogue, key), key);
  }
});

test("no message of the catalogue is left unused", () => {
  const unused = Object.keys(catalogue).filter((key) => !BUILT.test(key) && !source.includes(`"${key}"`));
  assert.deepEqual(unused, []);
});

test("gaps are filled as text, and only with what was given", () => {
  const t = words({ hi: "Hi {name}, {n}" });
  assert.equal(t("hi", { name: "{n} $& <b>", n: 2 }), "Hi {n} $& <b>, 2");
  assert.equal(t("hi", { n: 2 }), "Hi {name}, 2");
  assert.equal(t("constructor"), "constructor");
});

test("messages speak without exclamation marks, and no element makes markup from text", () => {
  for (const [key, text] of Object.entries(catalogue)) assert.doesNotMatch(text, /!/, key);
  assert.doesNotMatch(source, /innerHTML|unsafeHTML|unsafeSVG|insertAdjacentHTML|document\.write/);
});
