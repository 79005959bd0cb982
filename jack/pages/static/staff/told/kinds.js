// What events are to the reader: the kinds of which everybody chooses whether the page tells them.

import { isFromGuest, namesReader } from "../alerts.js";
import { hasSpareCalls, request } from "../request.js";
import { state } from "../store.js";
import { isFinished } from "../task-data.js";
import { chosen } from "./choice.js";

/** @typedef {(path: string) => Promise<any>} Read */

const GUESTS = ["guest_mine", "guest_unassigned", "guest_other"];
const TASKS = ["task_mine", "task_department", "task_urgent"];
const OF_TASKS = ["task.created", "task.updated", "task.assigned"];
const MOST = 6; // conversations and tasks asked for at once
const DECIDES = ["assignee", "department", "priority"];

/**
 * What of it the reader wants to be told on the page. Asks for a conversation or a task only where
 * the answer depends on whose it is: once for each of the latest few, and for more than the last
 * one only while there are calls to spare. Of the others, as of an import, the list tells.
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
  const read = reader(hasSpareCalls() ? MOST : 1);
  const latest = concerning.toReversed().map((event) => kindOf(event, wants, read));
  return (await Promise.all(latest)).toReversed().flatMap((one) => one ?? []);
}

/**
 * @param {Api.Event} event
 * @param {(kind: string) => boolean} wants
 * @param {Read} read
 * @returns {Promise<Staff.Told | null>}
 */
async function kindOf(event, wants, read) {
  if (namesReader(event)) return wants("mention") ? { kind: "mention", event } : null;
  return isFromGuest(event) ? ofGuest(event, wants, read) : ofTask(event, wants, read);
}

/**
 * @param {Api.Event} event
 * @param {(kind: string) => boolean} wants
 * @param {Read} read
 */
async function ofGuest(event, wants, read) {
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
 * @param {Read} read
 */
async function ofTask(event, wants, read) {
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
 * Reads as many paths, each once; null for any more.
 * @param {number} most
 * @returns {Read}
 */
function reader(most) {
  const asked = /** @type {Map<string, Promise<any>>} */ (new Map());
  return async (path) => {
    if (!asked.has(path)) {
      if (asked.size >= most) return null;
      asked.set(path, readOne(path));
    }
    return asked.get(path);
  };
}

/**
 * Null for what is gone, or cannot be read now: the list shows it all the same.
 * @param {string} path
 */
async function readOne(path) {
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
