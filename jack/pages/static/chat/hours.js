// Whether somebody at the hotel answers now, and when again, by the hours and on the clock of the hotel.

import { locale } from "./view.js";
import { $, t } from "../shared/page.js";

const { hours: given, zone, away } = document.body.dataset;
const hours = JSON.parse(given);
const greeting = $("greeting").querySelector(".what");
const usual = greeting.textContent;
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const DAY = 24 * 60;
const time = { hour: "numeric", minute: "2-digit", timeZone: "UTC" };

/** Greets by the hours, and again whenever the minute may have changed them. */
export function greet() {
  const now = hours && onTheirClock();
  if (!now) return;
  const open = isOpen(now);
  const next = open ? null : opening(now);
  $("about").textContent = open ? t("here") : next ? t("back", { when: next }) : t("gone");
  greeting.textContent = open ? usual : away || t("away");
  $("greeting").hidden = false;
  setTimeout(greet, 60_000 - (Date.now() % 60_000));
}

/** Day of the week and minute of the day at the hotel; null in a browser that does not know where that is. */
function onTheirClock() {
  try {
    return reading(zone);
  } catch {
    $("greeting").hidden = false;
    return null;
  }
}

function reading(timeZone) {
  const shape = { timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const parts = new Intl.DateTimeFormat("en-GB", shape).formatToParts(new Date());
  const { weekday, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { day: DAYS.indexOf(weekday.toLowerCase()), minute: hour * 60 + Number(minute) };
}

/** The hours that begin on a day, in minutes of it; those over midnight end after it. */
function spans(day) {
  return (hours[DAYS[(day + 7) % 7]] ?? []).map(({ from, to }) => {
    const [begin, end] = [minutes(from), minutes(to)];
    return [begin, end > begin ? end : end + DAY];
  });
}

const minutes = (text) => text.slice(0, 2) * 60 + Number(text.slice(3));
const within = (minute) => ([begin, end]) => begin <= minute && minute < end;

function isOpen({ day, minute }) {
  return spans(day).some(within(minute)) || spans(day - 1).some(within(minute + DAY));
}

/** When the hotel opens next, in words; null when it never does. */
function opening({ day, minute }) {
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    const begins = spans(day + ahead).map(([begin]) => begin).filter((begin) => ahead > 0 || begin > minute);
    if (begins.length) return worded(ahead, day + ahead, Math.min(...begins));
  }
  return null;
}

function worded(ahead, day, minute) {
  const shape = ahead > 0 ? { weekday: "long", ...time } : time;
  // 7 January 2024 was a Sunday; no time zone comes between this and its words.
  const when = new Intl.DateTimeFormat(locale, shape).format(Date.UTC(2024, 0, 7 + day, 0, minute));
  const [here, there] = [reading(undefined), reading(zone)];
  return here.minute === there.minute && here.day === there.day ? when : t("hotelTime", { when });
}
