// The button beside Send: at another time.

import { t } from "../shared/page.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { html, useState } from "./preact.js";

const SendLater = lazy(async () => (await import("./later/send-later.js")).SendLater);

/**
 * Sends at another time what stands in the box.
 * @param {{ conversation: Api.Conversation, off: boolean,
 *   onSend: (when: Partial<Staff.ToSend>) => void }} props
 */
export function Later({ conversation, off, onSend }) {
  const [asked, setAsked] = useState(false);
  return html`
    <button
      type="button"
      class="icon"
      title=${t("later.send")}
      aria-label=${t("later.send")}
      aria-disabled=${off ? "true" : undefined}
      onClick=${() => !off && setAsked(true)}
    >
      <${Icon} name="clock" />
    </button>
    ${
      asked &&
      html`
        <${SendLater}
          conversation=${conversation}
          onClose=${() => setAsked(false)}
          onSend=${onSend}
        />
      `
    }
  `;
}
