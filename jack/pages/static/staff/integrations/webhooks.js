// The webhooks: where events are sent, and whether they arrive.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { html, useState } from "../preact.js";
import { moment } from "../format.js";
import { useList } from "../list-data.js";
import { notice } from "../store.js";
import { Empty, Failed, Skeleton } from "../components.js";
import { ConfirmDialog } from "../forms.js";
import { ShownOnce } from "../people/shown-once.js";
import { Deliveries } from "./webhook-deliveries.js";
import { ChangeWebhook, NewWebhook, RotateSecret, SendMissed } from "./webhook-forms.js";

/** @typedef {{ kind: string, webhook: Api.Webhook }} Asked what is asked about which webhook */
/** @typedef {{ secret?: string, missed?: Api.Webhook }} Done what is to be shown next */

const ACTS = ["change", "test", "deliveries", "rotate", "delete"];

export function Webhooks() {
  const list = useList("/webhooks", {});
  const [asked, ask] = useState(/** @type {Partial<Asked>} */ ({}));
  const [secret, setSecret] = useState("");
  const { rows, problem, reload } = list;
  /** @param {Done} [done] */
  function close(done = {}) {
    ask(done.missed ? { kind: "missed", webhook: done.missed } : {});
    setSecret(done.secret ?? "");
    reload();
  }
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${3} />`;
  return html`
    <section aria-labelledby="webhooks">
      <div class="section-head">
        <h3 id="webhooks">${t("webhooks")}</h3>
        <button type="button" onClick=${() => ask({ kind: "new" })}>${t("newWebhook")}</button>
      </div>
      ${rows.length === 0 && html`<${Empty} title=${t("noWebhooks")}>${t("noWebhooksAbout")}</${Empty}>`}
      <ul class="devices webhooks" aria-labelledby="webhooks">
        ${rows.map((row) => html`<${Webhook} key=${row.id} webhook=${row} ask=${ask} />`)}
      </ul>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <${Asking} asked=${asked} onClose=${close} />
      ${secret && html`<${Secret} secret=${secret} onClose=${() => setSecret("")} />`}
    </section>
  `;
}

/** @param {{ asked: Partial<Asked>, onClose: (done?: Done) => void }} props */
function Asking({ asked: { kind, webhook }, onClose }) {
  if (kind === "new") return html`<${NewWebhook} onClose=${onClose} />`;
  if (!webhook) return null;
  if (kind === "change") return html`<${ChangeWebhook} webhook=${webhook} onClose=${onClose} />`;
  if (kind === "rotate") return html`<${RotateSecret} webhook=${webhook} onClose=${onClose} />`;
  if (kind === "missed") return html`<${SendMissed} webhook=${webhook} onClose=${onClose} />`;
  if (kind === "deliveries") return html`<${Deliveries} webhook=${webhook} onClose=${onClose} />`;
  return html`<${DeleteWebhook} webhook=${webhook} onClose=${onClose} />`;
}

/** @param {{ secret: string, onClose: () => void }} props */
const Secret = ({ secret, onClose }) => html`
  <${ShownOnce}
    title=${t("webhookSecret")}
    about=${t("webhookSecretAbout")}
    label=${t("secret")}
    value=${secret}
    id="webhook-secret"
    closable=${false}
    onClose=${onClose}
  />
`;

/** @param {{ webhook: Api.Webhook, onClose: () => void }} props */
function DeleteWebhook({ webhook, onClose }) {
  async function send() {
    await request("DELETE", `/webhooks/${webhook.id}`).catch((error) => {
      if (error.status !== 404) throw error; // somebody else has deleted it
    });
    notice(t("webhookDeleted"));
    onClose();
  }
  return html`
    <${ConfirmDialog}
      title=${t("webhookActs.delete")}
      text=${t("deleteWebhookAbout", { url: webhook.url })}
      send=${send}
      onClose=${onClose}
    />
  `;
}

/**
 * How a webhook is: a word of `webhookStates`.
 * @param {Api.Webhook} webhook
 */
function stateOf({ enabled, disabledReason, lastSuccessAt, lastFailureAt }) {
  if (!enabled) return disabledReason ?? "off";
  if (lastFailureAt && (!lastSuccessAt || lastFailureAt > lastSuccessAt)) return "trouble";
  return lastSuccessAt ? "works" : "unused";
}

/** @param {{ webhook: Api.Webhook, ask: (asked: Asked) => void }} props */
function Webhook({ webhook, ask }) {
  const { url, description } = webhook;
  const state = stateOf(webhook);
  return html`
    <li class=${state}>
      <div>
        <p class="device">
          <bdi>${description ?? url}</bdi>${" "}
          <span class="state">${t(`webhookStates.${state}`)}</span>
        </p>
        ${description && html`<p class="hint"><bdi>${url}</bdi></p>`}
        <${Facts} webhook=${webhook} />
      </div>
      <${Acts} webhook=${webhook} ask=${ask} />
    </li>
  `;
}

/** @param {{ webhook: Api.Webhook }} props */
const Facts = ({ webhook: { events, lastSuccessAt, lastFailureAt, secretHint } }) => html`
  <p class="hint">${events.join(", ")}</p>
  <p class="hint">
    ${t("secret")} <code>${secretHint}</code>
    ${lastSuccessAt && ` · ${t("arrivedAt", { when: moment(lastSuccessAt) })}`}
    ${lastFailureAt && ` · ${t("failedAt", { when: moment(lastFailureAt) })}`}
  </p>
`;

/** @param {{ webhook: Api.Webhook, ask: (asked: Asked) => void }} props */
function Acts({ webhook, ask }) {
  const name = webhook.description ?? webhook.url;
  async function test() {
    try {
      await request("POST", `/webhooks/${webhook.id}/test`);
      ask({ kind: "deliveries", webhook });
    } catch (error) {
      notice(explain(error));
    }
  }
  return html`
    <div class="acts">
      ${ACTS.filter((kind) => webhook.enabled || kind !== "test").map(
        (kind) => html`
          <button
            key=${kind}
            type="button"
            class=${`quiet small${kind === "delete" ? " danger" : ""}`}
            aria-label=${`${t(`webhookActs.${kind}`)}: ${name}`}
            onClick=${kind === "test" ? test : () => ask({ kind, webhook })}
          >
            ${t(`webhookActs.${kind}`)}
          </button>
        `,
      )}
    </div>
  `;
}
