// Sending what stands in the reply box at another time.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { WhenDialog } from "./when-dialog.js";

/**
 * @param {{ conversation: Api.Conversation, onClose: () => void,
 *   onSend: (when: { sendAt: string, cancelOnReply: boolean }) => void }} props
 */
export const SendLater = ({ conversation, onClose, onSend }) => html`
  <${WhenDialog}
    title=${t("later.send")}
    label=${t("later.schedule")}
    conversation=${conversation}
    askReply=${true}
    onClose=${onClose}
    save=${(/** @type {string} */ sendAt, /** @type {{ onReply: boolean }} */ { onReply }) =>
      onSend({ sendAt, cancelOnReply: onReply })}
  />
`;
