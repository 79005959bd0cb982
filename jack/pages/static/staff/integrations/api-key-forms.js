// The dialogs of API keys: a new one, what one may do, a new token.

import { t } from "../../shared/page.js";
import { request } from "../request.js";
import { html } from "../preact.js";
import { fromLocal } from "../format.js";
import { notice, state } from "../store.js";
import { bind, Field, FormDialog, Options } from "../forms.js";

const WITH_WRITE = [
  "conversations",
  "guests",
  "stays",
  "tasks",
  "knowledge",
  "templates",
  "automations",
  "webhooks",
];
const READ_ONLY = ["staff", "settings", "reports", "events"];
const RESOURCES = [...WITH_WRITE, ...READ_ONLY];
const GRACE = ["0", "1", "24", "72"];
const BLANK = { name: "", scopes: [], rateLimit: 100, rateLimitBulk: 10, expiresAt: null };

/**
 * The scopes of a key as the form has them: by resource, `read`, `write` or nothing.
 * @param {string[]} scopes
 */
const accessOf = (scopes) =>
  Object.fromEntries(
    RESOURCES.map((resource) => [
      resource,
      ["write", "read"].find((what) => scopes.includes(`${resource}:${what}`)) ?? "",
    ]),
  );

/**
 * A key as its form shows it; a time becomes its day.
 * @param {Pick<Api.ApiKey, "name" | "scopes" | "rateLimit" | "rateLimitBulk" | "expiresAt">} key
 */
const shown = ({ name, scopes, rateLimit, rateLimitBulk, expiresAt }) => ({
  name,
  access: accessOf(scopes),
  rateLimit,
  rateLimitBulk,
  expiresAt: expiresAt ? dayOf(expiresAt) : "",
});

/**
 * The day of a time, as an <input type="date"> takes it, in the hotel's time zone.
 * @param {string} iso
 */
const dayOf = (iso) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: state.hotel.timeZone ?? "UTC" }).format(
    new Date(iso),
  );

/**
 * The body for what the form holds. A key is valid to the end of the hotel's day.
 * @param {ReturnType<typeof shown>} values
 * @param {string | null} [expiresAt] when it ends now
 */
function body({ name, access, rateLimit, rateLimitBulk, expiresAt: day }, expiresAt = null) {
  const same = expiresAt && day === dayOf(expiresAt);
  const end = day ? fromLocal(`${day}T23:59`) : null;
  return {
    name,
    scopes: RESOURCES.filter((one) => access[one]).map((one) => `${one}:${access[one]}`),
    rateLimit: Number(rateLimit),
    rateLimitBulk: Number(rateLimitBulk),
    expiresAt: same ? expiresAt : end,
  };
}

/** @param {Staff.FormState} form */
const Fields = (form) => html`
  <${Field} ...${bind(form, "name")} hint=${t("apiKeyNameHint")} maxlength="200" required />
  <${Access} form=${form} />
  <div class="pair">
    <${Field} ...${bind(form, "rateLimit")} type="number" min="10" max="6000" />
    <${Field} ...${bind(form, "rateLimitBulk")} type="number" min="1" max="600" />
  </div>
  <${Field} ...${bind(form, "expiresAt")} type="date" hint=${t("expiresAtHint")} />
`;

/** @param {{ form: Staff.FormState }} props */
function Access({ form: { values, set, wrong } }) {
  /** @param {string} resource */
  const choices = (resource) =>
    /** @type {[string, string][]} */ (
      ["", "read", ...(WITH_WRITE.includes(resource) ? ["write"] : [])].map((what) => [
        what,
        t(`access.${what || "none"}`),
      ])
    );
  return html`
    <fieldset class="access" name="scopes">
      <legend>${t("fields.scopes")}</legend>
      ${wrong.scopes && html`<p class="problem" role="alert">${t("needScope")}</p>`}
      ${RESOURCES.map(
        (one) => html`
          <${Field}
            key=${one}
            name=${`access.${one}`}
            label=${t(`resources.${one}`)}
            value=${values.access[one]}
            onInput=${(/** @type {string} */ what) => set("access")({ ...values.access, [one]: what })}
          >
            <${Options} items=${choices(one)} />
          </${Field}>
        `,
      )}
    </fieldset>
  `;
}

/** @param {{ onClose: (token?: string) => void }} props */
export function NewKey({ onClose }) {
  /**
   * @param {ReturnType<typeof shown>} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const sent = body(values);
    const { data } = await request("POST", "/api-keys", { body: sent, key: keyFor(sent) });
    onClose(data.token);
  }
  return html`
    <${FormDialog}
      draft="api-key:new"
      title=${t("newApiKey")}
      onClose=${() => onClose()}
      initial=${shown(BLANK)}
      fields=${Fields}
      send=${send}
      label=${t("make")}
    />
  `;
}

/** @param {{ apiKey: Api.ApiKey, onClose: () => void }} props */
export function ChangeKey({ apiKey, onClose }) {
  /** @param {ReturnType<typeof shown>} values */
  async function send(values) {
    await request("PATCH", `/api-keys/${apiKey.id}`, { body: body(values, apiKey.expiresAt) });
    notice(t("saved"));
    onClose();
  }
  return html`
    <${FormDialog}
      draft=${`api-key:${apiKey.id}`}
      title=${apiKey.name}
      onClose=${() => onClose()}
      initial=${shown(apiKey)}
      fields=${Fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/** @param {{ apiKey: Api.ApiKey, onClose: (token?: string) => void }} props */
export function RotateKey({ apiKey, onClose }) {
  /**
   * @param {{ graceHours: string }} values
   * @param {(body: object) => string} keyFor
   */
  async function send({ graceHours }, keyFor) {
    const sent = { graceHours: Number(graceHours) };
    const path = `/api-keys/${apiKey.id}/rotate`;
    const { data } = await request("POST", path, { body: sent, key: keyFor(sent) });
    onClose(data.token);
  }
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "graceHours")}>
      <${Options} items=${GRACE.map((hours) => [hours, t(`grace.${hours}`)])} />
    </${Field}>
  `;
  return html`
    <${FormDialog}
      draft=${false}
      title=${t("apiKeyActs.rotate")}
      onClose=${() => onClose()}
      initial=${{ graceHours: "24" }}
      fields=${fields}
      send=${send}
      label=${t("make")}
    >
      <p dir="auto">${t("rotateApiKeyAbout", { name: apiKey.name })}</p>
    </${FormDialog}>
  `;
}
