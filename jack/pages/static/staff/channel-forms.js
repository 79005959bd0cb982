// The forms of the accounts at providers. What a form does not know stays as it is.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { Check, Field, Form, Option } from "./components.js";

const MASK = "********";
const SECRETS = ["accessToken", "appSecret", "verifyToken", "authToken", "apiKeySecret", "password"];
const TWILIO = ["accountSid", "authToken", "from", "messagingServiceSid", "apiKeySid", "apiKeySecret"];
const META = ["phoneNumberId", "accessToken", "appSecret", "verifyToken"];
const SERVER = ["host", "port", "security", "username", "password"];
const CHOICES = { provider: ["meta", "twilio"], security: ["tls", "starttls", "none"], auth: ["password", "xoauth2"] };
const NUMBERS = ["port", "pollSeconds"];

const last = (name) => name.split(".").at(-1);

/** A setting's value by the names of its fields (`smtp.host`), and back. */
const flat = (value) => Object.fromEntries(Object.entries(value).flatMap(([name, held]) => (held && typeof held === "object" && !Array.isArray(held) ? Object.entries(held).map(([inner, one]) => [`${name}.${inner}`, one]) : [[name, held]])));

function deep(value, values, names) {
  const made = structuredClone(value);
  for (const name of names) {
    const [outer, inner] = name.split(".");
    const typed = values[name];
    const held = typeof typed === "string" && !typed.trim() ? null : NUMBERS.includes(last(name)) && typed !== null && typed !== undefined ? Number(typed) : typed ?? null;
    const choice = last(name) in CHOICES; // has no null
    if (inner === undefined) put(made, outer, held, choice);
    else {
      made[outer] ??= {};
      put(made[outer], inner, held, choice);
      if (!Object.values(made[outer]).some((one) => one !== null)) delete made[outer];
    }
  }
  return made;
}

function put(into, name, held, choice) {
  if (held !== null || (name in into && !choice)) into[name] = held;
  else if (choice) delete into[name];
}

function One({ name, values, set, wrong }) {
  const shared = { label: t(`fields.${last(name)}`), name, value: values[name], onInput: set(name), problem: wrong[name] };
  const choices = CHOICES[last(name)];
  if (choices) return html`<${Field} ...${shared}><${Option} value="">–</${Option}>${choices.map((one) => html`<${Option} key=${one} value=${one}>${t(`choices.${one}`)}</${Option}>`)}</${Field}>`;
  const secret = SECRETS.includes(last(name));
  return html`<${Field} ...${shared} type=${secret ? "password" : "text"} inputmode=${NUMBERS.includes(last(name)) ? "numeric" : undefined} autocomplete="off" hint=${secret && values[name] === MASK ? t("secretHint") : undefined} />`;
}

const Several = ({ names, ...form }) => html`<div class="pair account">${names.map((name) => html`<${One} key=${name} name=${name} ...${form} />`)}</div>`;

/** A form with these fields; `groups(values)` says which, by what has been chosen: [heading, names]. */
function Account({ value, put: save, groups, reload }) {
  const fields = (form) => html`<${Check} label=${t("fields.enabled")} checked=${form.values.enabled} onChange=${form.set("enabled")} name="enabled" />
    ${groups(form.values).map(([heading, names]) => html`<fieldset key=${heading}>${heading && html`<legend>${t(`fields.${heading}`)}</legend>`}<${Several} names=${names} ...${form} /></fieldset>`)}`;
  const send = (values) => save(deep({ ...value, enabled: values.enabled }, values, groups(values).flatMap(([, names]) => names)));
  return html`<${Form} initial=${flat(value)} fields=${fields} send=${send} reload=${reload} label=${t("save")} />`;
}

export const Sms = (props) => html`<${Account} ...${props} groups=${() => [["", TWILIO]]} />`;

export const WhatsApp = (props) => html`<${Account} ...${props} groups=${({ provider }) => [["", ["provider"]], ...(provider ? [["", provider === "twilio" ? TWILIO : META]] : [])]} />`;

const server = (name, more = []) => [name, [...SERVER, ...more].map((one) => `${name}.${one}`)];

export const Email = (props) => html`<${Account} ...${props} groups=${({ auth }) => [["", ["address", "name", "auth", ...(auth === "xoauth2" ? ["accessToken"] : [])]], server("smtp"), server("imap", ["folder"])]} />`;
