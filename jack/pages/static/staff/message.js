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
import { cached, reloadMessages } from "./conversation-cache.js";
import { authorName } from "./author-name.js";
import { lazy } from "./lazy.js";
import { Edited } from "./message-edits.js";
import { Origin, isQuiet } from "./message-origin.js";
import { canQuote, Quote, setQuoted } from "./message-quote.js";
import { canReact, React, Reactions } from "./message-reactions.js";

const Files = lazy(async () => (await import("./media/files.js")).Files);

const Scheduled = lazy(async () => (await import("./later/scheduled.js")).Scheduled, true);

/**
 * Whether it has not left, and may never do.
 * @param {Api.Message} message
 */
const isWaiting = ({ status }) => status === "scheduled" || status === "cancelled";

/** @param {Api.Message} message */
const kindOf = ({ type, direction }) =>
  type === "note" ? "note" : direction === "inbound" ? "theirs" : "ours";

/** @param {Api.Message} message */
const looks = (message) =>
  `message ${kindOf(message)}${isQuiet(message) ? " automatic" : ""}` +
  (isWaiting(message) ? " later" : "") +
  (state.route.at === message.id ? " found" : "");

/** @param {{ message: Api.Message, onTask: (message: Api.Message) => void }} props */
export function Message({ message, onTask }) {
  const { type, content, details } = message;
  const kind = kindOf(message);
  return html`
    <li class=${looks(message)} data-id=${message.id}>
      <${Author} message=${message} />
      <${Origin} message=${message} />
      ${details?.subject && html`<p class="text" dir="auto"><b>${details.subject}</b></p>`}
      ${message.replyTo && html`<${Quote} quoted=${message.replyTo} />`}
      ${content && html`<p class="text" dir="auto">${content}</p>`}
      ${details?.edited && html`<${Edited} id=${message.id} details=${details} />`}
      ${details?.location && html`<${Place} place=${details.location} />`}
      ${type === "unsupported" && html`<p class="hint">${t("unsupported")}</p>`}
      ${message.attachments?.length > 0 && html`<${Files} message=${message} />`}
      ${kind === "ours" && html`<${Delivery} message=${message} />`}
      ${message.reactions.length > 0 && html`<${Reactions} reactions=${message.reactions} />`}
      ${(kind === "theirs" || canQuote(message)) && html`<${Acts} message=${message} onTask=${onTask} />`}
    </li>
  `;
}

/** @param {{ message: Api.Message, onTask: (message: Api.Message) => void }} props */
const Acts = ({ message, onTask }) => html`
  <p class="acts">
    ${
      message.direction === "inbound" &&
      html`
        <button type="button" class="link" data-act="task" onClick=${() => onTask(message)}>
          ${t("makeTask")}
        </button>
      `
    }
    ${
      canQuote(message) &&
      html`
        <button
          type="button"
          class="link"
          data-act="quote"
          onClick=${() => setQuoted(message.conversationId, message)}
        >
          ${t("quote")}
        </button>
      `
    }
    ${canReact(message) && html`<${React} message=${message} />`}
  </p>
`;

/** @param {{ message: Api.Message }} props */
function Author({ message: { type, author, createdAt, writtenAt } }) {
  const note = type === "note";
  const at = writtenAt ?? createdAt;
  const shown = writtenAt && day(writtenAt) !== day(createdAt) ? moment(at) : clock(at);
  return html`
    <p class="who">
      ${note && html`<${Icon} name="note" size=${14} />`}
      <b dir="auto">${authorName(author)}</b>
      ${note && html`<span> · ${t("noteLabel")}</span>`}
      <time datetime=${at} title=${moment(at)}>${shown}</time>
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
  if (status === "scheduled") return html`<${Scheduled} message=${message} />`;
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
  /** @type {Record<string, string>} */
  const icons = { queued: "clock", sending: "clock", cancelled: "close" };
  const icon = icons[status] ?? "check";
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
    const known = cached(one.conversationId).messages ?? [];
    setQuoted(one.conversationId, known.find(({ id }) => id === one.replyTo) ?? null);
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
