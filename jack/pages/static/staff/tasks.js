// The tasks: by department, priority, due time or status, as a list or side by side.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { number } from "./format.js";
import { setItem, getItem } from "./local-storage.js";
import { go } from "./router.js";
import { departmentName, state, worksOnTasks } from "./store.js";
import { TaskCard } from "./task-card.js";
import { TaskDialog } from "./task-form.js";
import { NO_FILTERS, PRIORITIES, showTasks } from "./task-data.js";
import { Dialog, Empty, Failed, Head, Skeleton } from "./components.js";
import { Check, Option, Options } from "./forms.js";

const HOUR = 3600_000;
/** @type {Record<string, string>} */
const WHOSE = { "": "anyone", me: "mine", unassigned: "nobodys" };
const STATUSES = ["open", "in_progress", "blocked", "completed", "cancelled"];

/**
 * How tasks are grouped: the place of a task's group, and its name.
 * @type {Record<string, (task: Api.Task) => [place: number, name: string]>}
 */
const GROUPS = {
  department: ({ department }) => [
    state.departments.findIndex(({ slug }) => slug === department),
    departmentName(department),
  ],
  priority: ({ priority }) => [PRIORITIES.indexOf(priority), t(`priorities.${priority}`)],
  due: ({ dueAt, overdue }) => {
    const left = Date.parse(dueAt) - Date.now();
    const when = overdue ? 0 : left < HOUR ? 1 : left < 24 * HOUR ? 2 : 3;
    return [when, t(`due.${["overdue", "hour", "day", "later"][when]}`)];
  },
  status: ({ status }) => [STATUSES.indexOf(status), t(`taskStatuses.${status}`)],
};

/**
 * A choice that this browser remembers.
 * @template T
 * @param {string} name
 * @param {T} usual
 * @returns {[T, (value: T) => void]}
 */
function useStored(name, usual) {
  const [value, setValue] = useState(() => getItem(name, usual));
  /** @param {T} chosen */
  function choose(chosen) {
    setValue(chosen);
    setItem(name, chosen);
  }
  return [value, choose];
}

export function Tasks() {
  const { tasks, route } = state;
  const [group, setGroup] = useStored("group", "department");
  const [board, setBoard] = useStored("board", true);
  const [making, setMaking] = useState(false);
  useEffect(() => {
    const kept = { ...NO_FILTERS, ...getItem("tasks", {}) };
    showTasks({ ...kept, department: ofMyDepartment() || kept.department });
  }, [Boolean(state.departments.length)]);
  return html`
    <div class="page tasks">
      <${Head} title=${t("views.tasks")}>
        <button type="button" onClick=${() => setMaking(true)}>${t("makeTask")}</button>
      </${Head}>
      <${Tools} group=${group} onGroup=${setGroup} board=${board} onBoard=${setBoard} />
      <${Groups} tasks=${tasks} by=${group in GROUPS ? group : "department"} board=${board} />
      ${route.id && html`<${One} key=${route.id} id=${route.id} />`}
      ${making && html`<${TaskDialog} onClose=${() => setMaking(false)} />`}
    </div>
  `;
}

/** Where a department's staff begin, whatever they looked at before: at theirs; "" for all. */
function ofMyDepartment() {
  const { department } = state.me;
  const known = state.departments.some(({ slug }) => slug === department);
  return department && known && worksOnTasks() ? department : "";
}

/** @param {Partial<Staff.TaskFilters>} part */
function set(part) {
  const filters = { ...(state.tasks?.filters ?? NO_FILTERS), ...part };
  setItem("tasks", filters);
  showTasks(filters);
}

/**
 * @param {{ group: string, onGroup: (group: string) => void, board: boolean,
 *   onBoard: (board: boolean) => void }} props
 */
function Tools({ group, onGroup, board, onBoard }) {
  const { department, whose, done } = state.tasks?.filters ?? NO_FILTERS;
  const [open, setOpen] = useState(false);
  return html`
    <button
      type="button"
      class="quiet small unfold"
      aria-expanded=${open ? "true" : "false"}
      onClick=${() => setOpen(!open)}
    >
      ${[department ? departmentName(department) : t("allDepartments"), whose && t(WHOSE[whose]), done && t("showDone")].filter(Boolean).join(" · ")}
    </button>
    <div class=${open ? "tools" : "tools folded"}>
      <${Select}
        label=${t("fields.department")}
        value=${department}
        onChange=${(/** @type {string} */ slug) => set({ department: slug })}
      >
        <${Option} value="">${t("allDepartments")}</${Option}>
        <${Options} items=${state.departments.map(({ slug, name }) => [slug, name])} />
      </${Select}>
      <${Select}
        label=${t("assignee")}
        value=${whose}
        onChange=${(/** @type {string} */ who) => set({ whose: who })}
      >
        <${Options} items=${Object.entries(WHOSE).map(([who, name]) => [who, t(name)])} />
      </${Select}>
      <${Select} label=${t("groupBy")} value=${group} onChange=${onGroup}>
        <${Options} items=${Object.keys(GROUPS).map((name) => [name, t(`groups.${name}`)])} />
      </${Select}>
      <${Layout} board=${board} onBoard=${onBoard} />
      <${Check}
        label=${t("showDone")}
        checked=${done}
        onChange=${(/** @type {boolean} */ on) => set({ done: on })}
      />
    </div>
  `;
}

