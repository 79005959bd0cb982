// A new task, mostly from a guest's message: guest, room and text are filled in.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { fromLocal } from "./format.js";
import { setItem, getItem } from "./local-storage.js";
import { notice, state } from "./store.js";
import { createTask, PRIORITIES } from "./task-data.js";
import { bind, Field, FormDialog, Option, Options } from "./forms.js";

const LONGEST_TITLE = 80;
// "room 304", "habitación nº 12", "hab. 7B", "Zimmer 21", "chambre 5"
const ROOM_WORD = /(?:room|rm|habitaci[oó]n|hab|cuarto|zimmer|chambre|camera|quarto|suite)/.source;
const NUMBER_WORD = /(?:number|numero|número|no|nr|nº|n°|№|#)?/.source;
const ROOM = new RegExp(`${ROOM_WORD}[\\s.]*${NUMBER_WORD}[\\s.:]*(\\d{1,4}\\s?[a-z]?)\\b`, "i");

/**
 * @param {{ conversation?: Api.Conversation, message?: Api.Message, onClose: () => void }} props
 */
export function TaskDialog({ conversation, message, onClose }) {
  /**
   * @param {Staff.Values} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const { title, department, priority, dueAt } = values;
    const body = {
      title,
      department,
      priority,
      description: values.description || null,
      room: values.room || null,
      assignee: values.assignee || null,
      ...(dueAt && { dueAt: fromLocal(dueAt) }),
      ...(conversation && { conversationId: conversation.id, guestId: conversation.guestId }),
    };
    await createTask(body, keyFor(body));
    setItem("department", department);
    notice(t("task.made", { title }));
    onClose();
  }
  const name = conversation?.guest?.name;
  return html`
    <${FormDialog}
      draft=${`task:${message?.id ?? "new"}`}
      title=${t("makeTask")}
      onClose=${onClose}
      initial=${initial(conversation, message)}
      send=${send}
      label=${t("task.create")}
      fields=${fields}
    >
      ${name && html`<p class="hint" dir="auto">${t("task.for", { name })}</p>`}
    </${FormDialog}>
  `;
}

/**
 * @param {Api.Conversation | undefined} conversation
 * @param {Api.Message | undefined} message
 */
function initial(conversation, message) {
  const text = (message?.content ?? "").trim();
  const guest = state.guests.get(conversation?.guestId ?? "");
  const texts = [text, guest?.tags.join(" "), guest?.notes];
  const room = texts.map(roomIn).find(Boolean) ?? guest?.tasks.find((task) => task.room)?.room;
  return {
    title: firstWords(text),
    description: text.length > LONGEST_TITLE || text.includes("\n") ? text : "",
    department: getItem("department", state.departments[0]?.slug ?? ""),
    priority: "normal",
    room: room ?? "",
    assignee: "",
    dueAt: "",
  };
}

/** @param {Staff.FormState} form */
function fields(form) {
  const staff = state.staff.filter((member) => member.active);
  return html`
    <${Field} ...${bind(form, "title")} maxlength="200" required />
    <div class="pair">
      <${Field} ...${bind(form, "department")}>
        <${Options} items=${state.departments.map(({ slug, name }) => [slug, name])} />
      </${Field}>
      <${Field} ...${bind(form, "room")} maxlength="32" />
    </div>
    <div class="pair">
      <${Field} ...${bind(form, "priority")}>
        <${Options} items=${PRIORITIES.map((one) => [one, t(`priorities.${one}`)])} />
      </${Field}>
      <${Field} ...${bind(form, "dueAt")} type="datetime-local" hint=${t("dueHint")} />
    </div>
    <${Field} ...${bind(form, "assignee")} label=${t("assignee")}>
      <${Option} value="">${t("nobody")}</${Option}>
      <${Options} items=${staff.map((member) => [member.id, member.name])} />
    </${Field}>
    <${Field} ...${bind(form, "description")} rows="3" />
  `;
}

/** @param {string} text */
function firstWords(text) {
  const line = text.split("\n")[0];
  if (line.length <= LONGEST_TITLE) return line;
  return `${line.slice(0, LONGEST_TITLE).replace(/\s+\S*$/, "")} …`;
}

/** @param {string | null | undefined} text */
const roomIn = (text) => text?.match(ROOM)?.[1].replace(/\s/g, "").toUpperCase();
