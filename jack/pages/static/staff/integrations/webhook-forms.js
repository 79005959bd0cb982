// The dialogs of webhooks: a new one, what one is sent, a new secret, what was missed.

import { t } from "../../shared/page.js";
import { request } from "../request.js";
import { html } from "../preact.js";
import { notice } from "../store.js";
import { bind, Check, ConfirmDialog, Field, FormDialog } from "../forms.js";

const DAY = 86_400_000;
const KEPT_DAYS = 30;
// What can be chosen on the page. What a program has chosen besides is shown below them.
const GROUPS = [
  "*",
  "conversation.message.*",
  "conversation.*",
  "guest.*",
  "task.*",
  "stay.*",
  "knowledge.*",
  "channel.*",
];
const BLANK = { url: "", description: "", events: ["*"], includeNotes: false, enabled: true };

/** @typedef {import("./webhooks.js").Done} Done */
/** @typedef {{ webhook: Api.Webhook, onClose: (done?: Done) => void }} Props */

/** @param {string} pattern */
const groupName = (pattern) =>
  GROUPS.includes(pattern)
    ? t(`webhookEvents.${pattern === "*" ? "all" : pattern.slice(0, -2).replace(".", "_")}`)
    : pattern;

/** @param {Staff.FormState} form */
const Fields = (form) => html`
  <${Field} ...${bind(form, "url")} type="url" hint=${t("webhookUrlHint")} maxlength="2048" />
  <${Field} ...${bind(form, "description")} hint=${t("webhookNameHint")} maxlength="200" />
  <${Events} form=${form} />
  <${Check}
    label=${t("includeNotes")}
    checked=${form.values.includeNotes}
    onChange=${form.set("includeNotes")}
  />
  <${Check}
    label=${t("webhookEnabled")}
    checked=${form.values.enabled}
    onChange=${form.set("enabled")}
  />
`;

/** @param {{ form: Staff.FormState }} props */
function Events({ form: { values, set, wrong } }) {
  /** @type {string[]} */
  const events = values.events;
  const shown = [...GROUPS, ...events.filter((one) => !GROUPS.includes(one))];
  /** @param {string} pattern */
  const toggle = (pattern) => (/** @type {boolean} */ on) =>
    set("events")(on ? [...events, pattern] : events.filter((one) => one !== pattern));
  return html`
    <fieldset class="choices" name="events">
      <legend>${t("fields.events")}</legend>
      ${wrong.events && html`<p class="problem" role="alert">${wrong.events}</p>`}
      ${shown.map(
        (pattern) => html`
          <${Check}
            key=${pattern}
            label=${groupName(pattern)}
            checked=${events.includes(pattern)}
            onChange=${toggle(pattern)}
          />
        `,
      )}
    </fieldset>
  `;
}

/** @param {{ onClose: (done?: Done) => void }} props */
export function NewWebhook({ onClose }) {
  /**
   * @param {typeof BLANK} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const { data } = await request("POST", "/webhooks", { body: values, key: keyFor(values) });
    onClose({ secret: data.secret });
  }
  return html`
    <${FormDialog}
      draft="webhook:new"
      title=${t("newWebhook")}
      onClose=${() => onClose()}
      initial=${BLANK}
      send=${send}
      label=${t("make")}
      fields=${Fields}
    />
  `;
}

/** @param {Props} props */
export function ChangeWebhook({ webhook, onClose }) {
  const { url, description, events, includeNotes, enabled } = webhook;
  /** @param {typeof BLANK} values */
  async function send(values) {
    await request("PATCH", `/webhooks/${webhook.id}`, { body: values });
    notice(t("saved"));
    onClose(values.enabled && !enabled ? { missed: webhook } : {});
  }
  return html`
    <${FormDialog}
      draft=${`webhook:${webhook.id}`}
      title=${t("webhookActs.change")}
      onClose=${() => onClose()}
      initial=${{ url, description: description ?? "", events, includeNotes, enabled }}
      send=${send}
      label=${t("save")}
      fields=${Fields}
    />
  `;
}

/** @param {Props} props */
export function RotateSecret({ webhook, onClose }) {
  async function send() {
    const { data } = await request("POST", `/webhooks/${webhook.id}/rotate-secret`);
    onClose({ secret: data.secret });
  }
  return html`
    <${ConfirmDialog}
      title=${t("webhookActs.rotate")}
      text=${t("rotateSecretAbout")}
      send=${send}
      onClose=${() => onClose()}
    />
  `;
}

/**
 * Sends again all that a webhook has missed; returns how much.
 * @param {Api.Webhook} webhook
 */
export async function sendMissed(webhook) {
  const since = new Date(Date.now() - KEPT_DAYS * DAY).toISOString();
  const { data } = await request("POST", `/webhooks/${webhook.id}/redeliver`, { body: { since } });
  notice(t("sentAgain", { count: data.queued }));
}

/** @param {Props} props */
export const SendMissed = ({ webhook, onClose }) => html`
  <${ConfirmDialog}
    title=${t("sendMissed")}
    text=${t("sendMissedAbout")}
    send=${async () => {
      await sendMissed(webhook);
      onClose();
    }}
    onClose=${() => onClose()}
  />
`;
