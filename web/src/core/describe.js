/**
 * A call in words: its title, its state, where it came from. Pure; the desk's card, pill, notification and
 * screen reader text all speak from here, so that they never disagree.
 */

/** @typedef {import("./types.js").Call} Call */
/** @typedef {import("./words.js").Words} Words */

/**
 * How sure we are who it is. `many`: several people have the number for sure, or may have it.
 * @param {Call} call
 * @returns {"sure"|"possible"|"many"|"unknown"|"withheld"}
 */
export function certainty(call) {
  if (call.withheld) return "withheld";
  if (call.contact) return call.contact.certainty;
  return call.candidates.length > 1 ? "many" : "unknown";
}

/**
 * The largest line: the name, or the number when there is no one name.
 * @param {Call} call
 * @param {Words} t
 */
export function callerTitle(call, t) {
  const name = call.contact?.name || call.contact?.company;
  if (name) return call.contact?.certainty === "sure" ? name : t("possibly", { name });
  return call.withheld ? t("withheld") : call.display || call.number || t("unknown_caller");
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
    default:
      return call.contact?.reason ?? "";
  }
}

/** The second line of a notification and what a screen reader says. @param {Call} call @param {Words} t */
export function incomingSentence(call, t) {
  const company = call.contact?.name ? call.contact.company : "";
  return [t("incoming_call"), company, ...route(call, t)].filter(Boolean).join(" · ");
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
