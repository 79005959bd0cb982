// The stay of a guest that matters now, as one block: where, when, who, and what it is known by.

import { t } from "../../shared/page.js";
import { calendarDay, hotelToday, nightsBetween } from "../format.js";
import { fieldLabel } from "../forms.js";
import { html, useState } from "../preact.js";
import { nextStep, nightsText } from "../stay.js";
import { StayActs } from "./stay-acts.js";

/** @param {Api.Stay} stay */
export const peopleText = ({ adults, children }) =>
  t("stays.people", { people: children ? `${adults}+${children}` : `${adults}` });

/**
 * Whether what comes next is today, tomorrow, or late: other days are read from the days.
 * @param {Api.Stay} stay
 */
const isSoon = ({ status, arrival, departure }) =>
  nightsBetween(hotelToday(), status === "booked" ? arrival : departure) <= 1;

/** @param {{ stay: Api.Stay, onChanged: () => void }} props */
export function StayBlock({ stay, onChanged }) {
  const { room, arrival, departure, status, notes } = stay;
  return html`
    <li class="stay-block ${status}">
      <p class="where">
        <b dir="auto">${room ?? t("day.noRoom")}</b>
        <span class="now">
          ${t(`stays.statuses.${status}`)}${isSoon(stay) && ` · ${nextStep(stay)}`}
        </span>
      </p>
      <p class="when">${calendarDay(arrival)} → ${calendarDay(departure)}</p>
      <p>${nightsText(stay)} · ${peopleText(stay)}</p>
      <${Known} stay=${stay} />
      ${notes && html`<p class="hint" dir="auto">${notes}</p>`}
      <${StayActs} stay=${stay} onChanged=${onChanged} />
    </li>
  `;
}

/**
 * When they come, where it was booked, and its number, as far as that is known.
 * @param {{ stay: Api.Stay }} props
 */
function Known({ stay: { eta, source, confirmation } }) {
  /** @type {[string, any][]} */
  const facts = [
    ["eta", eta && html`<bdi>${eta}</bdi>`],
    ["source", source && html`<bdi>${source}</bdi>`],
    ["confirmation", confirmation && html`<${Copied} text=${confirmation} />`],
  ];
  const known = facts.filter(([, value]) => value);
  if (!known.length) return null;
  return html`
    <dl>
      ${known.map(
        ([name, value]) => html`
          <div key=${name}><dt>${fieldLabel(name)}</dt><dd>${value}</dd></div>
        `,
      )}
    </dl>
  `;
}

/**
 * A number with a button that copies it.
 * @param {{ text: string }} props
 */
function Copied({ text }) {
  const [copied, setCopied] = useState(false);
  /** @param {Event & { currentTarget: HTMLElement }} event */
  async function copy({ currentTarget }) {
    await copyText(text, currentTarget);
    setCopied(true);
  }
  return html`
    <bdi class="number">${text}</bdi>
    <button type="button" class="quiet small" onClick=${copy}>
      ${t(copied ? "copied" : "copy")}<span class="unseen"> ${fieldLabel("confirmation")}</span>
    </button>
    <span class="unseen" role="status">${copied && t("copied")}</span>
  `;
}

/**
 * @param {string} text
 * @param {HTMLElement} button beside which the text stands
 */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // without TLS there is no clipboard to write to
    const shown = /** @type {Element} */ (button.previousElementSibling);
    getSelection()?.selectAllChildren(shown);
    document.execCommand("copy");
  }
}
