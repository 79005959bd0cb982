// The stay of a guest in one line: room, nights, and what comes next.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { calendarDay, hotelToday, nightsBetween } from "./format.js";

/** @param {{ arrival: string, departure: string }} stay */
export function nightsText({ arrival, departure }) {
  const count = nightsBetween(arrival, departure);
  if (count === 0) return t("stays.dayUse");
  return count === 1 ? t("stays.oneNight") : t("stays.nights", { count });
}

/**
 * What comes next in a stay, and when.
 * @param {Pick<Api.Stay, "status" | "arrival" | "departure">} stay
 */
export function nextStep({ status, arrival, departure }) {
  const [word, day] = status === "booked" ? ["arrives", arrival] : ["leaves", departure];
  if (status === "departed") return t("stays.left", { day: calendarDay(departure) });
  const days = nightsBetween(hotelToday(), day);
  if (days === 0) return t(`stays.${word}Today`);
  if (days === 1) return t(`stays.${word}Tomorrow`);
  return t(`stays.${word}On`, { day: calendarDay(day) });
}

/** @param {{ stay: Api.CurrentStay | null }} props */
export function StayLine({ stay }) {
  if (!stay) return null;
  const today = [stay.arrival, stay.departure].includes(hotelToday()) && stay.status !== "departed";
  return html`
    <span class=${today ? "stay today" : "stay"}>
      ${stay.room && html`<b dir="auto">${stay.room}</b>`}
      <span class="nights">${stay.room && " · "}${nightsText(stay)} · ${nextStep(stay)}</span>
    </span>
  `;
}
