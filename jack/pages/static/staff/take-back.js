// Undo of a message that has just been sent: for five seconds it is held, and can be taken back.

import { t } from "../shared/page.js";
import { html, useEffect, useState } from "./preact.js";
import { addMessage, forgetMessage } from "./conversation-cache.js";
import { getDraft, setDraft } from "./local-storage.js";
import { explain, request } from "./request.js";
import { notice, notify, state } from "./store.js";

export const HELD = 5; // seconds
/**
 * Until when messages sent from here may be taken back, by their ids.
 * @type {Map<string, number>}
 */
const held = new Map();

/**
 * A message has been sent from here.
 * @param {Api.Message} message
 */
export const hold = ({ id, type }) =>
  type !== "note" && held.set(id, Date.now() + HELD * 1000) && notify();

/**
 * Takes a message back, and puts its text and files into the reply box again.
 * @param {Api.Message} message
 */
async function takeBack(message) {
  const { id, conversationId, content, attachments, type } = message;
  held.delete(id);
  forgetMessage(conversationId, id);
  try {
    await request("DELETE", `/messages/${id}`);
  } catch (error) {
    addMessage(message);
    notice(explain(error), "bad");
    return;
  }
  if (type === "template") return;
  const draft = getDraft(conversationId);
  const text = [content, draft.text].filter(Boolean).join("\n");
  const files = [...attachments, ...draft.files];
  setDraft(conversationId, { ...draft, text, files, note: false });
  state.edited = id; // the reply box reads its draft again
  notify();
  document.getElementById("reply")?.focus();
}

/** @param {{ message: Api.Message }} props */
export function TakeBack({ message }) {
  const until = held.get(message.id) ?? 0;
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => draw(until), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  if (until <= Date.now()) return null;
  return html`
    <button type="button" class="link" onClick=${() => takeBack(message)}>${t("undo")}</button>
  `;
}
