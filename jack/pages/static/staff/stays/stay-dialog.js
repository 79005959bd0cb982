// Entering a stay of a guest, and changing one: other days, another room.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { hotelToday } from "../format.js";
import { bind, Field, FormDialog } from "../forms.js";
import { request } from "../request.js";

/** What the form of a new stay begins with: one night from today. */
function blank() {
  const arrival = hotelToday();
  const departure = new Date(Date.parse(arrival) + 86_400_000).toISOString().slice(0, 10);
  const people = { adults: "1", children: "0" };
  return { arrival, departure, room: "", ...people, eta: "", confirmation: "", notes: "" };
}

/**
 * With `stay` it is that one that is changed.
 * @param {{ guestId: string | null, stay?: Api.Stay, onClose: () => void,
 *   onEntered: () => void }} props
 */
export function StayDialog({ guestId, stay, onClose, onEntered }) {
  const initial = stay ? valuesOf(stay) : blank();
  /**
   * @param {Record<string, string>} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(values);
    if (stay) await change(stay, body);
    else await request("POST", "/stays", { body: { ...body, guestId }, key: keyFor(body) });
    onClose();
    onEntered();
  }
  return html`
    <${FormDialog}
      draft=${stay ? `stay:${stay.id}` : `stay:new:${guestId ?? ""}`}
      title=${t(stay ? "stays.edit" : "stays.enter")}
      onClose=${onClose}
      initial=${initial}
      fields=${Fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/**
 * A stay as the form has it.
 * @param {Api.Stay} stay
 * @returns {Record<string, string>}
 */
const valuesOf = (stay) =>
  Object.fromEntries(
    Object.keys(blank()).map((name) => [name, `${/** @type {any} */ (stay)[name] ?? ""}`]),
  );

/**
 * Changes what is otherwise than it was shown: what somebody else has changed meanwhile stays.
 * @param {Api.Stay} stay
 * @param {Record<string, any>} body
 */
async function change(stay, body) {
  const before = bodyOf(valuesOf(stay));
  const changed = Object.entries(body).filter(([name, value]) => value !== before[name]);
  if (!changed.length) return;
  await request("PATCH", `/stays/${stay.id}`, { body: Object.fromEntries(changed) });
}

/**
 * @param {Record<string, string>} values
 * @returns {Record<string, any>}
 */
function bodyOf({ adults, children, ...values }) {
  const texts = Object.entries(values).map(([name, text]) => [name, text.trim() || null]);
  const people = { adults: Number(adults), children: Number(children) };
  return { ...Object.fromEntries(texts), ...people };
}

/** @param {Staff.FormState} form */
function Fields(form) {
  return html`
    <div class="pair">
      <${Field} ...${bind(form, "arrival")} type="date" required />
      <${Field} ...${bind(form, "departure")} type="date" required />
    </div>
    <div class="pair">
      <${Field} ...${bind(form, "room")} maxlength="32" />
      <${Field} ...${bind(form, "eta")} type="time" />
    </div>
    <div class="pair">
      <${Field} ...${bind(form, "adults")} type="number" min="0" max="99" required />
      <${Field} ...${bind(form, "children")} type="number" min="0" max="99" required />
    </div>
    <${Field} ...${bind(form, "confirmation")} maxlength="100" />
    <${Field} ...${bind(form, "notes")} rows="2" />
  `;
}
