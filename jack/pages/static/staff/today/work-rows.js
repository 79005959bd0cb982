// Lines of the day: a guest who waits, and a task that is late or due.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { moment, since, until } from "../format.js";
import { Icon } from "../icons.js";
import { previewText } from "../media-words.js";
import { html } from "../preact.js";
import { linkTo } from "../router.js";
import { StayLine } from "../stay.js";
import { departmentName, nameOf, notice, state } from "../store.js";
import { changeTask, claimTask } from "../task-data.js";
import { waitingStep } from "../urgency.js";
import { isLate } from "./today-data.js";

/** @param {Api.Conversation} row */
export function Waiting(row) {
  const at = row.waitingSince ?? row.createdAt;
  const who = row.assignee && (row.assignee === state.me.id ? t("you") : nameOf(row.assignee));
  return html`
    <a class="line" href=${linkTo("inbox", row.id)}>
      <span class="room" dir="auto">${row.stay?.room ?? "–"}</span>
      <span class="what">
        <span class="name" dir="auto">${row.guest?.name ?? t("erasedGuest")}</span>
        <span class="said" dir="auto">${previewText(row)}</span>
        <span class="about">
          <${Icon} name=${row.channel} size=${14} />
          <span class="unseen">${t(`channels.${row.channel}`)}</span>
          ${row.stay && html`<${StayLine} stay=${{ ...row.stay, room: null }} />`}
          ${who && html`<span>${who}</span>`}
        </span>
      </span>
      <time datetime=${at} class=${waitingStep(at)}>
        <span class="unseen">${t("waits", { time: since(at) })}</span>
        <span aria-hidden="true">${since(at)}</span>
      </time>
    </a>
  `;
}

/** @param {{ task: Api.Task, onChanged: () => void }} props */
export function DueTask({ task, onChanged }) {
  const { id, title, room, department, priority, dueAt, assignee, status } = task;
  const late = isLate(task);
  const about = [
    priority !== "normal" && t(`priorities.${priority}`),
    departmentName(department),
    assignee ? (assignee === state.me.id ? t("you") : nameOf(assignee)) : t("nobody"),
    status !== "open" && t(`taskStatuses.${status}`),
  ];
  return html`
    <div class="line">
      <span class="room" dir="auto">${room ?? "–"}</span>
      <span class="what">
        <a class="name" href=${linkTo("tasks", id)} dir="auto">${title}</a>
        <span class="about">${about.filter(Boolean).join(" · ")}</span>
      </span>
      <span class="side">
        <time datetime=${dueAt} title=${moment(dueAt)} class=${late ? "late" : "soon"}>
          ${late ? t("overdueSince", { time: since(dueAt) }) : t("dueIn", { time: until(dueAt) })}
        </time>
        ${
          assignee
            ? html`<${SmallButton} label=${t("task.complete")} onClick=${() => complete(task, onChanged)} />`
            : html`<${SmallButton} label=${t("task.claim")} onClick=${() => claimTask(task).then(onChanged)} />`
        }
      </span>
    </div>
  `;
}

/**
 * Completes a task, which can be undone for a while.
 * @param {Api.Task} task
 * @param {() => void} onChanged
 */
async function complete(task, onChanged) {
  const { title, status } = task;
  const undo = () => changeTask(task, { status }).then(onChanged);
  if (await changeTask(task, { status: "completed" })) {
    notice(t("day.completed", { title }), "", undo);
  }
  onChanged();
}
