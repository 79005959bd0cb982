// The tasks: by department, priority, due time or status, as a list or side by side.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { number } from "./format.js";
import { keep, recall } from "./local-storage.js";
import { go } from "./router.js";
import { departmentName, state } from "./store.js";
import { TaskCard } from "./task-card.js";
import { TaskDialog } from "./task-form.js";
import { NOTHING, PRIORITIES, show } from "./task-data.js";
import { Check, Dialog, Empty, Failed, Head, Option, Skeleton } from "./components.js";

const HOURS = 3600_000;
const GROUPS = {
  department: (task) => [state.departments.findIndex(({ slug }) => slug === task.department), departmentName(task.department)],
  priority: (task) => [PRIORITIES.indexOf(task.priority), t(`priorities.${task.priority}`)],
  due: (task) => {
    const left = new Date(task.dueAt) - Date.now();
    const when = task.overdue ? 0 : left < HOURS ? 1 : left < 24 * HOURS ? 2 : 3;
    return [when, t(`due.${["overdue", "hour", "day", "later"][when]}`)];
  },
  status: (task) => [["open", "in_progress", "blocked", "completed", "cancelled"].indexOf(task.status), t(`taskStatuses.${task.status}`)],
};

export function Tasks() {
  const { tasks } = state;
  const [group, setGroup] = useState(() => recall("group", "department"));
  const [board, setBoard] = useState(() => recall("board", true));
  const [making, setMaking] = useState(false);
  useEffect(() => { show({ ...NOTHING, ...recall("tasks", {}) }); }, []);
  const filters = tasks?.filters ?? NOTHING;
  function set(part) {
    keep("tasks", { ...filters, ...part });
    show({ ...filters, ...part });
  }
  return html`<div class="page tasks"><${Head} title=${t("views.tasks")}><button type="button" onClick=${() => setMaking(true)}>${t("makeTask")}</button></${Head}>
    <div class="tools">
      <select aria-label=${t("fields.department")} value=${filters.department} onChange=${(event) => set({ department: event.target.value })}>
        <${Option} value="">${t("allDepartments")}</${Option}>${state.departments.map(({ slug, name }) => html`<${Option} key=${slug} value=${slug}>${name}</${Option}>`)}</select>
      <select aria-label=${t("assignee")} value=${filters.whose} onChange=${(event) => set({ whose: event.target.value })}>
        <${Option} value="">${t("anyone")}</${Option}><${Option} value="me">${t("mine")}</${Option}><${Option} value="unassigned">${t("nobodys")}</${Option}></select>
      <select aria-label=${t("groupBy")} value=${group} onChange=${(event) => { setGroup(event.target.value); keep("group", event.target.value); }}>
        ${Object.keys(GROUPS).map((name) => html`<${Option} key=${name} value=${name}>${t(`groups.${name}`)}</${Option}>`)}</select>
      <div class="tabs layout" role="group" aria-label=${t("layout")}>${[true, false].map((side) => html`
        <button type="button" key=${side} aria-pressed=${board === side ? "true" : "false"} onClick=${() => { setBoard(side); keep("board", side); }}>${t(side ? "board" : "listed")}</button>`)}</div>
      <${Check} label=${t("showDone")} checked=${filters.done} onChange=${(done) => set({ done })} /></div>
    <${Groups} tasks=${tasks} group=${GROUPS[group] ?? GROUPS.department} board=${board} by=${group} />
    ${state.route.id && html`<${One} key=${state.route.id} id=${state.route.id} />`}
    ${making && html`<${TaskDialog} onClose=${() => setMaking(false)} />`}</div>`;
}

function Groups({ tasks, group, board, by }) {
  if (tasks?.problem) return html`<${Failed} text=${tasks.problem} retry=${() => show(tasks.filters)} />`;
  if (!tasks?.rows) return html`<${Skeleton} rows=${6} />`;
  if (!tasks.rows.length) return html`<${Empty} title=${t(tasks.filters.done ? "nothingHere" : "nothingToDo")}>${tasks.filters.done ? "" : t("nothingToDoAbout")}</${Empty}>`;
  const found = new Map();
  for (const task of tasks.rows) {
    const [place, name] = group(task);
    if (!found.has(name)) found.set(name, { place, name, rows: [] });
    found.get(name).rows.push(task);
  }
  const groups = [...found.values()].sort((a, b) => a.place - b.place);
  return html`<div class=${board ? "groups board" : "groups"}>${groups.map(({ name, rows }) => html`
    <section key=${name}><h2>${name} <span class="count">${number(rows.length)}</span></h2><ul>${rows.map((task) => html`<li key=${task.id}><${TaskCard} task=${task} known=${by} /></li>`)}</ul></section>`)}</div>
    ${tasks.rows.length < tasks.total && html`<p class="more"><button type="button" class="quiet" onClick=${() => show(tasks.filters, tasks.pages + 1)}>${t("more")}</button></p>`}`;
}

/** A task that a link leads to. */
function One({ id }) {
  const [task, setTask] = useState(null);
  const [problem, setProblem] = useState("");
  const listed = state.tasks?.rows?.find((row) => row.id === id);
  useEffect(() => {
    ask("GET", `/tasks/${id}`).then(({ data }) => setTask(data), (error) => setProblem(explain(error)));
  }, [id, listed?.updatedAt]);
  return html`<${Dialog} title=${t("task.one")} onClose=${() => go("tasks")}>${problem ? html`<p class="notice bad">${problem}</p>` : task ? html`<${TaskCard} task=${listed ?? task} open onChanged=${setTask} />` : html`<${Skeleton} rows=${3} />`}</${Dialog}>`;
}