/**
 * @param {{ label: string, value: string, onChange: (value: string) => void,
 *   children: any }} props
 */
const Select = ({ label, value, onChange, children }) => html`
  <select
    aria-label=${label}
    value=${value}
    onChange=${(/** @type {any} */ event) => onChange(event.target.value)}
  >
    ${children}
  </select>
`;

/** @param {{ board: boolean, onBoard: (board: boolean) => void }} props */
const Layout = ({ board, onBoard }) => html`
  <div class="tabs layout" role="group" aria-label=${t("layout")}>
    ${[true, false].map(
      (side) => html`
        <button
          type="button"
          key=${side}
          aria-pressed=${board === side ? "true" : "false"}
          onClick=${() => onBoard(side)}
        >
          ${t(side ? "board" : "listed")}
        </button>
      `,
    )}
  </div>
`;

/** @param {{ tasks: Staff.TaskList | null, by: string, board: boolean }} props */
function Groups({ tasks, by, board }) {
  if (tasks?.problem) {
    return html`
      <${Failed} text=${tasks.problem} retry=${() => showTasks(tasks.filters)} />
    `;
  }
  if (!tasks?.rows) return html`<${Skeleton} rows=${6} />`;
  const { rows, total, filters, pages } = tasks;
  if (!rows.length && filters.done) return html`<${Empty} title=${t("nothingHere")} />`;
  if (!rows.length)
    return html`<${Empty} title=${t("nothingToDo")}>${t("nothingToDoAbout")}</${Empty}>`;
  const more = () => showTasks(filters, pages + 1);
  return html`
    <div class=${board ? "groups board" : "groups"}>
      ${grouped(rows, GROUPS[by]).map(
        (group) => html`<${Group} key=${group.name} by=${by} ...${group} />`,
      )}
    </div>
    ${by === "department" && !filters.department && html`<${Idle} rows=${rows} all=${rows.length === total} />`}
    ${
      rows.length < total &&
      html`
        <p class="more"><button type="button" class="quiet" onClick=${more}>${t("more")}</button></p>
      `
    }
  `;
}

/**
 * Departments without tasks: a line instead of a column each.
 * @param {{ rows: Api.Task[], all: boolean }} props
 */
function Idle({ rows, all }) {
  const busy = new Set(rows.map(({ department }) => department));
  const idle = state.departments.filter(({ slug }) => !busy.has(slug)).map(({ name }) => name);
  if (!all || !idle.length) return null;
  return html`<p class="hint idle">${t("nothingFor", { departments: idle.join(", ") })}</p>`;
}

/** @param {{ name: string, rows: Api.Task[], by: string }} props */
const Group = ({ name, rows, by }) => html`
  <section>
    <h2>${name} <span class="count">${number(rows.length)}</span></h2>
    <ul>
      ${rows.map((task) => html`<li key=${task.id}><${TaskCard} task=${task} known=${by} /></li>`)}
    </ul>
  </section>
`;

/**
 * @param {Api.Task[]} tasks
 * @param {(task: Api.Task) => [place: number, name: string]} group
 */
function grouped(tasks, group) {
  /** @type {Map<string, { place: number, name: string, rows: Api.Task[] }>} */
  const groups = new Map();
  for (const task of tasks) {
    const [place, name] = group(task);
    const found = groups.get(name) ?? { place, name, rows: [] };
    found.rows.push(task);
    groups.set(name, found);
  }
  return [...groups.values()].sort((a, b) => a.place - b.place);
}

/**
 * The task that the route leads to.
 * @param {{ id: string }} props
 */
function One({ id }) {
  const [task, setTask] = useState(/** @type {Api.Task | null} */ (null));
  const [problem, setProblem] = useState("");
  const listed = state.tasks?.rows?.find((row) => row.id === id);
  useEffect(() => {
    request("GET", `/tasks/${id}`).then(
      ({ data }) => setTask(data),
      (error) => setProblem(explain(error)),
    );
  }, [id, listed?.updatedAt]);
  let content = html`<${Skeleton} rows=${3} />`;
  if (task)
    content = html`
      <${TaskCard} task=${listed ?? task} open onChanged=${setTask} />
    `;
  if (problem) content = html`<p class="notice bad">${problem}</p>`;
  return html`
    <${Dialog} title=${t("task.one")} onClose=${() => go("tasks")}>${content}</${Dialog}>
  `;
}
