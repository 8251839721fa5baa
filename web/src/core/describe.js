/**
 * A call in words: its title, its state, where it came from. Pure; the desk's card, pill, notification and
 * screen reader text all speak from here, so that they never disagree.
 */

import { counted } from "./format.js";

/** @typedef {import("./types.js").Call} Call */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./words.js").Words} Words */

/**
 * How sure we are who it is. `many`: several people have the number for sure, or may have it. `picked`: this
 * agent said who it is, whatever the books know.
 * @param {Call} call
 * @returns {"sure"|"picked"|"possible"|"many"|"unknown"|"withheld"}
 */
export function certainty(call) {
  if (call.withheld) return "withheld";
  if (call.contact) return call.picked ? "picked" : call.contact.certainty;
  return call.candidates.length > 1 ? "many" : "unknown";
}

/**
 * The largest line: the name, or the number when there is no one name.
 * @param {Call} call
 * @param {Words} t
 */
export function callerTitle(call, t) {
  const name = call.contact?.name || call.contact?.company;
  if (name) return certainty(call) === "possible" ? t("possibly", { name }) : name;
  return call.withheld ? t("withheld") : call.display || call.number || t("unknown_caller");
}

/**
 * The line under the name. Without a name: the company that all who fit belong to, where no button names it.
 * @param {Call} call
 */
export function companyLine({ contact, company }) {
  if (contact) return companyOf(contact);
  return company && company.page_url === null ? company.name : "";
}

/** Whether the title is a number, which reads left to right. @param {Call} call */
export function titleIsNumber(call) {
  return !call.contact && !call.withheld && /^[+\d][\d\s().\-/]*$/.test(call.display || call.number || "");
}

/** @param {Call} call @param {Words} t */
export function stateWords(call, t) {
  switch (call.state) {
    case "ringing":
      return t(`ringing_${call.direction}`);
    case "talking":
      return t("talking");
    case "held":
      return t("held");
    case "ended":
      return t("ended");
    case "missed":
      return t("missed");
    case "answered-elsewhere": {
      const name = call.answered_by_names[0];
      return name ? t("answered_by", { name }) : t("answered_elsewhere");
    }
  }
}

/** "From queue Support", "Via Luca": how it came here. @param {Call} call @param {Words} t @returns {string[]} */
export function route(call, t) {
  const parts = [];
  if (call.queue) parts.push(t("from_queue", { name: call.queue }));
  if (call.via) parts.push(t("via", { name: call.via }));
  return parts;
}

/** Why we think so, or what we don't know. @param {Call} call @param {Words} t */
export function why(call, t) {
  switch (certainty(call)) {
    case "withheld":
      return t("why_withheld");
    case "many":
      return t("why_many", { n: call.candidates.length });
    case "unknown":
      if (call.lookup === "pending") return t("looking_up");
      return call.direction === "internal" ? t("why_internal") : t("why_unknown");
    case "picked":
      return [t("why_picked"), call.contact?.reason].filter(Boolean).join(" · ");
    default:
      return call.contact?.reason ?? "";
  }
}

/** What must be known of a contact before it is used: words to stand beside the name. @param {Item} item @param {Words} t */
export function marks(item, t) {
  return [item.archived ? t("archived") : "", item.blocked ? t("blocked") : ""].filter(Boolean);
}

/** The name that a list shows. @param {Item} item @param {Words} t */
export function nameOf(item, t) {
  return item.name || item.company || t("unnamed");
}

/** The company to say beside the name: not one that is itself the name. @param {Item} item */
export function companyOf(item) {
  return item.name && item.company !== item.name ? item.company : "";
}

/** The same with the doubt about it in words. @param {import("./types.js").Contact} contact @param {Words} t */
export function doubtfulName(contact, t) {
  const name = nameOf(contact, t);
  return contact.certainty === "sure" ? name : t("possibly", { name });
}

/** How many a search found, and how to see the others. @param {import("./types.js").Found} found @param {Words} t @param {string} [locale] */
export function foundWords({ items, total, exact }, t, locale) {
  if (!items.length) return t("search_none");
  const gaps = { n: counted(items.length, locale), m: counted(total, locale) };
  if (!exact) return t("n_of_over", gaps);
  return t(items.length < total ? "n_of_m" : "n_found", gaps);
}

/** The pages beside the one that opens first: one person may be in several apps. @param {Item} item */
export function otherPages(item) {
  return item.pages.filter((one) => one.url !== null && one.url !== item.page_url);
}

/** What the button that opens the first page says: the app's name only where there are several. @param {Item} item @param {Words} t */
export function openWords(item, t) {
  const first = item.pages.find((one) => one.url === item.page_url);
  return first?.name && otherPages(item).length ? t("open_in", { app: first.name }) : t("open_contact");
}

/** The second line of a notification and what a screen reader says. @param {Call} call @param {Words} t */
export function incomingSentence(call, t) {
  return [t("incoming_call"), companyLine(call), ...route(call, t)].filter(Boolean).join(" · ");
}

/** From when a running time counts, in the server's ms; null when none is shown. @param {Call} call */
export function runningSince(call) {
  if (call.state === "ringing") return call.started_at;
  return call.state === "talking" || call.state === "held" ? (call.answered_at ?? call.started_at) : null;
}

/** How long the agent talked, in ms; null when never. @param {Call} call */
export function talkedMs(call) {
  return call.state === "ended" && call.answered_at !== null && call.ended_at !== null
    ? call.ended_at - call.answered_at
    : null;
}
