// The forms of the channels' accounts. Fields that a form does not know stay as they are.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { bind, Check, Field, Form, Option, Options } from "../forms.js";
import { state } from "../store.js";

export const MASK = "********";
const SECRETS = [
  "accessToken",
  "appSecret",
  "verifyToken",
  "authToken",
  "apiKeySecret",
  "password",
];
const TWILIO = [
  "accountSid",
  "authToken",
  "from",
  "messagingServiceSid",
  "apiKeySid",
  "apiKeySecret",
];
const META = ["phoneNumberId", "accessToken", "appSecret", "verifyToken"];
/** @type {Record<string, string[]>} */
const CHOICES = {
  provider: ["meta", "twilio"],
  security: ["tls", "starttls", "none"],
  auth: ["password", "xoauth2"],
};
const NUMBERS = ["port", "pollSeconds"];

/** @typedef {[heading: string, names: string[]]} Group */
/**
 * @typedef {{ value: Staff.Values, put: (value: any) => Promise<void>,
 *   reload: () => void, faults: Record<string, string> }} Props
 */

/** @param {string} name */
const last = (name) => name.split(".").at(-1) ?? name;

/**
 * A setting's value by the names of its fields: {"smtp.host": …}.
 * @param {Staff.Values} value
 */
export const flat = (value) =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, held]) =>
      held && typeof held === "object" && !Array.isArray(held)
        ? Object.entries(held).map(([inner, one]) => [`${name}.${inner}`, one])
        : [[name, held]],
    ),
  );

/**
 * The setting's value with what was typed into these fields.
 * @param {Staff.Values} value
 * @param {Staff.Values} typed
 * @param {string[]} names
 */
function merged(value, typed, names) {
  const made = structuredClone(value);
  for (const name of names) {
    const [outer, inner] = name.split(".");
    if (inner === undefined) put(made, outer, typed[name]);
    else {
      made[outer] ??= {};
      put(made[outer], inner, typed[name]);
      if (!Object.values(made[outer]).some((one) => one !== null)) delete made[outer];
    }
  }
  return made;
}

/**
 * Sets a field; an empty one becomes null if it was there, an empty choice is removed.
 * @param {Staff.Values} into
 * @param {string} name
 * @param {any} typed
 */
function put(into, name, typed = null) {
  const empty = typed === null || (typeof typed === "string" && !typed.trim());
  if (!empty) into[name] = NUMBERS.includes(name) ? Number(typed) : typed;
  else if (name in CHOICES) delete into[name];
  else if (name in into) into[name] = null;
}

/** @param {{ name: string, form: Staff.FormState }} props */
function AccountField({ name, form }) {
  const shared = { ...bind(form, name), label: t(`fields.${last(name)}`) };
  const choices = CHOICES[last(name)];
  if (choices) {
    return html`
      <${Field} ...${shared}>
        <${Option} value="">–</${Option}>
        <${Options} items=${choices.map((one) => [one, t(`choices.${one}`)])} />
      </${Field}>
    `;
  }
  const secret = SECRETS.includes(last(name));
  return html`
    <${Field}
      ...${shared}
      type=${secret ? "password" : "text"}
      inputmode=${NUMBERS.includes(last(name)) ? "numeric" : undefined}
      autocomplete="off"
      hint=${secret && form.values[name] === MASK ? t("secretHint") : undefined}
    />
  `;
}

/** @param {{ group: Group, form: Staff.FormState }} props */
export const AccountFields = ({ group: [heading, names], form }) => html`
  <fieldset>
    ${heading && html`<legend>${t(`fields.${heading}`)}</legend>`}
    <div class="pair account">
      ${names.map((name) => html`<${AccountField} key=${name} name=${name} form=${form} />`)}
    </div>
  </fieldset>
`;

/**
 * What a form has beside its groups: a component, and the names of its fields.
 * @typedef {{ fields: (props: { form: Staff.FormState }) => any,
 *   names: (values: Staff.Values) => string[] }} More
 */

/**
 * Saves; a secret that is not on the form, and that would be sent elsewhere now, is given up.
 * @param {Props["put"]} save
 * @param {Staff.Values} wanted
 * @param {string[]} names
 * @returns {Promise<void>}
 */
async function saved(save, wanted, names) {
  await save(wanted).catch((error) => {
    const unseen = (error.details ?? []).filter(
      (/** @type {Api.Detail} */ { code, field }) =>
        code === "secret_needed" && !names.includes(field),
    );
    if (!unseen.length) throw error;
    const dropped = unseen.map((/** @type {Api.Detail} */ { field }) => field);
    return saved(save, merged(wanted, {}, dropped), names);
  });
}

/**
 * A form; `groups(values)` are its fields, which depend on what has been chosen; `draw(form)` may
 * show them in another way, with values `beside` those of the setting, which `spread` puts where
 * they belong. `faults` are what a test has found, by field.
 * @param {Props & { groups: (values: Staff.Values) => Group[], more?: More,
 *   draw?: (form: Staff.FormState) => any, beside?: Staff.Values,
 *   spread?: (values: Staff.Values) => Staff.Values }} props
 */
export function Account({ value, put: save, groups, more, reload, faults, ...own }) {
  const { spread = (/** @type {Staff.Values} */ values) => values } = own;
  const draw =
    own.draw ??
    ((/** @type {Staff.FormState} */ form) =>
      groups(form.values).map(
        (group) => html`<${AccountFields} key=${group[0]} group=${group} form=${form} />`,
      ));
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Check}
      label=${t("fields.enabled")}
      checked=${form.values.enabled}
      onChange=${form.set("enabled")}
      name="enabled"
    />
    ${draw(form)}
    ${more && html`<${more.fields} form=${form} />`}
  `;
  /** @param {Staff.Values} typed */
  function send(typed) {
    const values = spread(typed);
    const names = groups(values).flatMap(([, some]) => some);
    names.push(...(more?.names(values) ?? []));
    return saved(save, merged({ ...value, enabled: values.enabled }, values, names), names);
  }
  return html`
    <${Form}
      draft=${`account:${state.route.id}`}
      initial=${{ ...flat(value), ...own.beside }}
      fields=${fields}
      faults=${faults}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/** @param {Props} props */
export const Sms = (props) => html`
  <${Account} ...${props} groups=${() => [["", TWILIO]]} />
`;

/** @param {Props} props */
export function WhatsApp(props) {
  /** @type {(values: Staff.Values) => Group[]} */
  const groups = ({ provider }) =>
    provider
      ? [
          ["", ["provider"]],
          ["", provider === "twilio" ? TWILIO : META],
        ]
      : [["", ["provider"]]];
  return html`<${Account} ...${props} groups=${groups} />`;
}
