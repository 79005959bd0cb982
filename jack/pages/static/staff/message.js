// A message: author, content, attachments and delivery status.

import { hasText, t } from "../shared/page.js";
import { explain, newId, request } from "./request.js";
import { html, useState } from "./preact.js";
import { clock, day, moment } from "./format.js";
import { Icon } from "./icons.js";
import { getDraft, setDraft } from "./local-storage.js";
import { TakeBack } from "./take-back.js";
import { retry, discard, send } from "./send-queue.js";
import { notify, notice, state } from "./store.js";
import { reloadMessages } from "./conversation-cache.js";
import { Attachment } from "./attachment.js";
import { Origin, isAutomatic } from "./message-origin.js";

/** @param {Api.Message} message */
const kindOf = ({ type, direction }) =>
  type === "note" ? "note" : direction === "inbound" ? "theirs" : "ours";

/** @param {Api.Message["author"]} author */
function authorName({ type, id, name }) {
  if (type === "integration") return name ?? t("program");
  if (type !== "staff" && type !== "guest") return t("system");
  return type === "staff" && id === state.me.id ? t("you") : (name ?? t("erasedGuest"));
}

/** @param {{ message: Api.Message, onTask: (message: Api.Message) => void }} props */
export function Message({ message, onTask }) {
  const { type, direction, content, attachments, details } = message;
  const kind = kindOf(message);
  return html`
    <li class="message ${kind}${isAutomatic(message) ? " automatic" : ""}" data-id=${message.id}>
      <${Author} message=${message} />
      <${Origin} message=${message} />
      ${details?.subject && html`<p class="text" dir="auto"><b>${details.subject}</b></p>`}
      ${content && html`<p class="text" dir="auto">${content}</p>`}
      ${details?.location && html`<${Place} place=${details.location} />`}
      ${type === "unsupported" && html`<p class="hint">${t("unsupported")}</p>`}
      ${
        attachments?.length > 0 &&
        html`
          <ul class="files">
            ${attachments.map((file) => html`<${Attachment} key=${file.id} file=${file} />`)}
          </ul>
        `
      }
      ${kind === "ours" && html`<${Delivery} message=${message} />`}
      ${
        direction === "inbound" &&
        html`
          <p class="acts">
            <button type="button" class="link" data-act="task" onClick=${() => onTask(message)}>
              ${t("makeTask")}
            </button>
          </p>
        `
      }
    </li>
  `;
}

/** @param {{ message: Api.Message }} props */
function Author({ message: { type, author, createdAt } }) {
  const note = type === "note";
  return html`
    <p class="who">
      ${note && html`<${Icon} name="note" size=${14} />`}
      <b dir="auto">${authorName(author)}</b>
      ${note && html`<span> · ${t("noteLabel")}</span>`}
      <time datetime=${createdAt} title=${moment(createdAt)}>${clock(createdAt)}</time>
    </p>
  `;
}

/**
 * A place, with a link to a map.
 * @param {{ place: Api.Place }} props
 */
function Place({ place: { latitude, longitude, name, address } }) {
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return null;
  const query = `?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  const map = `https://www.openstreetmap.org/${query}`;
  const text = [name, address].filter(Boolean).join(", ");
  return html`
    <p dir="auto">
      ${text} <a href=${map} target="_blank" rel="noopener noreferrer">${t("map")}</a>
    </p>
  `;
}

/**
 * Why a mail was returned or is late, in the reader's language where the cause is known.
 * @param {string | undefined} cause
 * @param {string | null} otherwise
 */
const because = (cause, otherwise) =>
  cause && hasText(`mailCauses.${cause}`) ? t(`mailCauses.${cause}`) : otherwise;

/** @param {{ since: string, reason: string, cause?: string }} props */
const Delayed = ({ since, reason, cause }) => html`
  <p class="delivery delayed">
    <${Icon} name="clock" size=${14} />
    <span dir="auto">${t("delayed", { time: moment(since) })} ${because(cause, reason)}</span>
  </p>
`;

