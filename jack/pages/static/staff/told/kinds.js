// What events are to the reader: the kinds of which everybody chooses whether the page tells them.

import { isFromGuest, namesReader } from "../alerts.js";
import { request } from "../request.js";
import { state } from "../store.js";
import { isFinished } from "../task-data.js";
import { chosen } from "./choice.js";

const GUESTS = ["guest_mine", "guest_unassigned", "guest_other"];
const TASKS = ["task_mine", "task_department", "task_urgent"];
const OF_TASKS = ["task.created", "task.updated", "task.assigned"];
const DECIDES = ["assignee", "department", "priority"];

/**
 * What of it the reader wants to be told on the page. Asks for a conversation or a task only where
 * the answer depends on whose it is.
 * @param {Api.Event[]} events
 * @returns {Promise<Staff.Told[]>}
 */
export async function told(events) {
  const concerning = events.filter(
    (event) => isFromGuest(event) || namesReader(event) || isOfTask(event),
  );
  if (!concerning.length) return [];
  const kinds = await chosen();
  const wants = (/** @type {string} */ kind) => !kinds || kinds.has(kind);
  const found = await Promise.all(concerning.map((event) => kindOf(event, wants)));
  return found.flatMap((one) => one ?? []);
}

/**
 * @param {Api.Event} event
 * @param {(kind: string) => boolean} wants
 * @returns {Promise<Staff.Told | null>}
 */
async function kindOf(event, wants) {
  if (namesReader(event)) return wants("mention") ? { kind: "mention", event } : null;
  return isFromGuest(event) ? ofGuest(event, wants) : ofTask(event, wants);
}

/**
 * @param {Api.Event} event
 * @param {(kind: string) => boolean} wants
 */
async function ofGuest(event, wants) {
  const wanted = GUESTS.filter(wants);
  if (!wanted.length) return null;
  if (wanted.length === GUESTS.length) return { kind: "guest_other", event };
  const conversation = await read(`/conversations/${event.conversationId}`);
  if (!conversation) return null;
  const { assignee } = conversation;
  const others = assignee ? "guest_other" : "guest_unassigned";
  const kind = assignee === state.me.id ? "guest_mine" : others;
  return wanted.includes(kind) ? { kind, event } : null;
}

/**
 * @param {Api.Event} event
 * @param {(kind: string) => boolean} wants
 */
async function ofTask(event, wants) {
  if (!TASKS.some(wants)) return null;
  /** @type {Api.Task | null} */
  const task = await read(`/tasks/${event.subjectId}`);
  if (!task || isFinished(task)) return null;
  const kind = kindsOfTask(task, event).find(wants);
  return kind ? { kind, event, task } : null;
}

/**
 * The kinds that a new or changed task is for the reader, as the server has them for pushes.
 * @param {Api.Task} task
 * @param {Api.Event} event
 */
function kindsOfTask({ assignee, department, priority }, { type, changed }) {
  const { me } = state;
  const isNew = (/** @type {string} */ name) => type === "task.created" || changed.includes(name);
  const here = department === me.department;
  const forAll = here || !me.department || me.role !== "staff";
  return [
    assignee === me.id && isNew("assignee") ? "task_mine" : "",
    !assignee && here && isNew("department") ? "task_department" : "",
    priority === "urgent" && forAll && isNew("priority") ? "task_urgent" : "",
  ].filter(Boolean);
}

/**
 * Null for what is gone, or cannot be read now: the list shows it all the same.
 * @param {string} path
 */
async function read(path) {
  try {
    return (await request("GET", path)).data;
  } catch {
    return null;
  }
}

/** @param {Api.Event} event */
const isOfTask = ({ type, actorId, changed }) =>
  OF_TASKS.includes(type) &&
  actorId !== state.me.id &&
  (type === "task.created" || DECIDES.some((name) => changed.includes(name)));
