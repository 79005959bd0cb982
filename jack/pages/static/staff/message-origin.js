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
  const { automatic, blocked, consent, unproven, authentication, sentBy = "" } = details ?? {};
  const name = author.name ?? t("erasedGuest");
  return html`
    ${authentication?.dmarc === "fail" && html`<${Doubt} text=${t("doubtful", { name })} />`}
    ${unproven && html`<${Doubt} text=${t("unproven", { address: unproven, sender: sentBy })} />`}
    ${writtenAt && html`<p class="hint">${t("arrivedLate", { time: moment(createdAt) })}</p>`}
    ${consent === "stop" && html`<${Doubt} text=${t("wroteStop")} />`}
    ${consent === "start" && html`<p class="hint">${t("wroteStart")}</p>`}
    ${automatic && html`<p class="hint">${t("automaticMail")}</p>`}
    ${blocked && html`<p class="hint">${t("whileBlocked")}</p>`}
  `;
}

/** @param {{ text: string }} props */
const Doubt = ({ text }) => html`
  <p class="doubt"><${Icon} name="warn" size=${16} /><span dir="auto">${text}</span></p>
`;
