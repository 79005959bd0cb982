// The form of the web chat's setting.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { bind, Check, Field, fieldLabel, Form } from "../forms.js";
import { ColourField, Preview, SiteLine } from "./web-chat-preview.js";
import { firstProblem, merged } from "../settings/setting-forms.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const NAMES = ["title", "greeting", "awayMessage", "colour", "identitySecret"];

/** @typedef {{ from: string, to: string }} Span */

/**
 * The opening hours of every day as text: {monday: "07:00-12:00, 14:00-23:00"}.
 * @param {Record<string, Span[]> | null | undefined} hours
 */
const hoursAsText = (hours) =>
  Object.fromEntries(
    DAYS.map((day) => [
      day,
      (hours?.[day] ?? []).map(({ from, to }) => `${from}-${to}`).join(", "),
    ]),
  );

/**
 * @param {string} text
 * @returns {Span[]}
 */
function spansOf(text) {
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [from, to = ""] = part.split(/\s*[-–]\s*/);
    return { from, to };
  });
}

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void }} props
 */
export function WebChat({ value, put, reload }) {
  const { hours, sites = [], ...rest } = value;
  const initial = { ...rest, ...hoursAsText(hours), sites: sites.join("\n"), always: !hours };
  /** @param {Staff.Values} values */
  function send({ always, sites: listed, ...values }) {
    const spans = Object.fromEntries(DAYS.map((day) => [day, spansOf(values[day])]));
    return put({
      ...merged(rest, values, NAMES),
      enabled: values.enabled,
      sites: listed.split(/[\s,]+/).filter(Boolean),
      hours: always ? null : spans,
    });
  }
  return html`
    <${SiteLine} />
    <${Form} initial=${initial} fields=${fields} send=${send} reload=${reload} label=${t("save")} />
  `;
}

/** @param {Staff.FormState} form */
function fields(form) {
  const { values, set, wrong } = form;
  return html`
    <${Check} label=${t("chatOn")} checked=${values.enabled} onChange=${set("enabled")} />
    <div class="pair">
      <${Field} ...${bind(form, "title")} hint=${t("chatTitleHint")} />
      <${ColourField} form=${form} />
    </div>
    <${Field} ...${bind(form, "greeting")} rows="2" />
    <${Preview} values=${values} />
    <${Field} ...${bind(form, "awayMessage")} rows="2" hint=${t("awayHint")} />
    <${Check} label=${t("alwaysHere")} checked=${values.always} onChange=${set("always")} />
    ${!values.always && hoursFields(form)}
    <${Field}
      ...${bind(form, "sites")}
      rows="2"
      problem=${firstProblem(wrong, "sites")}
      hint=${t("sitesHint")}
    />
    <${Field}
      ...${bind(form, "identitySecret")}
      type="password"
      autocomplete="off"
      hint=${t("secretHint")}
    />
  `;
}

/** @param {Staff.FormState} form */
const hoursFields = (form) => html`
  <fieldset class="hours">
    <legend>${fieldLabel("hours")}</legend>
    <p class="hint">${t("hoursHint")}</p>
    ${DAYS.map(
      (day) => html`
        <${Field}
          key=${day}
          ...${bind(form, day)}
          label=${t(`days.${day}`)}
          problem=${firstProblem(form.wrong, `hours.${day}`)}
        />
      `,
    )}
  </fieldset>
`;
