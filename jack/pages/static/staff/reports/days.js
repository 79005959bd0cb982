// Days of the calendar as the API has them, `2026-05-01`, and the periods one asks for.

import { language } from "../../shared/page.js";
import { state } from "../store.js";

const DAY = 86_400_000;

/** @typedef {{ from: string, to: string, by: string }} Asked */

/** @param {number} instant */
const text = (instant) => new Date(instant).toISOString().slice(0, 10);

/** Today by the hotel's clock, as an instant of the calendar alone. */
function today() {
  const timeZone = state.hotel.timeZone ?? "UTC";
  const shape = { timeZone, year: "numeric", month: "2-digit", day: "2-digit" };
  return Date.parse(
    new Intl.DateTimeFormat("en-CA", /** @type {Intl.DateTimeFormatOptions} */ (shape)).format(),
  );
}

/**
 * The first of a month, so many months from this one.
 * @param {number} months
 */
function monthFrom(months) {
  const date = new Date(today());
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** The periods to choose from, by name. @type {Record<string, () => Asked>} */
export const PERIODS = {
  week: () => ({ from: text(today() - 6 * DAY), to: text(today()), by: "day" }),
  fourWeeks: () => ({ from: text(today() - 27 * DAY), to: text(today()), by: "day" }),
  month: () => ({ from: text(monthFrom(0)), to: text(today()), by: "day" }),
  lastMonth: () => ({ from: text(monthFrom(-1)), to: text(monthFrom(0) - DAY), by: "day" }),
  year: () => ({ from: text(monthFrom(-11)), to: text(today()), by: "month" }),
};

/**
 * A day, or with `by` the part of a period that begins then: 1 May, or May 2026.
 * @param {string} day
 */
export const dayText = (day, by = "day") =>
  new Intl.DateTimeFormat(language, {
    timeZone: "UTC",
    month: "short",
    ...(by === "month" ? { year: "numeric" } : { day: "numeric" }),
  }).format(Date.parse(day));

/** The days of a week, Monday first, in short. */
export const weekdays = () =>
  Array.from({ length: 7 }, (_, index) =>
    new Intl.DateTimeFormat(language, { timeZone: "UTC", weekday: "short" }).format(
      Date.UTC(2024, 0, 1 + index), // a Monday
    ),
  );

/**
 * Seconds in one unit or two: 45 s, 12 min, 1 h 5 min, 2 days.
 * @param {number | null} seconds
 */
export function duration(seconds) {
  if (seconds === null) return "–";
  /** @type {[string, number][]} */
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[first] ?? ["second", 1];
  const parts = [inUnit(Math.floor(seconds / size), unit)];
  const next = first >= 0 && first < 2 ? units[first + 1] : undefined;
  const rest = next && Math.floor((seconds % size) / next[1]);
  if (next && rest) parts.push(inUnit(rest, next[0]));
  return parts.join(" ");
}

/**
 * @param {number} value
 * @param {string} unit
 */
const inUnit = (value, unit) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
