// The desk's messages as the service hands them to the page.
import { readFileSync } from "node:fs";

/** @type {Record<string, string>} */
export const catalogue = JSON.parse(
  readFileSync(new URL("../../src/linedesk/messages/en/desk.json", import.meta.url), "utf8"),
);
