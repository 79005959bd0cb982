// The form of the hotel's mailbox: a provider fills in the servers, and one sign-in does for both.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { bind, Check, Field, Option, Options } from "../forms.js";
import { Account, AccountFields, flat, MASK } from "./account-forms.js";
import { BelowMail } from "./below-mail.js";
import { filledIn, providerOf, PROVIDERS } from "./mail-providers.js";

/** @typedef {import("./account-forms.js").Group} Group */

const SERVER = ["host", "port", "security", "username", "password"];
const SIGN_IN = ["username", "password"];

/**
 * @param {string} name
 * @param {string[]} [more]
 * @returns {Group}
 */
const server = (name, more = []) => [name, [...SERVER, ...more].map((one) => `${name}.${one}`)];

/**
 * All fields of the setting that the form changes.
 * @param {Staff.Values} values
 * @returns {Group[]}
 */
const groups = ({ auth }) => [
  ["", ["address", "name", "auth", ...(auth === "xoauth2" ? ["accessToken"] : [])]],
  server("smtp"),
  server("imap", ["folder"]),
  ["senders", ["authenticationServer"]],
];

/** What stands below a mail: a signature in each language, and the guest's last message. */
const BELOW = {
  fields: BelowMail,
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

/**
 * What the form knows beside the setting: the provider, and one sign-in for both servers unless
 * they differ.
 * @param {Staff.Values} value
 */
function beside(value) {
  const values = flat(value);
  const [smtp, imap] = ["smtp", "imap"].map((one) => values[`${one}.username`] ?? "");
  const both =
    smtp === imap && Boolean(values["smtp.password"]) === Boolean(values["imap.password"]);
  const password = values["imap.password"] ? MASK : "";
  return { provider: providerOf(values), both, username: imap, password };
}

/**
 * The values with what stands once on the form at both servers. Without a user of their own it is
 * the address.
 * @param {Staff.Values} values
 */
function spread(values) {
  if (!values.both) return values;
  const username = values.username?.trim() || values.address;
  const password = values.auth === "xoauth2" ? null : values.password;
  const signIn = ["smtp", "imap"].flatMap((one) => [
    [`${one}.username`, username],
    [`${one}.password`, password],
  ]);
  return { ...values, ...Object.fromEntries(signIn) };
}

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void,
 *   faults: Record<string, string> }} props
 */
export function Email({ value, put: save, reload, faults }) {
  const shown = { ...value, quoteLastMessage: value.quoteLastMessage !== false };
  return html`
    <${Account}
      value=${shown}
      put=${(/** @type {Staff.Values} */ wanted) => save(withoutEmpty(wanted))}
      reload=${reload}
      faults=${faults}
      groups=${groups}
      beside=${beside(value)}
      spread=${spread}
      draw=${draw}
      more=${BELOW}
    />
  `;
}

/** @param {Staff.FormState} form */
function draw(form) {
  const { values, wrong } = form;
  const known = values.provider in PROVIDERS;
  const own = Object.keys(wrong).some(
    (name) => /^(smtp|imap)\./.test(name) && !(values.both && SIGN_IN.includes(name.slice(5))),
  );
  return html`
    <${ProviderField} form=${form} />
    <${AccountFields} group=${["", ["address", "name"]]} form=${form} />
    <${SignIn} form=${form} />
    <details open=${own || (!known && values.provider !== "") || !values.both}>
      <summary>${t("mailServers")}</summary>
      <${Servers} form=${form} />
    </details>
  `;
}

/** @param {{ form: Staff.FormState }} props */
function ProviderField({ form: { values, put } }) {
  /** @param {string} id */
  const choose = (id) => put((before) => ({ ...before, ...filledIn(id), provider: id }));
  const needs = PROVIDERS[values.provider]?.needs;
  const names = Object.entries(PROVIDERS).map(
    ([id, { name }]) => /** @type {[string, string]} */ ([id, name]),
  );
  return html`
    <${Field}
      name="provider"
      label=${t("mailProvider")}
      value=${values.provider}
      onInput=${choose}
      hint=${needs && t(`mailNeeds.${needs}`)}
    >
      <${Option} value="">–</${Option}>
      <${Options} items=${[...names, ["other", t("otherProvider")]]} />
    </${Field}>
  `;
}

/**
 * The sign-in for both servers: a password, or a token in its place.
 * @param {{ form: Staff.FormState }} props
 */
function SignIn({ form }) {
  const { values, wrong } = form;
  if (values.auth === "xoauth2") {
    return html`<${AccountFields} group=${["", ["accessToken"]]} form=${form} />`;
  }
  if (!values.both) return null;
  /** @param {string} name */
  const problem = (name) => wrong[`imap.${name}`] ?? wrong[`smtp.${name}`];
  return html`
    <div class="pair account">
      <${Field}
        ...${bind(form, "username")}
        problem=${problem("username")}
        hint=${t("usernameHint")}
        autocomplete="off"
      />
      <${Field}
        ...${bind(form, "password")}
        type="password"
        problem=${problem("password")}
        hint=${values.password === MASK ? t("secretHint") : undefined}
        autocomplete="off"
      />
    </div>
  `;
}

/** @param {{ form: Staff.FormState }} props */
function Servers({ form }) {
  const { values, set } = form;
  /** @param {Group} group */
  const shown = ([name, names]) => [
    name,
    names.filter((one) => !(values.both && SIGN_IN.includes(one.split(".")[1]))),
  ];
  return html`
    <${Check}
      label=${t("sameSignIn")}
      checked=${values.both}
      onChange=${set("both")}
      name="both"
    />
    <${AccountFields} group=${["", ["auth"]]} form=${form} />
    <${AccountFields} group=${shown(server("smtp"))} form=${form} />
    <${AccountFields} group=${shown(server("imap", ["folder"]))} form=${form} />
    <${AccountFields} group=${["senders", ["authenticationServer"]]} form=${form} />
  `;
}
