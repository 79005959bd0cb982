// What can be done with a message that is to leave later.

import { t } from "../../shared/page.js";
import { cached, forgetMessage, reloadMessages } from "../conversation-cache.js";
import { moment } from "../format.js";
import { Icon } from "../icons.js";
import { html, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { send } from "../send-queue.js";
import { notice } from "../store.js";
import { WhenDialog } from "./when-dialog.js";

/**
 * Changes it; shows it as it is then, also where it has left meanwhile.
 * @param {Api.Message} message
 * @param {{ sendAt?: string | null, content?: string }} body
 */
async function change({ id, conversationId }, body) {
  if (!Object.keys(body).length) return; // and nobody else's change is undone
  try {
    await request("PATCH", `/messages/${id}`, { body });
  } finally {
    await reloadMessages(conversationId, [id]).catch(() => {}); // its event comes as well
  }
}

/** @param {Api.Message} message */
async function cancel(message) {
  const { id, conversationId, content, type, attachments, details, replyTo } = message;
  try {
    await request("DELETE", `/messages/${id}`);
  } catch (error) {
    notice(explain(error), "bad");
    await reloadMessages(conversationId, [id]).catch(() => {});
    return;
  }
  forgetMessage(conversationId, id);
  const again = {
    content: type === "template" ? "" : content,
    type: type === "template" ? type : "text",
    attachmentIds: attachments.map((file) => file.id),
    template: details?.template,
    replyTo: replyTo?.id,
    sendAt: message.sendAt ?? undefined,
    cancelOnReply: message.cancelOnReply,
  };
  notice(t("later.cancelled"), "", () => send(conversationId, again));
}

/** @param {string | null} at */
const minute = (at) => Math.floor(Date.parse(at ?? "") / 60_000);

/**
 * What has been changed in the dialog, and no more.
 * @param {Api.Message} message as it was when it was opened
 * @param {string} at
 * @param {string} content
 */
const changed = (message, at, content) => ({
  ...(minute(at) !== minute(message.sendAt) && { sendAt: at }),
  ...(content && message.type !== "template" && content !== message.content && { content }),
});

/** @param {{ message: Api.Message }} props */
export function Scheduled({ message }) {
  const [changing, setChanging] = useState(/** @type {Api.Message | null} */ (null));
  const { conversationId, sendAt, type, content, cancelOnReply } = message;
  const sendNow = () =>
    change(message, { sendAt: null }).catch((error) => notice(explain(error), "bad"));
  return html`
    <p class="delivery scheduled">
      <${Icon} name="clock" size=${14} />
      <span>
        ${t("later.leaves", { time: moment(sendAt ?? "") })}
        ${cancelOnReply && html`<span>, ${t("later.unlessReply")}</span>`}
      </span>
      <button type="button" class="link" onClick=${() => setChanging(message)}>
        ${t("later.change")}
      </button>
      <button type="button" class="link" onClick=${sendNow}>${t("later.sendNow")}</button>
      <button type="button" class="link" onClick=${() => cancel(message)}>${t("cancel")}</button>
      ${
        changing &&
        html`
          <${WhenDialog}
            title=${t("later.changeTitle")}
            label=${t("save")}
            conversation=${cached(conversationId).conversation}
            at=${sendAt}
            content=${type === "template" || !content ? null : content}
            onClose=${() => setChanging(null)}
            save=${(/** @type {string} */ at, /** @type {{ content: string }} */ values) =>
              change(message, changed(changing, at, values.content))}
          />
        `
      }
    </p>
  `;
}
