// A task, and the buttons that change it.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { moment, since, until } from "./format.js";
import { ExternalIds } from "./external-ids.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { Menu } from "./menu.js";
import { mediaWords } from "./media-words.js";
import { linkTo } from "./router.js";
import { departmentName, nameOf, state } from "./store.js";
import { useSwipe } from "./swipe.js";
import { changeTask, claimTask, isFinished } from "./task-data.js";

const Note = lazy(async () => (await import("./task-note/note.js")).Note);
const Attachment = lazy(async () => (await import("./media/attachment.js")).Attachment, true);

/** @typedef {(work: () => Promise<Api.Task | null>) => Promise<void>} Act */

/**
 * Runs one change at a time.
 * @param {(task: Api.Task) => void} onChanged
 * @returns {Act}
 */
function useAct(onChanged) {
  const busy = useRef(false);
  return async (work) => {
    if (busy.current) return;
    busy.current = true;
    const changed = await work().finally(() => {
      busy.current = false;
    });
    if (changed) onChanged(changed);
  };
}

/**
 * `known` is what tasks are grouped by, which the card need not say.
 * @param {{ task: Api.Task, open?: boolean, known?: string,
 *   onChanged?: (task: Api.Task) => void }} props
 */
export function TaskCard({ task, open = false, known = "", onChanged = () => {} }) {
  const [more, setMore] = useState(open);
  const [asking, setAsking] = useState(""); // the status the task is about to get, with a note
  const act = useAct(onChanged);
  const swipe = useSwipe(isFinished(task) || asking ? null : () => setAsking("completed"));
  return html`
    <article
      ...${swipe}
      class="task ${task.priority} ${task.overdue ? "overdue" : ""}"
      data-id=${task.id}
      aria-label=${task.title}
    >
      <h3>
        <button
          type="button"
          class="plain"
          aria-expanded=${more ? "true" : "false"}
          onClick=${() => setMore(!more)}
          dir="auto"
        >
          ${task.title}
        </button>
      </h3>
      <${Facts} task=${task} known=${known} />
      <${Times} task=${task} />
      ${more && html`<${Details} task=${task} />`}
      <div class="acts"><${Actions} task=${task} act=${act} ask=${setAsking} /></div>
      ${
        asking &&
        html`
          <${Note} task=${task} status=${asking} act=${act} onClose=${() => setAsking("")} />
        `
      }
    </article>
  `;
}

/** @param {{ task: Api.Task, known: string }} props */
function Facts({ task, known }) {
  const { room, priority, department, status } = task;
  const showPriority = priority !== "normal" && known !== "priority";
  const showStatus = !isFinished(task) && status !== "open" && known !== "status";
  return html`
    <p class="facts">
      ${room && html`<span class="room" dir="auto">${t("roomNumber", { room })}</span>`}
      ${showPriority && html`<span class="priority">${t(`priorities.${priority}`)}</span>`}
      ${
        known !== "department" &&
        html`<span class="department">${departmentName(department)}</span>`
      }
      ${task.attachments.length > 0 && html`<${PhotoCount} count=${task.attachments.length} />`}
      ${showStatus && html`<span class="state">${t(`taskStatuses.${status}`)}</span>`}
    </p>
  `;
}

/** @param {{ count: number }} props */
const PhotoCount = ({ count }) => html`
  <span class="photo-count">
    <${Icon} name="picture" size=${14} />
    ${mediaWords({ kind: "photo", count, seconds: null, name: null })}
  </span>
`;

/** @param {{ task: Api.Task }} props */
function Times({ task }) {
  const { status, completedAt, updatedAt, dueAt, overdue, assignee } = task;
  const mine = assignee === state.me.id;
  const finished = html`
    <span>
      <${Icon} name="check" size=${14} />
      ${`${t(`taskStatuses.${status}`)} · ${moment(completedAt ?? updatedAt)}`}
    </span>
  `;
  const due = html`
    <span class="due" title=${moment(dueAt)}>
      <${Icon} name=${overdue ? "warn" : "clock"} size=${14} />
      ${overdue ? t("overdueSince", { time: since(dueAt) }) : t("dueIn", { time: until(dueAt) })}
    </span>
  `;
  return html`
    <p class="facts">
      ${isFinished(task) ? finished : due}
      <span class="who">${assignee ? (mine ? t("you") : nameOf(assignee)) : t("nobody")}</span>
    </p>
  `;
}

/** @param {{ task: Api.Task }} props */
const Details = ({ task, task: { description, notes, conversationId, guestId } }) => html`
  <div class="details">
    ${description && html`<p class="text" dir="auto">${description}</p>`}
    ${notes && html`<p class="text guest-notes" dir="auto">${notes}</p>`}
    <${ExternalIds} of=${task} />
    ${
      task.attachments.length > 0 &&
      html`
        <ul class="files">
          ${task.attachments.map((file) => html`<${Attachment} key=${file.id} file=${file} conversationId="" />`)}
        </ul>
      `
    }
    <p class="links">
      ${
        conversationId &&
        html`<a href=${linkTo("inbox", conversationId)}>${t("openConversation")}</a>`
      }
      ${guestId && html` <a href=${linkTo("guests", guestId)}>${t("openGuest")}</a>`}
    </p>
  </div>
`;

/**
 * What may be done with a task: first what is to be done next.
 * @type {Record<Api.Task["status"], (claimed: boolean, mine: boolean) => string[]>}
 */
const STEPS = {
  open: (claimed, mine) => [
    ...(claimed ? [] : ["claim"]),
    "start",
    "complete",
    ...(mine ? ["release"] : []),
  ],
  in_progress: () => ["complete", "block"],
  blocked: () => ["resume", "complete"],
  completed: () => ["reopen"],
  cancelled: () => ["reopen"],
};

/**
 * @param {{ task: Api.Task, act: Act, ask: (status: Api.Task["status"]) => void }} props
 */
function Actions({ task, act, ask }) {
  const { status, assignee } = task;
  const begin = { status: "in_progress" };
  /** @param {() => Promise<Api.Task | null>} work */
  const doing = (work) => () => act(work);
  /** @type {Record<string, () => void>} */
  const acts = {
    claim: doing(() => claimTask(task)),
    start: doing(() => (assignee ? changeTask(task, begin) : claimTask(task, begin))),
    resume: doing(() => changeTask(task, begin)),
    release: doing(() => changeTask(task, { assignee: null })),
    reopen: doing(() => changeTask(task, { status: "open" })),
    block: () => ask("blocked"),
    complete: () => ask("completed"),
  };
  const steps = STEPS[status](Boolean(assignee), assignee === state.me.id);
  /** @type {[string, () => void][]} */
  const [[label, next], ...others] = steps.map((name) => [t(`task.${name}`), acts[name]]);
  return html`
    <button type="button" class="small" onClick=${next}>${label}</button>
    ${others.length > 0 && html`<${Menu} label=${t("task.more")} items=${others} />`}
  `;
}
