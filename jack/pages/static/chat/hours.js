// Whether the hotel answers now, and when it opens next, by its opening hours in its time zone.

import { locale } from "./view.js";
import { $, t } from "../shared/page.js";

const { hours: json = "null", zone = "", away } = document.body.dataset;
/** @type {Chat.Hours | null} */
const hours = JSON.parse(json);
const greeting = $("greeting").querySelector(".what");
const usual = greeting.textContent;
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const DAY = 24 * 60;
/** @type {Intl.DateTimeFormatOptions} */
const time = { hour: "numeric", minute: "2-digit", timeZone: "UTC" };

/** Shows the greeting for the current hours; runs again every minute. */
export function showGreeting() {
  const now = hours && onTheirClock();
  if (!now) return;
  const open = isOpen(now);
  const next = open ? null : opening(now);
  $("about").textContent = open ? t("here") : next ? t("back", { when: next }) : t("gone");
  greeting.textContent = open ? usual : away || t("away");
  $("greeting").hidden = false;
  setTimeout(showGreeting, 60_000 - (Date.now() % 60_000));
}

/** The moment at the hotel; null if the browser does not know its time zone. */
function onTheirClock() {
  try {
    return reading(zone);
  } catch {
    $("greeting").hidden = false;
    return null;
  }
}

/**
 * @param {string} [timeZone]
 * @returns {Chat.Moment}
 */
function reading(timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = { timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const parts = new Intl.DateTimeFormat("en-GB", shape).formatToParts(new Date());
  const { weekday, hour, minute } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value]),
  );
  return { day: DAYS.indexOf(weekday.toLowerCase()), minute: Number(hour) * 60 + Number(minute) };
}

/**
 * Opening hours that begin on a day, in minutes of it; past midnight they end after 1440.
 * @param {number} day
 */
function spans(day) {
  return (hours?.[DAYS[(day + 7) % 7]] ?? []).map(({ from, to }) => {
    const [begin, end] = [minutes(from), minutes(to)];
    return [begin, end > begin ? end : end + DAY];
  });
}

/** @param {string} text */
const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
/** @type {(minute: number) => (span: number[]) => boolean} */
const within =
  (minute) =>
  ([begin, end]) =>
    begin <= minute && minute < end;

/** @param {Chat.Moment} now */
function isOpen({ day, minute }) {
  return spans(day).some(within(minute)) || spans(day - 1).some(within(minute + DAY));
}

/**
 * When the hotel opens next, as text; null when it never does.
 * @param {Chat.Moment} now
 */
function opening({ day, minute }) {
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    const begins = spans(day + ahead)
      .map(([begin]) => begin)
      .filter((begin) => ahead > 0 || begin > minute);
    if (begins.length) return worded(ahead, day + ahead, Math.min(...begins));
  }
  return null;
}

/**
 * @param {number} ahead days
 * @param {number} day
 * @param {number} minute
 */
function worded(ahead, day, minute) {
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = ahead > 0 ? { weekday: "long", ...time } : time;
  // 7 January 2024 was a Sunday. Formatted as UTC, so that no time zone changes it.
  const when = new Intl.DateTimeFormat(locale, shape).format(Date.UTC(2024, 0, 7 + day, 0, minute));
  const [here, there] = [reading(undefined), reading(zone)];
  return here.minute === there.minute && here.day === there.day ? when : t("hotelTime", { when });
}
