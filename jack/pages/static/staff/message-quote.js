// The message that another one answers: shown above it, and chosen for the next answer.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { authorName } from "./author-name.js";
import { cached } from "./conversation-cache.js";
import { send } from "./send-queue.js";
import { notify, state } from "./store.js";

/**
 * Whether a guest has a message, by WhatsApp: there it can be quoted, and given an emoji.
 * @param {Api.Message} message
 */
export const canQuote = ({ conversationId, type, status }) =>
  cached(conversationId).conversation?.channel === "whatsapp" &&
  type !== "note" &&
  ["received", "sent", "delivered", "read"].includes(status);

/**
 * Chooses what the next answer in a conversation quotes.
 * @param {string} id
 * @param {Api.Message | null} message
 */
export function setQuoted(id, message) {
  if (message) state.quoted.set(id, message);
  else state.quoted.delete(id);
  notify();
  document.getElementById("reply")?.focus();
}

/**
 * Queues a message that quotes what has been chosen.
 * @param {string} id
 * @param {Staff.ToSend} message
 */
export function sendQuoting(id, message) {
  send(id, { ...message, replyTo: state.quoted.get(id)?.id });
  if (state.quoted.delete(id)) notify();
}

/** @param {string} id of a message */
function show(id) {
  const found = document.querySelector(`.log [data-id="${CSS.escape(id)}"]`);
  found?.scrollIntoView({ block: "center" });
}

/** @param {{ quoted: Api.Quoted }} props */
export const Quote = ({ quoted: { id, content, author } }) => html`
  <button type="button" class="quote" title=${t("showQuoted")} onClick=${() => show(id)}>
    <b dir="auto">${authorName(author)}</b>
    <span dir="auto">${content || t("withoutText")}</span>
  </button>
`;

/** @param {{ id: string }} props */
export function QuotedNow({ id }) {
  const quoted = state.quoted.get(id);
  if (!quoted) return null;
  return html`
    <div class="quoting">
      <${Quote} quoted=${quoted} />
      <button type="button" class="link" onClick=${() => setQuoted(id, null)}>
        ${t("quoteNothing")}
      </button>
    </div>
  `;
}

/**
 * A message as it is sent.
 * @param {boolean} asNote
 * @param {string} content
 * @param {Api.Attachment[]} files
 * @returns {Pick<Staff.ToSend, "content" | "type" | "attachmentIds">}
 */
export const toSend = (asNote, content, files) => ({
  content,
  type: asNote ? "note" : "text",
  attachmentIds: asNote ? [] : files.map((file) => file.id),
});
