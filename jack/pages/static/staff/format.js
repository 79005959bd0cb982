// Times, numbers and names as the reader writes them, in the hotel's time zone.

import { language, t } from "../shared/page.js";
import { getItem } from "./local-storage.js";
import { state } from "./store.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// The browser's variant of the page's language: en-GB for an English page, say.
const base = language.split("-")[0];
const locale =
  navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === base) ?? language;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {Date} date
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(date, options) {
  const timeZone = state.hotel.timeZone ?? "UTC";
  const key = JSON.stringify(options) + timeZone;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone });
  formats.set(key, known);
  return known.format(date);
}

/** @param {Date} date */
const dayOf = (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" });

/** How hours are written, of those of `HOURS`: a choice of each member of staff. */
export const chosenHours = () => getItem("hours", "usual");
/** @type {Record<string, Intl.DateTimeFormatOptions>} */
export const HOURS = {
  usual: { hour: "numeric" },
  h23: { hour: "2-digit", hourCycle: "h23" },
  h12: { hour: "numeric", hourCycle: "h12" },
};

/**
 * 14:05, or 2:05 pm
 * @param {string} iso
 */
export const clock = (iso) =>
  format(new Date(iso), { ...(HOURS[chosenHours()] ?? HOURS.usual), minute: "2-digit" });

/**
 * Today, yesterday, tomorrow, or the day.
 * @param {string} iso
 */
export function day(iso) {
  const date = new Date(iso);
  if (dayOf(date) === dayOf(new Date())) return t("today");
  if (dayOf(date) === dayOf(new Date(Date.now() - DAY))) return t("yesterday");
  if (dayOf(date) === dayOf(new Date(Date.now() + DAY))) return t("tomorrow");
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return format(date, { weekday: "short", day: "numeric", month: "long", year });
}

/**
 * As short as possible: 14:05 today, else the day.
 * @param {string} iso
 */
export function brief(iso) {
  const date = new Date(iso);
  if (dayOf(date) === dayOf(new Date())) return clock(iso);
  return format(date, { day: "numeric", month: "short" });
}

/**
 * Day and time.
 * @param {string} iso
 */
export const moment = (iso) => `${day(iso)}, ${clock(iso)}`;

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(locale).format(value);

const languages = new Intl.DisplayNames(locale, { type: "language" });

/**
 * The name of a language: `es-MX`, Mexican Spanish.
 * @param {string} tag
 */
export function languageName(tag) {
  try {
    return languages.of(tag);
  } catch {
    return tag;
  }
}

/**
 * A duration in one unit: 12 min, 3 h, 2 days (from a day and a half on, rounded).
 * @param {number} milliseconds
 */
function span(milliseconds) {
  let [length, unit, round] = [DAY, "day", Math.round];
  if (milliseconds < 1.5 * DAY) [length, unit, round] = [HOUR, "hour", Math.floor];
  if (milliseconds < HOUR) [length, unit] = [MINUTE, "minute"];
  const shape = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
  return shape.format(Math.max(1, round(milliseconds / length)));
}

/** @param {string} iso */
export const since = (iso) => span(Date.now() - Date.parse(iso));
/** @param {string} iso */
export const until = (iso) => span(Date.parse(iso) - Date.now());

/**
 * An instant as an <input type="datetime-local"> takes it, in the hotel's time zone.
 * @param {number} instant
 */
export function toLocal(instant) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: state.hotel.timeZone ?? "UTC",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(instant);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/**
 * The instant (RFC 3339) at which the hotel's clock shows this.
 * @param {string} text 2026-03-01T14:05
 */
export function fromLocal(text) {
  const wanted = Date.parse(`${text}:00Z`);
  let guess = wanted;
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - Date.parse(`${toLocal(guess)}:00Z`);
  return new Date(guess).toISOString();
}

/** Today at the hotel: 2026-03-01. */
export const hotelToday = () => toLocal(Date.now()).slice(0, 10);

/**
 * A day of the calendar, in any time zone the same: Sun 1 Mar.
 * @param {string} date 2026-03-01
 */
export function calendarDay(date) {
  const year = date.slice(0, 4) === hotelToday().slice(0, 4) ? undefined : "numeric";
  return new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year,
    timeZone: "UTC",
  }).format(Date.parse(date));
}

/**
 * How many nights lie between two days.
 * @param {string} from
 * @param {string} to
 */
export const nightsBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
