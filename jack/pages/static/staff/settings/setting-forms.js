// The forms of hotel and departments, and one for any other setting, made from its value.

import { t } from "../../shared/page.js";
import { Fragment, html } from "../preact.js";
import { bind, Check, Field, fieldLabel, Form } from "../forms.js";
import { Picker } from "../pickers.js";
import { ItemsForm } from "./items-form.js";

export const FIXED = [
  "hotel",
  "departments",
  "variables",
  "security",
  "audit",
  "backups",
  "stays.feeds",
  "push",
  "privacy",
  "channels.web",
  "channels.whatsapp",
  "channels.sms",
  "channels.email",
];
const MORE = ""; // further fields, under a name that no field has
const MASK = "********";
const HOTEL = ["name", "email", "phone", "address", "website", "timeZone", "country", "language"];

/**
 * @typedef {{ value: Staff.Values, put: (value: any) => Promise<void>,
 *   reload: () => void }} Props
 */

/** @param {any} text */
const orNull = (text) => (typeof text === "string" && !text.trim() ? null : text);

/**
 * The setting's value with the form's fields; an empty field that was not there is left out.
 * @param {Staff.Values} value
 * @param {Staff.Values} values
 * @param {string[]} names
 * @returns {Staff.Values}
 */
export function merged(value, values, names) {
  const all = names.map((name) => [name, orNull(values[name] ?? null)]);
  const kept = all.filter(([name, held]) => held !== null || name in value);
  return { ...value, ...Object.fromEntries(kept) };
}

/**
 * The first error of a field or of anything in it.
 * @param {Record<string, string>} wrong
 * @param {string} name
 */
export const firstProblem = (wrong, name) =>
  Object.entries(wrong).find(([field]) => field === name || field.startsWith(`${name}.`))?.[1];

/** @param {Props} props */
export function Hotel({ value, put, reload }) {
  /** @param {Staff.Values} values */
  const send = (values) => put(merged(value, values, HOTEL));
  return html`
    <${Form}
      draft="setting:hotel"
      initial=${value}
      fields=${hotelFields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/** @param {Staff.FormState} form */
const hotelFields = (form) => html`
  <${Field} ...${bind(form, "name")} required />
  <div class="pair">
    <${Picker} form=${form} name="timeZone" />
    <${Picker} form=${form} name="language" />
  </div>
  <div class="pair">
    <${Field} ...${bind(form, "email")} type="email" />
    <${Field} ...${bind(form, "phone")} type="tel" />
  </div>
  <${Field} ...${bind(form, "address")} />
  <div class="pair">
    <${Field} ...${bind(form, "website")} type="url" />
    <${Picker} form=${form} name="country" />
  </div>
`;

/** @param {Props} props */
export const Departments = (props) => html`
  <${ItemsForm} ...${props} names=${["name", "slug"]} id="d" add=${t("addDepartment")} />
`;

/** @param {any} held */
const isDeep = (held) => held !== null && typeof held === "object";

/**
 * A form made from the value: checkboxes, texts and numbers; anything deeper as JSON.
 * @param {Props} props
 */
export function Plain({ value, put, reload }) {
  const initial = Object.entries(value).map(([name, held]) => [
    name,
    isDeep(held) ? JSON.stringify(held, null, 2) : held,
  ]);
  /** @param {Staff.FormState} form */
  function fields(form) {
    const unknown = Object.entries(form.wrong).find(([name]) => !(name.split(".")[0] in value));
    const problem = form.wrong.json ?? unknown?.join(": ");
    return html`
      ${Object.entries(value).map(
        ([name, held]) => html`
          <${Fragment} key=${name}>
            <${PlainField} name=${name} held=${held} form=${form} />
          </${Fragment}>
        `,
      )}
      <${MoreFields} value=${form.values[MORE]} onInput=${form.set(MORE)} problem=${problem} />
    `;
  }
  /** @param {Staff.Values} values */
  async function send(values) {
    const read = Object.entries(value).map(([name, held]) => [
      name,
      typed(name, values[name], held),
    ]);
    const more = values[MORE].trim();
    await put({ ...Object.fromEntries(read), ...(more && parsed(more, "json")) });
  }
  return html`
    <${Form}
      initial=${{ ...Object.fromEntries(initial), [MORE]: "" }}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/**
 * Further fields, as JSON.
 * @param {{ value: string, onInput: (text: string) => void, problem?: string }} props
 */
const MoreFields = (props) => html`
  <${Field} label=${t("moreFields")} name="json" rows="3" hint=${t("moreFieldsHint")} ...${props} />
`;

/** @param {{ name: string, held: any, form: Staff.FormState }} props */
function PlainField({ name, held, form }) {
  const problem = form.wrong[name];
  if (typeof held === "boolean") {
    return html`
      <${Check}
        label=${fieldLabel(name)}
        checked=${form.values[name]}
        onChange=${form.set(name)}
        name=${name}
      />
      ${problem && html`<p class="problem">${problem}</p>`}
    `;
  }
  return html`
    <${Field}
      ...${bind(form, name)}
      problem=${firstProblem(form.wrong, name)}
      rows=${isDeep(held) ? 4 : undefined}
      type=${held === MASK ? "password" : "text"}
      autocomplete="off"
      hint=${held === MASK ? t("secretHint") : undefined}
    />
  `;
}

/**
 * What was typed, as the type the setting has had.
 * @param {string} name
 * @param {any} text
 * @param {any} held
 */
function typed(name, text, held) {
  if (isDeep(held)) return parsed(text, name);
  if (typeof held === "number" && text !== "") return Number(text);
  return held === null ? orNull(text) : text;
}

/**
 * Typed JSON. Throws in the shape of an API error, so that it is shown at its field.
 * @param {string} text
 * @param {string} field
 */
function parsed(text, field) {
  try {
    return JSON.parse(text);
  } catch {
    const details = [{ field, code: "not_json", message: "" }];
    throw Object.assign(new Error(), { details });
  }
}

/**
 * A value as pairs of label and text.
 * @param {Staff.Values} value
 * @returns {[string, string][]}
 */
export function readable(value) {
  if (Array.isArray(value.items)) return value.items.map(({ name, slug }) => [name, slug]);
  return Object.entries(value).map(([name, held]) => [fieldLabel(name), textOf(held)]);
}

/** @param {any} held */
function textOf(held) {
  if (held === null || held === "") return "–";
  if (typeof held === "boolean") return t(held ? "yes" : "no");
  return typeof held === "object" ? JSON.stringify(held) : String(held);
}
