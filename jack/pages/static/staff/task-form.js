// Making a task, most often of what a guest has written: guest, room and words are filled in already.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { fromLocal } from "./format.js";
import { keep, recall } from "./local-storage.js";
import { notice, state } from "./store.js";
import { create, PRIORITIES } from "./task-data.js";
import { Dialog, Field, Form, Option } from "./components.js";

const TITLE = 80;
// "room 304", "habitación nº 12", "hab. 7B", "Zimmer 21", "chambre 5"
const ROOM = /(?:room|rm|habitaci[oó]n|hab|cuarto|zimmer|chambre|camera|quarto|suite)[\s.]*(?:number|numero|número|no|nr|nº|n°|№|#)?[\s.:]*(\d{1,4}\s?[a-z]?)\b/i;

export function TaskDialog({ conversation, message, onClose }) {
  const text = (message?.content ?? "").trim();
  const guest = state.guests.get(conversation?.guestId);
  const initial = {
    title: firstWords(text),
    description: text.length > TITLE || text.includes("\n") ? text : "",
    department: recall("department", state.departments[0]?.slug ?? ""),
    priority: "normal",
    room: room(text) ?? room((guest?.tags ?? []).join(" ")) ?? room(guest?.notes ?? "") ?? guest?.tasks?.find((task) => task.room)?.room ?? "",
    assignee: "",
    dueAt: "",
  };
  async function send({ title, description, department, priority, room: where, assignee, dueAt }, keyed) {
    const body = { title, department, priority, description: description || null, room: where || null, assignee: assignee || null };
    if (dueAt) body.dueAt = fromLocal(dueAt);
    if (conversation) Object.assign(body, { conversationId: conversation.id, guestId: conversation.guestId });
    await create(body, keyed(body));
    keep("department", department);
    notice(t("task.made", { title }));
    onClose();
  }
  return html`<${Dialog} title=${t("makeTask")} onClose=${onClose}>
    ${conversation?.guest && html`<p class="hint" dir="auto">${t("task.for", { name: conversation.guest.name })}</p>`}
    <${Form} initial=${initial} send=${send} label=${t("task.create")} onCancel=${onClose} fields=${TaskFields} /></${Dialog}>`;
}

function TaskFields({ values, set, wrong }) {
  return html`<${Field} label=${t("fields.title")} name="title" value=${values.title} onInput=${set("title")} problem=${wrong.title} maxlength="200" required />
    <div class="pair"><${Field} label=${t("fields.department")} name="department" value=${values.department} onInput=${set("department")} problem=${wrong.department}>
        ${state.departments.map(({ slug, name }) => html`<${Option} key=${slug} value=${slug}>${name}</${Option}>`)}</${Field}>
      <${Field} label=${t("fields.room")} name="room" value=${values.room} onInput=${set("room")} problem=${wrong.room} maxlength="32" /></div>
    <div class="pair"><${Field} label=${t("fields.priority")} name="priority" value=${values.priority} onInput=${set("priority")} problem=${wrong.priority}>
        ${PRIORITIES.map((one) => html`<${Option} key=${one} value=${one}>${t(`priorities.${one}`)}</${Option}>`)}</${Field}>
      <${Field} label=${t("fields.dueAt")} name="dueAt" type="datetime-local" value=${values.dueAt} onInput=${set("dueAt")} problem=${wrong.dueAt} hint=${t("dueHint")} /></div>
    <${Field} label=${t("assignee")} name="assignee" value=${values.assignee} onInput=${set("assignee")} problem=${wrong.assignee}>
      <${Option} value="">${t("nobody")}</${Option}>${state.staff.filter((member) => member.active).map((member) => html`<${Option} key=${member.id} value=${member.id}>${member.name}</${Option}>`)}</${Field}>
    <${Field} label=${t("fields.description")} name="description" rows="3" value=${values.description} onInput=${set("description")} problem=${wrong.description} />`;
}

function firstWords(text) {
  const line = text.split("\n")[0];
  if (line.length <= TITLE) return line;
  return `${line.slice(0, TITLE).replace(/\s+\S*$/, "")} …`;
}

const room = (text) => text.match(ROOM)?.[1].replace(/\s/g, "").toUpperCase() ?? null;
