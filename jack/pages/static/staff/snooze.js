// Putting a conversation off, and how that is shown.

import { t } from "../shared/page.js";
import { brief, moment } from "./format.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { html, useState } from "./preact.js";

const WhenDialog = lazy(async () => (await import("./later/when-dialog.js")).WhenDialog);

/**
 * How a conversation stands, in words; `short` for lists.
 * @param {Api.Conversation} conversation
 */
export function stateText({ status, snoozedUntil }, short = false) {
  if (!snoozedUntil) return t(`statuses.${status}`);
  return t("snoozedUntil", { time: short ? brief(snoozedUntil) : moment(snoozedUntil) });
}

/**
 * @param {{ conversation: Api.Conversation,
 *   onChange: (changes: { snoozedUntil: string }) => unknown }} props
 */
export function Snooze({ conversation, onChange }) {
  const [asked, setAsked] = useState(false);
  return html`
    <button
      type="button"
      class="icon"
      title=${t("snooze")}
      aria-label=${t("snooze")}
      onClick=${() => setAsked(true)}
    >
      <${Icon} name="clock" />
    </button>
    ${
      asked &&
      html`
        <${WhenDialog}
          title=${t("snoozeTitle")}
          label=${t("snooze")}
          conversation=${conversation}
          onClose=${() => setAsked(false)}
          save=${(/** @type {string} */ snoozedUntil) => onChange({ snoozedUntil })}
        />
      `
    }
  `;
}
