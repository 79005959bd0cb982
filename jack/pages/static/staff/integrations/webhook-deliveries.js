// What was sent to a webhook, what was answered, and sending it again.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { html, useEffect, useState } from "../preact.js";
import { moment, number } from "../format.js";
import { useList } from "../list-data.js";
import { notice } from "../store.js";
import { Dialog, Empty, Failed, Skeleton } from "../components.js";
import { Field, Options } from "../forms.js";
import { sendMissed } from "./webhook-forms.js";

const STATUSES = ["", "pending", "delivered", "failed"];
const REREAD = 2000; // milliseconds, while something is about to be sent for the first time

/** @param {{ webhook: Api.Webhook, onClose: () => void }} props */
export function Deliveries({ webhook, onClose }) {
  const [status, setStatus] = useState("");
  const list = useList(`/webhooks/${webhook.id}/deliveries`, { status });
  const { rows, problem, reload } = list;
  const isWaiting = rows?.some((row) => row.status === "pending" && !row.attempt);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(reload, REREAD);
    return () => clearTimeout(timer);
  }, [rows]);
  return html`
    <${Dialog} title=${t("webhookActs.deliveries")} onClose=${onClose}>
      <p class="hint"><bdi>${webhook.description ?? webhook.url}</bdi> · ${t("deliveriesAbout")}</p>
      <div class="section-head">
        <${Field} name="status" label=${t("status")} value=${status} onInput=${setStatus}>
          <${Options} items=${STATUSES.map((one) => [one, t(`deliveryStates.${one || "all"}`)])} />
        </${Field}>
        ${webhook.enabled && html`<${SendAll} webhook=${webhook} onSent=${reload} />`}
      </div>
      ${
        problem && !rows
          ? html`<${Failed} text=${problem} retry=${reload} />`
          : html`<${List} webhook=${webhook} list=${list} />`
      }
    </${Dialog}>
  `;
}

/** @param {{ webhook: Api.Webhook, onSent: () => void }} props */
function SendAll({ webhook, onSent }) {
  async function send() {
    try {
      await sendMissed(webhook);
      onSent();
    } catch (error) {
      notice(explain(error));
    }
  }
  return html`<button type="button" class="quiet" onClick=${send}>${t("sendAllFailed")}</button>`;
}

/** @param {{ webhook: Api.Webhook, list: ReturnType<typeof useList> }} props */
function List({ webhook, list: { rows, total, more, reload } }) {
  if (!rows) return html`<${Skeleton} rows=${4} />`;
  if (!rows.length) return html`<${Empty} title=${t("noDeliveries")} />`;
  return html`
    <ul class="devices deliveries" aria-label=${t("webhookActs.deliveries")}>
      ${rows.map(
        (row) => html`
          <${Delivery} key=${row.id} webhook=${webhook} delivery=${row} reload=${reload} />
        `,
      )}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
  `;
}

/** @param {{ webhook: Api.Webhook, delivery: Api.Delivery, reload: () => void }} props */
function Delivery({ webhook, delivery, reload }) {
  const { id, event, status, createdAt } = delivery;
  async function again() {
    try {
      await request("POST", `/webhooks/${webhook.id}/deliveries/${id}/redeliver`);
      reload();
    } catch (error) {
      notice(explain(error));
    }
  }
  return html`
    <li class=${status}>
      <div>
        <p class="device">
          <code>${event}</code> <span class="state">${t(`deliveryStates.${status}`)}</span>
        </p>
        <p class="hint">${moment(createdAt)} · ${whatCame(delivery)}</p>
        ${delivery.request && html`<${Details} delivery=${delivery} />`}
      </div>
      ${
        webhook.enabled &&
        html`
          <button
            type="button"
            class="quiet small"
            aria-label=${`${t("sendAgain")}: ${event}, ${moment(createdAt)}`}
            onClick=${again}
          >
            ${t("sendAgain")}
          </button>
        `
      }
    </li>
  `;
}

/**
 * What came of the attempts, in a few words.
 * @param {Api.Delivery} delivery
 */
function whatCame({ attempt, response, error, nextAttemptAt, durationMs }) {
  const parts = [t("attempts", { count: attempt })];
  if (response) parts.push(`HTTP ${response.status}`);
  if (error) parts.push(error);
  if (durationMs !== null) parts.push(`${number(durationMs)} ms`);
  if (nextAttemptAt && attempt) parts.push(t("nextAttemptAt", { when: moment(nextAttemptAt) }));
  return parts.join(" · ");
}

/** @param {{ delivery: Api.Delivery }} props */
const Details = ({ delivery: { request: sent, response } }) => html`
  <details>
    <summary>${t("details")}</summary>
    <pre dir="ltr" tabindex="0">${readable(sent?.body)}</pre>
    ${response?.body && html`<pre dir="ltr" tabindex="0">${response.body}</pre>`}
  </details>
`;

/**
 * A body with line breaks; one that has been erased says so.
 * @param {string | null | undefined} body
 */
function readable(body) {
  if (!body) return t("erasedBody");
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
