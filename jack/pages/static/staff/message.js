// One message: who wrote it, what it says, and what has become of it, told as it is.

import { t } from "../shared/page.js";
import { ask, explain, unique } from "./request.js";
import { html, useState } from "./preact.js";
import { clock, day, moment } from "./format.js";
import { Icon } from "./icons.js";
import { draft, keepDraft } from "./local-storage.js";
import { again, drop, send } from "./send-queue.js";
import { announce, notice, state } from "./store.js";
import { latest } from "./conversation-cache.js";
import { Attachment } from "./attachment.js";

export function Message({ message, onTask }) {
  const { type, direction, author, content, attachments, details } = message;
  const note = type === "note";
  const kind = note ? "note" : direction === "inbound" ? "theirs" : "ours";
  const who = author.type === "staff" ? (author.id === state.me.id ? t("you") : author.name) : author.type === "guest" ? author.name : t("system");
  return html`<li class="message ${kind}" data-id=${message.id}>
    <p class="who">${note && html`<${Icon} name="note" size=${14} />`}<b dir="auto">${who ?? t("erasedGuest")}</b>${note && html`<span> · ${t("noteLabel")}</span>`}
      <time datetime=${message.createdAt} title=${moment(message.createdAt)}>${clock(message.createdAt)}</time></p>
    ${details?.subject && html`<p class="text" dir="auto"><b>${details.subject}</b></p>`}
    ${content && html`<p class="text" dir="auto">${content}</p>`}
    ${details?.location && html`<${Place} place=${details.location} />`}
    ${type === "unsupported" && html`<p class="hint">${t("unsupported")}</p>`}
    ${attachments?.length > 0 && html`<ul class="files">${attachments.map((file) => html`<${Attachment} key=${file.id} file=${file} />`)}</ul>`}
    ${kind === "ours" && html`<${Delivery} message=${message} />`}
    ${direction === "inbound" && html`<p class="acts"><button type="button" class="link" data-act="task" onClick=${() => onTask(message)}>${t("makeTask")}</button></p>`}</li>`;
}

/** Where something is, on a map. */
function Place({ place: { latitude, longitude, name, address } }) {
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return null;
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  return html`<p dir="auto">${[name, address].filter(Boolean).join(", ")} <a href=${map} target="_blank" rel="noopener noreferrer">${t("map")}</a></p>`;
}

function Delivery({ message }) {
  const { status, error, deliveredAt, readAt, sentAt } = message;
  const at = { read: readAt, delivered: deliveredAt, sent: sentAt }[status];
  const known = t(`delivery.${status}`);
  if (status !== "failed" && status !== "unknown") return html`<p class="delivery ${status}"><${Tick} status=${status} />${known}${at ? ` ${day(at) === day(message.createdAt) ? clock(at) : moment(at)}` : ""}</p>`;
  return html`<p class="delivery ${status}"><${Icon} name="warn" size=${16} /><span>${known}${error ? html` <span dir="auto">${error}</span>` : ""}</span>
    <${Resend} message=${message} /></p>`;
}

const Tick = ({ status }) => html`<${Icon} name=${status === "queued" || status === "sending" ? "clock" : "check"} size=${14} />`;

/** Send it once more: as itself where Jack can do that, else as a new message. */
function Resend({ message }) {
  const [busy, setBusy] = useState(false);
  async function resend() {
    if (busy) return;
    setBusy(true);
    try {
      await ask("POST", `/messages/${message.id}/resend`, { key: unique() });
      await latest(message.conversationId, [message.id]).catch(() => {}); // its event comes as well
    } catch (error) {
      if (error.status === 404 || error.status === 405) send(message.conversationId, { content: message.content, type: "text" });
      else notice(explain(error), "bad");
    }
    setBusy(false);
  }
  return html`<button type="button" class="link" aria-disabled=${busy ? "true" : undefined} onClick=${resend}>${message.status === "unknown" ? t("resend") : t("tryAgain")}</button>`;
}

/** A message that is still in this browser. */
export function Waiting({ one }) {
  function edit() {
    const begun = draft(one.conversationId);
    keepDraft(one.conversationId, [one.content, begun.text].filter(Boolean).join("\n"), one.type === "note");
    drop(one);
    state.edited = one.key; // the box reads its draft again
    announce();
  }
  const says = one.problem ?? (state.offline ? t("waitsForConnection") : state.locked ? t("waitsForPassword") : t("delivery.sending"));
  return html`<li class="message ${one.type === "note" ? "note" : "ours"} local" data-key=${one.key}>
    <p class="who"><b>${t("you")}</b><time datetime=${one.at}>${clock(one.at)}</time></p><p class="text" dir="auto">${one.content || (one.template && `[${one.template.name}]`)}</p>
    <p class="delivery ${one.problem ? "failed" : "queued"}"><${Icon} name=${one.problem ? "warn" : "clock"} size=${14} /><span>${says}</span>
      ${one.problem && html`<button type="button" class="link" onClick=${() => again(one)}>${t("tryAgain")}</button>${one.content && html`<button type="button" class="link" onClick=${edit}>${t("edit")}</button>`}`}
      ${one.problem && html`<button type="button" class="link" onClick=${() => drop(one)}>${t("discard")}</button>`}</p></li>`;
}
