// What has to be known before anything is written to a guest, in a line each.

import { t } from "../../shared/page.js";
import { BlockedHint } from "../block-guest.js";
import { moment } from "../format.js";
import { Icon } from "../icons.js";
import { html } from "../preact.js";

/** @param {{ guest: Api.Guest }} props */
export const Care = ({ guest }) => html`
  <${BlockedHint} guest=${guest} />
  <${Stopped} consents=${guest.consents} />
`;

/**
 * On which channels the guest has asked for no more messages, and when last.
 * @param {{ consents: Record<string, Api.Consent> }} props
 */
function Stopped({ consents }) {
  const stopped = Object.entries(consents).filter(([, { state }]) => state === "withdrawn");
  if (!stopped.length) return null;
  const channel = stopped.map(([name]) => t(`channels.${name}`)).join(", ");
  const when = moment(
    stopped
      .map(([, { at }]) => at ?? "")
      .sort()
      .at(-1) ?? "",
  );
  return html`
    <p class="doubt">
      <${Icon} name="warn" size=${16} /><span>${t("stopped", { channel, when })}</span>
    </p>
  `;
}
