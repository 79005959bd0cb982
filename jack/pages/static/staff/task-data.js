// Tasks: which are read, and every way to change one.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { notify, change, nameOf, notice, state } from "./store.js";

const LIMIT = 100;
const ACTIVE = ["open", "in_progress", "blocked"];
const FINISHED = ["completed", "cancelled"];
/** @type {Api.Task["priority"][]} */
export const PRIORITIES = ["urgent", "high", "normal", "low"];
/** @type {Staff.TaskFilters} */
export const NO_FILTERS = { department: "", whose: "", done: false };
let newest = 0; // the read whose answer counts

/** @param {Api.Task} task */
export const isFinished = ({ status }) => FINISHED.includes(status);

/**
 * Shows the tasks that match, and so many pages of them.
 * @param {Staff.TaskFilters} filters
 */
export async function showTasks(filters, pages = 1) {
  const { rows, total } = state.tasks ?? { rows: null, total: 0 };
  change({ tasks: { rows, total, filters, pages, problem: null } });
  await read(filters, pages).catch((error) => {
    if (state.tasks) change({ tasks: { ...state.tasks, problem: explain(error) } });
  });
}

/** Reads the shown tasks again, if the view is open. */
export async function refreshTasks() {
  if (state.route.view === "tasks" && state.tasks) {
    await read(state.tasks.filters, state.tasks.pages);
  }
}

/**
 * Reads the first pages. Throws, unless another read has begun meanwhile.
 * @param {Staff.TaskFilters} filters
 * @param {number} pages
 */
async function read(filters, pages) {
  const turn = (newest += 1);
  /** @type {Map<string, Api.Task>} */
  const rows = new Map();
  for (let page = 1; ; page += 1) {
    const answer = await fetchPage(filters, page).catch((error) => {
      if (turn === newest) throw error;
    });
    if (turn !== newest || !answer) return;
    const { data, meta } = answer;
    data.forEach((row) => rows.set(row.id, row));
    if (page < Math.min(pages, meta.pages)) continue;
    const { total } = meta;
    change({ tasks: { filters, rows: [...rows.values()], total, pages: page, problem: null } });
    return;
  }
}

/**
 * @param {Staff.TaskFilters} filters
 * @param {number} page
 * @returns {Promise<Api.Answer<Api.Task[]>>}
 */
function fetchPage({ done, department, whose }, page) {
  const query = new URLSearchParams({ limit: `${LIMIT}`, page: `${page}` });
  (done ? FINISHED : ACTIVE).forEach((status) => query.append("status", status));
  if (department) query.set("department", department);
  if (whose) query.set("assignee", whose);
  return request("GET", `/tasks?${query}`);
}

/**
 * Shows a task as the API has just returned it.
 * @param {Api.Task} task
 */
function updateRow(task) {
  const replace = (/** @type {Api.Task} */ row) => (row.id === task.id ? task : row);
  for (const guest of state.guests.values()) guest.tasks = guest.tasks.map(replace);
  const { tasks } = state;
  if (!tasks?.rows) {
    notify();
    return;
  }
  const fits = ACTIVE.includes(task.status) !== tasks.filters.done;
  const rows = tasks.rows.map(replace).filter((row) => row.id !== task.id || fits);
  change({ tasks: { ...tasks, rows } });
}

/** @param {any} error */
function report(error) {
  if (error.status !== 401) notice(explain(error), "bad");
  return null;
}

/**
 * Changes a task; null when that failed, which has been shown.
 * @param {Api.Task} task
 * @param {object} body
 * @param {string | null} [match] the ETag it must still have
 * @returns {Promise<Api.Task | null>}
 */
export async function changeTask(task, body, match) {
  try {
    const { data } = await request("PATCH", `/tasks/${task.id}`, { body, match });
    updateRow(data);
    return data;
  } catch (error) {
    return /** @type {any} */ (error).status === 412 ? reloadAndReport(task) : report(error);
  }
}

/**
 * Assigns a task to oneself, unless somebody has taken it meanwhile: the ETag decides.
 * @param {Api.Task} task
 */
export async function claimTask(task, body = {}) {
  try {
    const { data, tag } = await request("GET", `/tasks/${task.id}`);
    const taken = data.assignee && data.assignee !== state.me.id;
    if (taken || !ACTIVE.includes(data.status)) return reportChange(data);
    return await changeTask(task, { ...body, assignee: state.me.id }, tag);
  } catch (error) {
    return report(error);
  }
}

/**
 * Changes a task by what it is now, not by what was read before: the ETag decides, and one that has
 * changed in between is read once more. Null when that failed, which has been shown.
 * @param {Api.Task} task
 * @param {(now: Api.Task) => object} bodyOf
 * @returns {Promise<Api.Task | null>}
 */
export async function changeNewest(task, bodyOf, tries = 2) {
  try {
    const { data: now, tag } = await request("GET", `/tasks/${task.id}`);
    const answer = await request("PATCH", `/tasks/${task.id}`, { body: bodyOf(now), match: tag });
    updateRow(answer.data);
    return answer.data;
  } catch (error) {
    if (/** @type {any} */ (error).status !== 412) return report(error);
    return tries > 1 ? changeNewest(task, bodyOf, tries - 1) : reloadAndReport(task);
  }
}

/** @param {Api.Task} task */
async function reloadAndReport(task) {
  const { data } = await request("GET", `/tasks/${task.id}`);
  return reportChange(data);
}

/** @param {Api.Task} task */
function reportChange(task) {
  updateRow(task);
  const name = nameOf(task.assignee);
  const taken = name && task.assignee !== state.me.id;
  const text = taken ? t("task.taken", { name, title: task.title }) : t("changedMeanwhile");
  notice(text, "bad");
  return null;
}

/**
 * Makes a task. Throws the API's error.
 * @param {object} body
 * @param {string} key
 */
export async function createTask(body, key) {
  const { data } = await request("POST", "/tasks", { body, key });
  const guest = state.guests.get(data.guestId);
  if (guest) guest.tasks = [data, ...guest.tasks];
  refreshTasks().catch(() => {}); // its event comes as well
  notify();
  return data;
}
