// A task, and what can be done with it: two touches at most.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { moment, since, until } from "./format.js";
import { Icon } from "./icons.js";
import { to } from "./router.js";
import { send } from "./send-queue.js";
import { departmentName, nameOf, notice, state } from "./store.js";
import { alter, claim } from "./task-data.js";
import { Check, Dialog, Field } from "./components.js";

const OVER = ["completed", "cancelled"];

export function TaskCard({ task, open = false, known = "", onChanged = () => {} }) {
  const [more, setMore] = useState(open);
  const [asking, setAsking] = useState(null); // what the task is about to become, with a note
  const busy = useRef(false);
  async function act(work) {
    if (busy.current) return;
    busy.current = true;
    const changed = await work().finally(() => { busy.current = false; });
    if (changed) onChanged(changed);
  }
  const mine = task.assignee === state.me.id;
  const over = OVER.includes(task.status);
  return html`<article class="task ${task.priority} ${task.overdue ? "overdue" : ""}" data-id=${task.id} aria-label=${task.title}>
    <h3><button type="button" class="plain" aria-expanded=${more ? "true" : "false"} onClick=${() => setMore(!more)} dir="auto">${task.title}</button></h3>
    <p class="facts">${task.room && html`<span class="room" dir="auto">${t("roomNumber", { room: task.room })}</span>`}
      ${task.priority !== "normal" && known !== "priority" && html`<span class="priority">${t(`priorities.${task.priority}`)}</span>`}
      ${known !== "department" && html`<span class="department">${departmentName(task.department)}</span>`}
      ${!over && task.status !== "open" && known !== "status" && html`<span class="state">${t(`taskStatuses.${task.status}`)}</span>`}</p>
    <p class="facts">${over ? html`<span><${Icon} name="check" size=${14} />${t(`taskStatuses.${task.status}`)} · ${moment(task.completedAt ?? task.updatedAt)}</span>` : html`
      <span class="due" title=${moment(task.dueAt)}><${Icon} name=${task.overdue ? "warn" : "clock"} size=${14} />${task.overdue ? t("overdueSince", { time: since(task.dueAt) }) : t("dueIn", { time: until(task.dueAt) })}</span>`}
      <span class="who">${task.assignee ? (mine ? t("you") : nameOf(task.assignee)) : t("nobody")}</span></p>
    ${more && html`<div class="details">${task.description && html`<p class="text" dir="auto">${task.description}</p>`}
      ${task.notes && html`<p class="text guest-notes" dir="auto">${task.notes}</p>`}
      <p class="links">${task.conversationId && html`<a href=${to("inbox", task.conversationId)}>${t("openConversation")}</a>`}${task.guestId && html` <a href=${to("guests", task.guestId)}>${t("openGuest")}</a>`}</p></div>`}
    <div class="acts">
      ${over ? html`<button type="button" class="quiet small" onClick=${() => act(() => alter(task, { status: "open" }))}>${t("reopen")}</button>` : html`
        ${!task.assignee && html`<button type="button" class="quiet small" onClick=${() => act(() => claim(task))}>${t("task.claim")}</button>`}
        ${task.status === "open" && html`<button type="button" class="quiet small" onClick=${() => act(() => (task.assignee ? alter(task, { status: "in_progress" }) : claim(task, { status: "in_progress" })))}>${t("task.start")}</button>`}
        ${task.status === "blocked" && html`<button type="button" class="quiet small" onClick=${() => act(() => alter(task, { status: "in_progress" }))}>${t("task.resume")}</button>`}
        ${task.status === "in_progress" && html`<button type="button" class="quiet small" onClick=${() => setAsking("blocked")}>${t("task.block")}</button>`}
        ${mine && task.status === "open" && html`<button type="button" class="quiet small" onClick=${() => act(() => alter(task, { assignee: null }))}>${t("task.release")}</button>`}
        <button type="button" class="small" onClick=${() => setAsking("completed")}>${t("task.complete")}</button>`}</div>
    ${asking && html`<${Note} task=${task} status=${asking} act=${act} onClose=${() => setAsking(null)} />`}</article>`;
}

/** What became of it, in a word or two; and word to the guest who asked for it. */
function Note({ task, status, act, onClose }) {
  const [note, setNote] = useState("");
  const [tell, setTell] = useState(false);
  const [words, setWords] = useState(() => t("task.toldGuest", { title: task.title }));
  const canTell = status === "completed" && task.conversationId;
  async function done(event) {
    event.preventDefault();
    const notes = [task.notes, note.trim()].filter(Boolean).join("\n");
    await act(async () => {
      const changed = await alter(task, { status, ...(note.trim() && { notes }), ...(!task.assignee && { assignee: state.me.id }) });
      if (changed && canTell && tell && words.trim()) {
        send(task.conversationId, { content: words.trim(), type: "text" });
        notice(t("task.told"));
      }
      onClose();
      return changed;
    });
  }
  return html`<${Dialog} title=${t(status === "completed" ? "task.completeTitle" : "task.blockTitle")} onClose=${onClose}>
    <form onSubmit=${done}><p dir="auto"><b>${task.title}</b></p>
      <${Field} id="task-note" label=${t(status === "completed" ? "task.note" : "task.why")} name="note" rows="2" value=${note} onInput=${setNote} />
      ${canTell && html`<${Check} label=${t("task.tellGuest")} checked=${tell} onChange=${setTell} />
        ${tell && html`<${Field} id="task-words" label=${t("task.words")} name="words" rows="2" value=${words} onInput=${setWords} maxlength="4096" />`}`}
      <div class="buttons"><button type="submit">${t(status === "completed" ? "task.done" : "task.block")}</button><button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button></div></form></${Dialog}>`;
}
