// Languages, countries and time zones, picked by name.

import { t } from "../shared/page.js";
import { countryItems, languageItems, zoneItems } from "../shared/places.js";
import { html, useState } from "./preact.js";
import { bind, Field, Option, Options } from "./forms.js";

/** @type {Record<string, (own: string | null) => import("../shared/places.js").Item[]>} */
const ITEMS = { language: languageItems, country: countryItems, timeZone: zoneItems };

/**
 * A field to pick one of these by name; what stands in it already is among them.
 * @param {{ form: Staff.FormState, name: "language" | "country" | "timeZone",
 *   hint?: string }} props
 */
export function Picker({ form, name, hint }) {
  const value = form.values[name] ?? "";
  const [items] = useState(() => ITEMS[name](value));
  return html`
    <${Field} ...${bind(form, name)} hint=${hint}>
      <${Option} value="">${t("notChosen")}</${Option}>
      <${Options} items=${items} />
    </${Field}>
  `;
}
