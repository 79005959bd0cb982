// The forms of the channels' accounts. Fields that a form does not know stay as they are.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { bind, Check, Field, Form, Option, Options } from "../forms.js";
import { lazy } from "../lazy.js";
import { state } from "../store.js";

const MASK = "********";
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
const SERVER = ["host", "port", "security", "username", "password"];
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
 *   reload: () => void }} Props
 */

/** @param {string} name */
const last = (name) => name.split(".").at(-1) ?? name;

/**
 * A setting's value by the names of its fields: {"smtp.host": …}.
 * @param {Staff.Values} value
 */
const flat = (value) =>
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
const AccountFields = ({ group: [heading, names], form }) => html`
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
 * A form; `groups(values)` are its fields, which depend on what has been chosen.
 * @param {Props & { groups: (values: Staff.Values) => Group[], more?: More }} props
 */
function Account({ value, put: save, groups, more, reload }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Check}
      label=${t("fields.enabled")}
      checked=${form.values.enabled}
      onChange=${form.set("enabled")}
      name="enabled"
    />
    ${groups(form.values).map(
      (group) => html`<${AccountFields} key=${group[0]} group=${group} form=${form} />`,
    )}
    ${more && html`<${more.fields} form=${form} />`}
  `;
  /** @param {Staff.Values} values */
  function send(values) {
    const names = groups(values).flatMap(([, some]) => some);
    names.push(...(more?.names(values) ?? []));
    return saved(merged({ ...value, enabled: values.enabled }, values, names), names);
  }
  /**
   * Saves; a secret that is not on the form, and that would be sent elsewhere now, is given up.
   * @param {Staff.Values} wanted
   * @param {string[]} names
   * @returns {Promise<void>}
   */
  async function saved(wanted, names) {
    await save(wanted).catch((error) => {
      const unseen = (error.details ?? []).filter(
        (/** @type {Api.Detail} */ { code, field }) =>
          code === "secret_needed" && !names.includes(field),
      );
      if (!unseen.length) throw error;
      const dropped = unseen.map((/** @type {Api.Detail} */ { field }) => field);
      return saved(merged(wanted, {}, dropped), names);
    });
  }
  return html`
    <${Form}
      draft=${`account:${state.route.id}`}
      initial=${flat(value)}
      fields=${fields}
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

/**
 * @param {string} name
 * @param {string[]} more
 * @returns {Group}
 */
const server = (name, more = []) => [name, [...SERVER, ...more].map((one) => `${name}.${one}`)];

/** What stands below a mail: a signature in each language, and the guest's last message. */
const BELOW = {
  fields: lazy(() => import("./below-mail.js").then((found) => found.BelowMail)),
  /** @param {Staff.Values} values */
  names: (values) => [
    "quoteLastMessage",
    ...Object.keys(values).filter((name) => name.startsWith("signatures.")),
  ],
};

/**
 * A signature that has been emptied is none.
 * @param {Staff.Values} value
 */
function withoutEmpty({ signatures, ...value }) {
  const kept = Object.entries(signatures ?? {}).filter(([, text]) => text);
  return signatures ? { ...value, signatures: Object.fromEntries(kept) } : value;
}

/** @param {Props} props */
export function Email({ value, put: save, reload }) {
  const shown = { ...value, quoteLastMessage: value.quoteLastMessage !== false };
  /** @type {(values: Staff.Values) => Group[]} */
  const groups = ({ auth }) => [
    ["", ["address", "name", "auth", ...(auth === "xoauth2" ? ["accessToken"] : [])]],
    server("smtp"),
    server("imap", ["folder"]),
    ["senders", ["authenticationServer"]],
  ];
  return html`
    <${Account}
      value=${shown}
      put=${(/** @type {Staff.Values} */ wanted) => save(withoutEmpty(wanted))}
      reload=${reload}
      groups=${groups}
      more=${BELOW}
    />
  `;
}
