// What has to be known of who sent a mail: a program, or perhaps not whom it names.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { moment } from "./format.js";
import { Icon } from "./icons.js";

/**
 * Whether it notified nobody: no person wrote it, or a blocked guest.
 * @param {Api.Message} message
 */
export const isQuiet = ({ details }) => Boolean(details?.automatic || details?.blocked);

/** @param {{ message: Api.Message }} props */
export function Origin({ message: { details, author, writtenAt, createdAt } }) {
  const {
    automatic,
    blocked,
    consent,
    referral,
    unproven,
    authentication,
    sentBy = "",
  } = details ?? {};
  const name = author.name ?? t("erasedGuest");
  return html`
    ${authentication?.dmarc === "fail" && html`<${Doubt} text=${t("doubtful", { name })} />`}
    ${unproven && html`<${Doubt} text=${t("unproven", { address: unproven, sender: sentBy })} />`}
    ${writtenAt && html`<p class="hint">${t("arrivedLate", { time: moment(createdAt) })}</p>`}
    ${referral && html`<${Referral} referral=${referral} />`}
    ${consent === "stop" && html`<${Doubt} text=${t("wroteStop")} />`}
    ${consent === "start" && html`<p class="hint">${t("wroteStart")}</p>`}
    ${automatic && html`<p class="hint">${t("automaticMail")}</p>`}
    ${blocked && html`<p class="hint">${t("whileBlocked")}</p>`}
  `;
}

/**
 * The advertisement a guest has come from, with a link to it.
 * @param {{ referral: Api.Referral }} props
 */
function Referral({ referral: { headline, body, url, source } }) {
  const what = headline ?? body ?? url ?? source ?? "";
  const link = url && /^https?:\/\//i.test(url) ? url : null;
  return html`
    <p class="hint referral" dir="auto">
      ${t("cameFrom")}${" "}
      ${
        link
          ? html`<a href=${link} target="_blank" rel="noopener noreferrer">${what}</a>`
          : html`<b>${what}</b>`
      }
    </p>
  `;
}

/** @param {{ text: string }} props */
const Doubt = ({ text }) => html`
  <p class="doubt"><${Icon} name="warn" size=${16} /><span dir="auto">${text}</span></p>
`;
