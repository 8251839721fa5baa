import assert from "node:assert/strict";
import { test } from "node:test";
import { EditedFields } from "../../src/core/edited.js";

test("a typed field counts until its form is sent, or it leaves the page", () => {
  const form = {};
  const edited = new EditedFields();
  const field = { isConnected: true, type: "text", form };
  assert.equal(edited.any, false);
  edited.edited(field);
  assert.equal(edited.any, true);
  edited.settled({});
  assert.equal(edited.any, true);
  edited.settled(form);
  assert.equal(edited.any, false);
  edited.edited(field);
  field.isConnected = false;
  assert.equal(edited.any, false);
});

test("an editable text without a form counts, a search field does not", () => {
  const edited = new EditedFields();
  edited.edited({ isConnected: true, type: "search" });
  assert.equal(edited.any, false);
  edited.edited({ isConnected: true });
  assert.equal(edited.any, true);
});
