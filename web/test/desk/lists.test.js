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

test("older calls are asked for by the end of the last one shown, so that none that overlapped it is missed", async () => {
  const row = { id: "r1", direction: "inbound", state: "ended", started_at: 1000, ended_at: 9000 };
  /** @type {string[]} */
  const paths = [];
  const get = async (/** @type {string} */ path) => {
    paths.push(path);
    return { items: [row], more: true };
  };
  const lists = new Lists({ get, sentence: String, onChange: () => {} });
  await lists.loadHistory();
  await lists.moreHistory();
  assert.equal(new URLSearchParams(paths[1].split("?")[1]).get("before"), "9000");
});
