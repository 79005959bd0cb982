// The forms of the known settings, and one for all others that goes by what is in them.

import { knows, t } from "../shared/page.js";
import { Fragment, html, useState } from "./preact.js";
import { Check, Field, Form } from "./components.js";

export const FIXED = ["hotel", "departments", "channels.web", "channels.whatsapp", "channels.sms", "channels.email"];
const MASK = "********";
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const HOTEL = ["name", "email", "phone", "address", "website", "timeZone", "country", "language"];
const WEB = ["title", "greeting", "awayMessage", "colour", "identitySecret"];
const ZONES = Intl.supportedValuesOf?.("timeZone") ?? [];

/** What a field of a setting is called. */
const label = (name) => (knows(`fields.${name}`) ? t(`fields.${name}`) : name);

const orNull = (text) => (typeof text === "string" && !text.trim() ? null : text);

/** What a form knows of a setting, beside what it does not know; what was not there and is empty stays away. */
const merged = (value, values, names) => ({ ...value, ...Object.fromEntries(names.map((name) => [name, orNull(values[name] ?? null)]).filter(([name, held]) => held !== null || name in value)) });

export function Hotel({ value, put, reload }) {
  const fields = ({ values, set, wrong }) => html`
    <${Field} label=${label("name")} name="name" value=${values.name} onInput=${set("name")} problem=${wrong.name} required />
    <div class="pair"><${Field} label=${label("timeZone")} name="timeZone" value=${values.timeZone} onInput=${set("timeZone")} problem=${wrong.timeZone} list="zones" hint=${t("zoneHint")} />
      <${Field} label=${label("language")} name="language" value=${values.language} onInput=${set("language")} problem=${wrong.language} hint=${t("languageHint")} /></div>
    <datalist id="zones">${ZONES.map((zone) => html`<option key=${zone} value=${zone} />`)}</datalist>
    <div class="pair"><${Field} label=${label("email")} name="email" type="email" value=${values.email} onInput=${set("email")} problem=${wrong.email} />
      <${Field} label=${label("phone")} name="phone" type="tel" value=${values.phone} onInput=${set("phone")} problem=${wrong.phone} /></div>
    <${Field} label=${label("address")} name="address" value=${values.address} onInput=${set("address")} problem=${wrong.address} />
    <div class="pair"><${Field} label=${label("website")} name="website" type="url" value=${values.website} onInput=${set("website")} problem=${wrong.website} />
      <${Field} label=${label("country")} name="country" value=${values.country} onInput=${set("country")} problem=${wrong.country} maxlength="2" hint=${t("countryHint")} /></div>`;
  const send = (values) => put(merged(value, values, HOTEL));
  return html`<${Form} initial=${value} fields=${fields} send=${send} reload=${reload} label=${t("save")} />`;
}

export function Departments({ value, put, reload }) {
  const fields = ({ values, put: change, wrong }) => {
    const set = (place, part) => change({ items: values.items.map((item, n) => (n === place ? { ...item, ...part } : item)) });
    return html`${values.items.map((item, n) => html`<fieldset key=${n} class="line-of-fields"><legend class="unseen">${item.name || n + 1}</legend>
        <${Field} label=${label("name")} id=${`d-name-${n}`} name=${`items.${n}.name`} value=${item.name} onInput=${(name) => set(n, { name })} problem=${wrong[`items.${n}.name`]} />
        <${Field} label=${label("slug")} id=${`d-slug-${n}`} name=${`items.${n}.slug`} value=${item.slug} onInput=${(slug) => set(n, { slug })} problem=${wrong[`items.${n}.slug`]} />
        <button type="button" class="quiet small" aria-label=${`${t("remove")}: ${item.name}`} onClick=${() => change({ items: values.items.filter((_, other) => other !== n) })}>${t("remove")}</button></fieldset>`)}
      <p><button type="button" class="quiet small" onClick=${() => change({ items: [...values.items, { slug: "", name: "" }] })}>${t("addDepartment")}</button></p>`;
  };
  return html`<${Form} initial=${{ items: value.items }} fields=${fields} send=${({ items }) => put({ items })} reload=${reload} label=${t("save")} />`;
}

