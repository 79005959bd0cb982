// The guest of a conversation, beside it.

import { t } from "../shared/page.js";
import { html, useEffect } from "./preact.js";
import { languageName, moment } from "./format.js";
import { guestOf } from "./guest-data.js";
import { to } from "./router.js";
import { nameOf, state } from "./store.js";
import { Avatar, Skeleton } from "./components.js";

const REST = 400;

export function GuestCard({ conversation }) {
  const id = conversation?.guestId;
  useEffect(() => {
    const timer = setTimeout(() => guestOf(id), REST); // who only passes by does not ask
    return () => clearTimeout(timer);
  }, [id]);
  if (!conversation) return html`<${Skeleton} rows=${4} />`;
  if (!id) return html`<p class="hint pad">${t("erasedAbout")}</p>`;
  const guest = state.guests.get(id);
  return html`<div class="guest-card">
    <div class="guest-head"><${Avatar} name=${conversation.guest.name} /><div><h2 dir="auto">${conversation.guest.name}</h2><a href=${to("guests", id)}>${t("openGuest")}</a></div></div>
    ${!guest ? html`<${Skeleton} rows=${3} />` : html`<${Known} guest=${guest} />`}</div>`;
}

function Known({ guest }) {
  const facts = [
    ["email", guest.email],
    ["phone", guest.phone],
    ["language", guest.language && languageName(guest.language)],
  ].filter(([, value]) => value);
  return html`<dl>${facts.map(([name, value]) => html`<div key=${name}><dt>${t(`fields.${name}`)}</dt><dd dir="auto">${value}</dd></div>`)}</dl>
    ${guest.tags.length > 0 && html`<ul class="tags" aria-label=${t("fields.tags")}>${guest.tags.map((tag) => html`<li key=${tag} dir="auto">${tag}</li>`)}</ul>`}
    ${guest.notes && html`<p class="guest-notes" dir="auto">${guest.notes}</p>`}
    <h3>${t("views.tasks")}</h3>
    ${guest.tasks.length === 0 ? html`<p class="hint">${t("noTasks")}</p>` : html`<ul class="small-tasks">${guest.tasks.map((task) => html`
      <li key=${task.id}><a href=${to("tasks", task.id)} dir="auto">${task.title}</a>
        <span class=${task.overdue ? "hint late" : "hint"}>${t(`taskStatuses.${task.status}`)}${task.assignee ? ` · ${nameOf(task.assignee)}` : ""} · ${moment(task.completedAt ?? task.dueAt)}</span></li>`)}</ul>`}`;
}
