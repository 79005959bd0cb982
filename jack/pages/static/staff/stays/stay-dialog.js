// Entering a stay of a guest.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { hotelToday } from "../format.js";
import { bind, Field, FormDialog } from "../forms.js";
import { request } from "../request.js";

/** @param {{ guestId: string, onClose: () => void, onEntered: () => void }} props */
export function StayDialog({ guestId, onClose, onEntered }) {
  const arrival = hotelToday();
  const departure = new Date(Date.parse(arrival) + 86_400_000).toISOString().slice(0, 10);
  const initial = { arrival, departure, room: "", adults: "1", children: "0", eta: "" };
  /**
   * @param {Record<string, string>} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(guestId, values);
    await request("POST", "/stays", { body, key: keyFor(body) });
    onClose();
    onEntered();
  }
  return html`
    <${FormDialog}
      title=${t("stays.enter")}
      onClose=${onClose}
      initial=${{ ...initial, confirmation: "", notes: "" }}
      fields=${Fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/**
 * @param {string} guestId
 * @param {Record<string, string>} values
 */
function bodyOf(guestId, { adults, children, ...values }) {
  const texts = Object.entries(values).map(([name, text]) => [name, text.trim() || null]);
  const people = { adults: Number(adults), children: Number(children) };
  return { guestId, ...Object.fromEntries(texts), ...people };
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