/** @param {{ message: Api.Message }} props */
function Delivery({ message }) {
  const { details, status, error, deliveredAt, readAt, sentAt, createdAt } = message;
  const text = t(`delivery.${status}`);
  const why = because(details?.bounce?.cause, error);
  if (status === "sent" && details?.delayed) return html`<${Delayed} ...${details.delayed} />`;
  if (status === "failed" || status === "unknown") {
    return html`
      <p class="delivery ${status}">
        <${Icon} name="warn" size=${16} />
        <span>${text}${why ? html` <span dir="auto">${why}</span>` : ""}</span>
        <${Resend} message=${message} />
      </p>
    `;
  }
  /** @type {Record<string, string | null>} */
  const times = { read: readAt, delivered: deliveredAt, sent: sentAt };
  const at = times[status];
  const time = at ? ` ${day(at) === day(createdAt) ? clock(at) : moment(at)}` : "";
  const icon = status === "queued" || status === "sending" ? "clock" : "check";
  return html`
    <p class="delivery ${status}">
      <${Icon} name=${icon} size=${14} />${text}${time}
      ${status === "queued" && html` <${TakeBack} message=${message} />`}
    </p>
  `;
}

/**
 * Sends a message again: itself where the API can do that, else as a new message.
 * @param {{ message: Api.Message }} props
 */
function Resend({ message }) {
  const { id, conversationId, content, status } = message;
  const [busy, setBusy] = useState(false);
  async function resend() {
    if (busy) return;
    setBusy(true);
    try {
      await request("POST", `/messages/${id}/resend`, { key: newId() });
      await reloadMessages(conversationId, [id]).catch(() => {}); // its event comes as well
    } catch (error) {
      if ([404, 405].includes(/** @type {any} */ (error).status)) {
        send(conversationId, { content, type: "text" });
      } else {
        notice(explain(error), "bad");
      }
    }
    setBusy(false);
  }
  return html`
    <button type="button" class="link" aria-disabled=${busy ? "true" : undefined} onClick=${resend}>
      ${status === "unknown" ? t("resend") : t("tryAgain")}
    </button>
  `;
}

/**
 * A message in the send queue.
 * @param {{ one: Staff.Queued }} props
 */
export function QueuedMessage({ one }) {
  let text = one.problem ?? t("delivery.sending");
  if (!one.problem && state.offline) text = t("waitsForConnection");
  return html`
    <li class="message ${one.type === "note" ? "note" : "ours"} local" data-key=${one.key}>
      <p class="who"><b>${t("you")}</b><time datetime=${one.at}>${clock(one.at)}</time></p>
      <p class="text" dir="auto">${one.content || (one.template && `[${one.template.name}]`)}</p>
      <p class="delivery ${one.problem ? "failed" : "queued"}">
        <${Icon} name=${one.problem ? "warn" : "clock"} size=${14} />
        <span>${text}</span>
        ${one.problem && html`<${RefusedActions} one=${one} />`}
      </p>
    </li>
  `;
}

/**
 * What can be done with a message the API has refused.
 * @param {{ one: Staff.Queued }} props
 */
function RefusedActions({ one }) {
  function edit() {
    const draft = getDraft(one.conversationId);
    const text = [one.content, draft.text].filter(Boolean).join("\n");
    setDraft(one.conversationId, { ...draft, text, note: one.type === "note" });
    discard(one);
    state.edited = one.key; // the reply box reads its draft again
    notify();
  }
  return html`
    <button type="button" class="link" onClick=${() => retry(one)}>${t("tryAgain")}</button>
    ${one.content && html`<button type="button" class="link" onClick=${edit}>${t("edit")}</button>`}
    <button type="button" class="link" onClick=${() => discard(one)}>${t("discard")}</button>
  `;
}
