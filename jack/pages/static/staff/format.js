// Times, numbers and lists as the reader writes them, on the hotel's clock.

import { language, t } from "../shared/page.js";
import { state } from "./store.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// The reader's own way of writing the page's language: en-GB for an English page, where that is their English.
const locale = navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language.split("-")[0]) ?? language;
const made = new Map();

function dated(options) {
  const key = JSON.stringify(options) + state.hotel.timeZone;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: state.hotel.timeZone ?? "UTC" }));
  return made.get(key);
}

const dayOf = (date) => dated({ year: "numeric", month: "2-digit", day: "2-digit" }).format(date);

/** 14:05 */
export const clock = (iso) => dated({ hour: "numeric", minute: "2-digit" }).format(new Date(iso));

/** Today, yesterday, or the day. */
export function day(iso) {
  const date = new Date(iso);
  if (dayOf(date) === dayOf(new Date())) return t("today");
  if (dayOf(date) === dayOf(new Date(Date.now() - DAY))) return t("yesterday");
  return dated({ weekday: "short", day: "numeric", month: "long", year: date.getFullYear() === new Date().getFullYear() ? undefined : "numeric" }).format(date);
}

/** As short as it can be: 14:05 today, else the day. */
export function brief(iso) {
  const date = new Date(iso);
  if (dayOf(date) === dayOf(new Date())) return clock(iso);
  return dated({ day: "numeric", month: "short" }).format(date);
}

/** Day and time. */
export const moment = (iso) => `${day(iso)}, ${clock(iso)}`;

export const number = (value) => new Intl.NumberFormat(locale).format(value);

const languages = new Intl.DisplayNames(locale, { type: "language" });

/** What a language is called: `es-MX`, Mexican Spanish. */
export function languageName(tag) {
  try {
    return languages.of(tag);
  } catch {
    return tag;
  }
}

/** 12 min, 3 h, 2 days: so much time, in one unit. */
export function span(milliseconds) {
  const [value, unit] =
    milliseconds < HOUR ? [milliseconds / MINUTE, "minute"] : milliseconds < 2 * DAY ? [milliseconds / HOUR, "hour"] : [milliseconds / DAY, "day"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(Math.max(1, Math.floor(value)));
}

export const since = (iso) => span(Date.now() - new Date(iso));
export const until = (iso) => span(new Date(iso) - Date.now());

/** An instant as an <input type="datetime-local"> wants it, on the hotel's clock. */
export function toLocal(iso) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: state.hotel.timeZone ?? "UTC", hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const part = Object.fromEntries(parts.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** The instant at which the hotel's clock shows this. */
export function fromLocal(text) {
  const wanted = Date.parse(`${text}:00Z`);
  let guess = wanted;
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - Date.parse(`${toLocal(guess)}:00Z`);
  return new Date(guess).toISOString();
}