export function WebChat({ value, put, reload }) {
  const { hours, sites = [], ...rest } = value;
  const initial = { ...rest, sites: sites.join("\n"), always: hours === null || hours === undefined, ...Object.fromEntries(DAYS.map((day) => [day, (hours?.[day] ?? []).map(({ from, to }) => `${from}-${to}`).join(", ")])) };
  const fields = ({ values, set, wrong }) => html`
    <${Check} label=${t("chatOn")} checked=${values.enabled} onChange=${set("enabled")} />
    <div class="pair"><${Field} label=${label("title")} name="title" value=${values.title} onInput=${set("title")} problem=${wrong.title} hint=${t("chatTitleHint")} />
      <${Field} label=${label("colour")} name="colour" value=${values.colour} onInput=${set("colour")} problem=${wrong.colour} hint=${t("colourHint")} /></div>
    <${Field} label=${label("greeting")} name="greeting" rows="2" value=${values.greeting} onInput=${set("greeting")} problem=${wrong.greeting} />
    <${Field} label=${label("awayMessage")} name="awayMessage" rows="2" value=${values.awayMessage} onInput=${set("awayMessage")} problem=${wrong.awayMessage} hint=${t("awayHint")} />
    <${Check} label=${t("alwaysHere")} checked=${values.always} onChange=${set("always")} />
    ${!values.always && html`<fieldset class="hours"><legend>${label("hours")}</legend><p class="hint">${t("hoursHint")}</p>${DAYS.map((day) => html`
      <${Field} key=${day} label=${t(`days.${day}`)} name=${day} value=${values[day]} onInput=${set(day)} problem=${first(wrong, `hours.${day}`)} />`)}</fieldset>`}
    <${Field} label=${label("sites")} name="sites" rows="2" value=${values.sites} onInput=${set("sites")} problem=${first(wrong, "sites")} hint=${t("sitesHint")} />
    <${Field} label=${label("identitySecret")} name="identitySecret" type="password" autocomplete="off" value=${values.identitySecret} onInput=${set("identitySecret")} problem=${wrong.identitySecret} hint=${t("secretHint")} />`;
  function send({ always, sites: listed, ...values }) {
    const spans = Object.fromEntries(DAYS.map((day) => [day, span(values[day])]));
    return put({ ...merged(rest, values, WEB), enabled: values.enabled, sites: listed.split(/[\s,]+/).filter(Boolean), hours: always ? null : spans });
  }
  return html`<${Form} initial=${initial} fields=${fields} send=${send} reload=${reload} label=${t("save")} />`;
}

const first = (wrong, start) => Object.entries(wrong).find(([name]) => name === start || name.startsWith(`${start}.`))?.[1];

const span = (text) => text.split(",").map((part) => part.trim()).filter(Boolean).map((part) => {
  const [from, to = ""] = part.split(/\s*[-–]\s*/);
  return { from, to };
});

/** A form that goes by what there is: boxes to tick, texts, numbers; anything deeper as JSON. */
export function Plain({ value, put, reload }) {
  const [extra, setExtra] = useState("");
  const deep = (held) => held !== null && typeof held === "object";
  const initial = Object.fromEntries(Object.entries(value).map(([name, held]) => [name, deep(held) ? JSON.stringify(held, null, 2) : held]));
  const fields = ({ values, set, wrong }) => html`${Object.entries(value).map(([name, held]) => html`<${Fragment} key=${name}>${typeof held === "boolean"
    ? html`<${Check} label=${label(name)} checked=${values[name]} onChange=${set(name)} name=${name} />${wrong[name] && html`<p class="problem">${wrong[name]}</p>`}`
    : html`<${Field} label=${label(name)} name=${name} value=${values[name]} onInput=${set(name)} problem=${first(wrong, name)} rows=${deep(held) ? 4 : undefined} type=${held === MASK ? "password" : "text"} autocomplete="off" hint=${held === MASK ? t("secretHint") : undefined} />`}</${Fragment}>`)}
    <${Field} label=${t("moreFields")} name="json" rows="3" value=${extra} onInput=${setExtra} hint=${t("moreFieldsHint")} problem=${wrong.json ?? Object.entries(wrong).find(([name]) => !(name.split(".")[0] in value))?.join(": ")} />`;
  function send(values) {
    const read = Object.fromEntries(Object.entries(value).map(([name, held]) => [name, deep(held) ? parsed(values[name], name) : typeof held === "number" && values[name] !== "" ? Number(values[name]) : held === null ? orNull(values[name]) : values[name]]));
    return put({ ...read, ...(extra.trim() && parsed(extra, "json")) });
  }
  return html`<${Form} initial=${initial} fields=${fields} send=${send} reload=${reload} label=${t("save")} />`;
}

/** JSON somebody has typed. Throws in the shape of a refusal, so that it is shown at its field. */
function parsed(text, field) {
  try {
    return JSON.parse(text);
  } catch {
    throw Object.assign(new Error(), { details: [{ field, message: t("notJson") }] });
  }
}

/** A value as pairs to read. */
export function readable(value) {
  if (Array.isArray(value.items)) return value.items.map((item) => [item.name, item.slug]);
  const text = (held) => (held === null || held === "" ? "–" : typeof held === "boolean" ? t(held ? "yes" : "no") : typeof held === "object" ? JSON.stringify(held) : String(held));
  return Object.entries(value).map(([name, held]) => [label(name), text(held)]);
}

