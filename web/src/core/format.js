/**
 * Times as people read them. Pure: the clock and the words are passed in.
 */

/** @typedef {import("./words.js").Words} Words */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A running or past duration: `0:07`, `12:40`, `1:02:03`.
 * @param {number} ms
 */
export function duration(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * How long ago, up to a day; then the date, with the year only when it is another one.
 * @param {number} thenMs
 * @param {number} nowMs
 * @param {Words} t
 * @param {{locale?: string, timeZone?: string}} [where]
 */
export function ago(thenMs, nowMs, t, { locale, timeZone } = {}) {
  const age = nowMs - thenMs;
  if (age < MINUTE_MS) return t("just_now");
  if (age < HOUR_MS) return t("minutes_ago", { n: Math.floor(age / MINUTE_MS) });
  if (age < DAY_MS) return t("hours_ago", { n: Math.floor(age / HOUR_MS) });
  const sameYear = new Date(thenMs).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(sameYear ? { hour: "2-digit", minute: "2-digit" } : { year: "numeric" }),
    timeZone,
  }).format(thenMs);
}

/** A count as people write it: `1,000`. @param {number} n @param {string} [locale] */
export function counted(n, locale) {
  return new Intl.NumberFormat(locale).format(n);
}

/** The exact time, for a hover text. @param {number} ms @param {string} [locale] */
export function exactTime(ms, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(ms);
}
