// A task, and the buttons that change it.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { moment, since, until } from "./format.js";
import { ExternalIds } from "./external-ids.js";
import { Icon } from "./icons.js";
import { Kept, useKept } from "./kept-values.js";
import { linkTo } from "./router.js";
import { send } from "./send-queue.js";
import { departmentName, nameOf, notice, state } from "./store.js";
import { changeTask, claimTask, isFinished } from "./task-data.js";
import { Dialog, SmallButton } from "./components.js";
import { Check, Field } from "./forms.js";

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
  return html`
    <article
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
      ${showStatus && html`<span class="state">${t(`taskStatuses.${status}`)}</span>`}
    </p>
  `;
}

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
 * @param {{ task: Api.Task, act: Act, ask: (status: Api.Task["status"]) => void }} props
 */
function Actions({ task, act, ask }) {
  const { status, assignee } = task;
  const begin = { status: "in_progress" };
  /**
   * @param {string} label
   * @param {() => Promise<Api.Task | null>} work
   */
  const button = (label, work) =>
    html`<${SmallButton} label=${label} onClick=${() => act(work)} />`;
  if (isFinished(task)) return button(t("reopen"), () => changeTask(task, { status: "open" }));
  const release = () => changeTask(task, { assignee: null });
  const start = () => (assignee ? changeTask(task, begin) : claimTask(task, begin));
  const mine = assignee === state.me.id;
  return html`
    ${!assignee && button(t("task.claim"), () => claimTask(task))}
    ${status === "open" && button(t("task.start"), start)}
    ${status === "blocked" && button(t("task.resume"), () => changeTask(task, begin))}
    ${
      status === "in_progress" &&
      html`<${SmallButton} label=${t("task.block")} onClick=${() => ask("blocked")} />`
    }
    ${mine && status === "open" && button(t("task.release"), release)}
    <button type="button" class="small" onClick=${() => ask("completed")}>
      ${t("task.complete")}
    </button>
  `;
}

/**
 * What is typed into the form of a note.
 * @param {Api.Task} task
 * @param {Api.Task["status"]} status
 */
function useNote({ id, title }, status) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const initial = { note: "", tell: false, words: t("task.toldGuest", { title }) };
  const { values, put, forget, ...kept } = useKept(initial, `${status}:${id}`, form);
  const { note, tell, words } = values;
  /** @type {(name: string) => (value: any) => void} */
  const set = (name) => (value) => put((before) => ({ ...before, [name]: value }));
  return { form, note, tell, words, set, forget, kept };
}

/**
 * The form of a note with which a task is completed or blocked.
 * @param {{ task: Api.Task, status: Api.Task["status"], act: Act, onClose: () => void }} props
 */
function Note({ task, status, act, onClose }) {
  const { form, note, tell, words, set, forget, kept } = useNote(task, status);
  const completed = status === "completed";
  const canTell = completed && Boolean(task.conversationId);
  async function work() {
    const changed = await save(task, status, note.trim());
    if (changed && canTell && tell) sendWords(task, words.trim());
    if (changed) forget();
    onClose();
    return changed;
  }
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    act(work);
  }
  function cancel() {
    forget();
    onClose();
  }
  const teller = { tell, onTell: set("tell"), words, onWords: set("words") };
  return html`
    <${Dialog} title=${t(completed ? "task.completeTitle" : "task.blockTitle")} onClose=${onClose}>
      <form onSubmit=${submit} ref=${form}>
        <p dir="auto"><b>${task.title}</b></p>
        <${Field}
          id="task-note"
          label=${t(completed ? "task.note" : "task.why")}
          name="note"
          rows="2"
          value=${note}
          onInput=${set("note")}
        />
        ${canTell && html`<${TellGuest} ...${teller} />`}
        <${NoteButtons} label=${t(completed ? "task.done" : "task.block")} onClose=${cancel} />
        <${Kept} ...${kept} />
      </form>
    </${Dialog}>
  `;
}

/**
 * @param {Api.Task} task
 * @param {Api.Task["status"]} status
 * @param {string} note
 */
function save(task, status, note) {
  const notes = [task.notes, note].filter(Boolean).join("\n");
  return changeTask(task, {
    status,
    ...(note && { notes }),
    ...(!task.assignee && { assignee: state.me.id }),
  });
}

/**
 * Tells the guest who asked for the task.
 * @param {Api.Task} task
 * @param {string} content
 */
function sendWords({ conversationId }, content) {
  if (!conversationId || !content) return;
  send(conversationId, { content, type: "text" });
  notice(t("task.told"));
}

/** @param {{ label: string, onClose: () => void }} props */
const NoteButtons = ({ label, onClose }) => html`
  <div class="buttons">
    <button type="submit">${label}</button>
    <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
  </div>
`;

/**
 * @param {{ tell: boolean, onTell: (on: boolean) => void, words: string,
 *   onWords: (words: string) => void }} props
 */
const TellGuest = ({ tell, onTell, words, onWords }) => html`
  <${Check} label=${t("task.tellGuest")} checked=${tell} onChange=${onTell} />
  ${
    tell &&
    html`
      <${Field}
        id="task-words"
        label=${t("task.words")}
        name="words"
        rows="2"
        value=${words}
        onInput=${onWords}
        maxlength="4096"
      />
    `
  }
`;
