import assert from "node:assert/strict";
import { test } from "node:test";
import { Lists } from "../../src/desk/lists.js";

test("what one person saw, or had asked for, is not shown to the next", async () => {
  /** @type {((answer: unknown) => void)[]} */
  const answers = [];
  const lists = new Lists({
    get: () => new Promise((resolve) => answers.push(resolve)),
    sentence: String,
    onChange: () => {},
  });
  const colleagues = lists.loadColleagues();
  answers[0]({ items: [{ extension: "202", name: "Luca" }] });
  await colleagues;
  assert.equal(lists.colleagues.items.length, 1);
  const late = [lists.loadColleagues(), lists.loadHistory()];
  lists.forget();
  answers[1]({ items: [{ extension: "203", name: "Noa" }] });
  answers[2]({ items: [], more: true });
  await Promise.all(late);
  assert.deepEqual([lists.colleagues.items, lists.history.items, lists.history.more], [[], [], false]);
});
