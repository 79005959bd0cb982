// Notifications of the signed-in staff member: on which devices, of what, and in which hours not.

import { t } from "../../shared/page.js";
import { deviceName } from "./device-name.js";
import { explain, request } from "../request.js";
import { html, useState } from "../preact.js";
import { useList, useOne } from "../list-data.js";
import { isAdmin, notice } from "../store.js";
import { Failed, Skeleton } from "../components.js";
import { bind, Check, Field, Form } from "../forms.js";
import { end, ownId, supported, turnOff, turnOn } from "./push-device.js";

const KINDS = [
  "guest_mine",
  "guest_unassigned",
  "guest_other",
  "task_mine",
  "task_department",
  "task_urgent",
  "task_overdue",
  "mention",
  "automation",
];

export const Notifications = () => html`
  <section class="notifications">
    <h2>${t("notifications.title")}</h2>
    <${Told} />
    <${Chosen} />
  </section>
`;

/** This device, and the others that are told. */
function Told() {
  const { rows, problem, reload } = useList("/push/subscriptions", {});
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${2} />`;
  const own = rows.find(({ id }) => id === ownId());
  const others = rows.filter((row) => row !== own);
  /** @param {string} id */
  async function remove(id) {
    await end(id).catch((error) => notice(explain(error), "bad"));
    reload();
  }
  return html`
    <${ThisDevice} own=${own} reload=${reload} />
    ${
      others.length > 0 &&
      html`
        <h3>${t("notifications.others")}</h3>
        <ul class="devices" aria-label=${t("notifications.others")}>
          ${others.map(
            (row) => html`
              <li key=${row.id}>
                <p class="device">${deviceName(row.userAgent)}</p>
                <button
                  type="button"
                  class="quiet small"
                  aria-label=${`${t("remove")}: ${deviceName(row.userAgent)}`}
                  onClick=${() => remove(row.id)}
                >
                  ${t("remove")}
                </button>
              </li>
            `,
          )}
        </ul>
      `
    }
  `;
}

/** Why this browser cannot be told; "" when it can. */
function obstacle() {
  if (!supported()) return isSecureContext ? "unsupported" : "needsHttps";
  return Notification.permission === "denied" ? "denied" : "";
}

/** @param {{ own: Api.PushSubscription | undefined, reload: () => void }} props */
function ThisDevice({ own, reload }) {
  const [busy, setBusy] = useState(false);
  /** @param {() => Promise<unknown>} act */
  async function run(act) {
    if (busy) return;
    setBusy(true);
    await act().catch((error) =>
      notice(error.name === "AbortError" ? t("notifications.noService") : explain(error), "bad"),
    );
    setBusy(false);
    reload();
  }
  async function test() {
    await request("POST", `/push/subscriptions/${own?.id}/test`);
    notice(t("notifications.sent"));
  }
  /** @param {string} label @param {() => Promise<unknown>} act */
  const button = (label, act) => html`
    <button
      type="button"
      class=${own ? "quiet" : ""}
      aria-disabled=${busy ? "true" : undefined}
      onClick=${() => run(act)}
    >
      ${t(label)}
    </button>
  `;
  const why = obstacle();
  if (why) return html`<p class="hint">${t(`notifications.${why}`)}</p>`;
  return html`
    <p>${t(own ? "notifications.on" : "notifications.off")}</p>
    ${own?.failure && html`<p class="problem">${t("notifications.failure", own)}</p>`}
    <div class="buttons">
      ${own && button("notifications.sendOne", test)}
      ${button(own ? "turnOff" : "turnOn", own ? turnOff : turnOn)}
    </div>
  `;
}

/** Of what, and when. */
function Chosen() {
  const { data, problem, reload } = useOne("/auth/me", "notifications");
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${4} />`;
  /** @param {Staff.Values} values */
  async function send({ push, quietFrom, quietTo }) {
    const body = { push, quietFrom: quietFrom || null, quietTo: quietTo || null };
    await request("PUT", "/auth/me/notifications", { body });
    notice(t("saved"));
  }
  const initial = { push: data.push, quietFrom: data.quietFrom, quietTo: data.quietTo };
  return html`
    <${Form}
      draft="notifications"
      initial=${initial}
      fields=${fields}
      send=${send}
      label=${t("save")}
      quiet
    />
  `;
}

/** @param {Staff.FormState} form */
function fields(form) {
  /** @type {string[]} */
  const push = form.values.push;
  /** @param {string} kind @param {boolean} on */
  const choose = (kind, on) =>
    form.set("push")(on ? [...push, kind] : push.filter((one) => one !== kind));
  return html`
    <fieldset>
      <legend>${t("notifications.legend")}</legend>
      ${[...KINDS, ...(isAdmin() ? ["health"] : [])].map(
        (kind) => html`
          <${Check}
            key=${kind}
            label=${t(`notifications.kinds.${kind}`)}
            checked=${push.includes(kind)}
            onChange=${(/** @type {boolean} */ on) => choose(kind, on)}
          />
        `,
      )}
    </fieldset>
    <div class="pair">
      <${Field} ...${bind(form, "quietFrom")} type="time" />
      <${Field} ...${bind(form, "quietTo")} type="time" />
    </div>
    <p class="hint">${t("notifications.quiet")}</p>
  `;
}
