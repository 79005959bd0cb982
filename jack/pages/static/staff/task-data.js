// Tasks: which are asked for, and every way to move one. A claim names what it saw, so that of two only one has it.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { announce, change, nameOf, notice, state } from "./store.js";

const LIMIT = 100;
const ACTIVE = ["open", "in_progress", "blocked"];
export const PRIORITIES = ["urgent", "high", "normal", "low"];
export const NOTHING = { department: "", whose: "", done: false };
let newest = 0;

/** Show other tasks, or more pages of the same. */
export async function show(filters, pages = 1) {
  change({ tasks: { ...(state.tasks ?? { rows: null, total: 0 }), filters, pages, problem: null } });
  await read(filters, pages).catch((error) => change({ tasks: { ...state.tasks, problem: explain(error) } }));
}

/** Some have changed elsewhere: all that are shown are read again, if anybody is looking. */
export async function stale() {
  if (state.route.view === "tasks" && state.tasks) await read(state.tasks.filters, state.tasks.pages);
}

/** The first pages of these. Throws what went wrong, unless others have been asked for meanwhile. */
async function read(filters, pages) {
  const turn = (newest += 1);
  const rows = new Map();
  for (let page = 1; ; page += 1) {
    const { data, meta } = await ask("GET", `/tasks?${query(filters, page)}`).catch((error) => {
      if (turn === newest) throw error;
      return {};
    });
    if (turn !== newest) return;
    data.forEach((row) => rows.set(row.id, row));
    if (page < Math.min(pages, meta.pages)) continue;
    change({ tasks: { filters, rows: [...rows.values()], total: meta.total, pages: page, problem: null } });
    return;
  }
}

function query({ done, department, whose }, page) {
  const asked = new URLSearchParams({ limit: LIMIT, page });
  (done ? ["completed", "cancelled"] : ACTIVE).forEach((status) => asked.append("status", status));
  if (department) asked.set("department", department);
  if (whose) asked.set("assignee", whose);
  return asked;
}

/** A task as the API tells it now. */
function placed(task) {
  const { tasks } = state;
  for (const guest of state.guests.values()) guest.tasks = guest.tasks.map((row) => (row.id === task.id ? task : row));
  if (!tasks?.rows) return announce();
  const fits = ACTIVE.includes(task.status) !== tasks.filters.done;
  const rows = tasks.rows.map((row) => (row.id === task.id ? task : row)).filter((row) => row.id !== task.id || fits);
  return change({ tasks: { ...tasks, rows } });
}

/** Change a task; `false` when that did not work, and then it has been said why. */
export async function alter(task, body, match) {
  try {
    const { data } = await ask("PATCH", `/tasks/${task.id}`, { body, match });
    placed(data);
    return data;
  } catch (error) {
    if (error.status === 412) return tell(task);
    if (error.status !== 401) notice(explain(error), "bad");
    return false;
  }
}

/** Take a task, unless somebody was faster. */
export async function claim(task, body = {}) {
  try {
    const { data, tag } = await ask("GET", `/tasks/${task.id}`);
    if ((data.assignee && data.assignee !== state.me.id) || !ACTIVE.includes(data.status)) return told(data);
    return await alter(task, { ...body, assignee: state.me.id }, tag);
  } catch (error) {
    if (error.status !== 401) notice(explain(error), "bad");
    return false;
  }
}

async function tell(task) {
  const { data } = await ask("GET", `/tasks/${task.id}`);
  return told(data);
}

function told(task) {
  placed(task);
  const name = nameOf(task.assignee);
  notice(name && task.assignee !== state.me.id ? t("task.taken", { name, title: task.title }) : t("changedMeanwhile"), "bad");
  return false;
}

/** Make one. Throws what Jack says against it. */
export async function create(body, key) {
  const { data } = await ask("POST", "/tasks", { body, key });
  const guest = state.guests.get(data.guestId);
  if (guest) guest.tasks = [data, ...guest.tasks];
  stale().catch(() => {}); // the event of it comes as well
  announce();
  return data;
}
