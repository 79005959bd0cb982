// Notifications of the signed-in staff member: on which devices, of what, and in which hours not.

import { t } from "../../shared/page.js";
import { deviceName } from "./device-name.js";
import { explain, request } from "../request.js";
import { html, useState } from "../preact.js";
import { useList, useOne } from "../list-data.js";
import { isAdmin, notice } from "../store.js";
import { Failed, Skeleton } from "../components.js";
import { bind, Field, Form } from "../forms.js";
import { forgetChoice } from "../told/choice.js";
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
const WAYS = ["page", "push", "email"];
/** @type {Record<string, string>} */
const FIXED = {
  "task_overdue page": "always", // it stands there
  "automation page": "never",
  "health email": "always",
};

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

/** Of what, how, and when. */
function Chosen() {
  const { data, problem, reload } = useOne("/auth/me", "notifications");
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${4} />`;
  /** @param {Staff.Values} values */
  async function send({ push, email, page, quietFrom, quietTo }) {
    const hours = { quietFrom: quietFrom || null, quietTo: quietTo || null };
    await request("PUT", "/auth/me/notifications", { body: { push, email, page, ...hours } });
    forgetChoice();
    notice(t("saved"));
  }
  const { push, email, page, quietFrom, quietTo } = data;
  return html`
    <${Form}
      draft="told"
      initial=${{ push, email, page, quietFrom, quietTo }}
      fields=${fields}
      send=${send}
      label=${t("save")}
      quiet
    />
  `;
}

/** @param {Staff.FormState} form */
const fields = (form) => html`
  <table class="told" aria-label=${t("notifications.legend")}>
    <thead>
      <tr>
        <th scope="col">${t("notifications.legend")}</th>
        ${WAYS.map((way) => html`<th key=${way} scope="col">${t(`notifications.ways.${way}`)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${[...KINDS, ...(isAdmin() ? ["health"] : [])].map((kind) => row(form, kind))}
    </tbody>
  </table>
  <p class="hint">${t("notifications.byMail")}</p>
  <div class="pair">
    <${Field} ...${bind(form, "quietFrom")} type="time" />
    <${Field} ...${bind(form, "quietTo")} type="time" />
  </div>
  <p class="hint">${t("notifications.quiet")}</p>
`;

/** @param {Staff.FormState} form @param {string} kind */
const row = (form, kind) => html`
  <tr key=${kind}>
    <th scope="row">${t(`notifications.kinds.${kind}`)}</th>
    ${WAYS.map((way) => html`<td key=${way}>${cell(form, kind, way)}</td>`)}
  </tr>
`;

/** @param {Staff.FormState} form @param {string} kind @param {string} way */
function cell(form, kind, way) {
  const fixed = FIXED[`${kind} ${way}`];
  if (fixed) return html`<span class="hint">${t(`notifications.${fixed}`)}</span>`;
  /** @type {string[]} */
  const chosen = form.values[way];
  /** @param {any} event */
  const choose = ({ target }) =>
    form.set(way)(target.checked ? [...chosen, kind] : chosen.filter((one) => one !== kind));
  const label = `${t(`notifications.kinds.${kind}`)}: ${t(`notifications.ways.${way}`)}`;
  return html`
    <label>
      <input type="checkbox" aria-label=${label} checked=${chosen.includes(kind)} onChange=${choose} />
    </label>
  `;
}
