// The guests that are shown beside their conversations: profile and tasks.

import { backoff, hasSpareCalls, isTransient, request } from "./request.js";
import { notify, state } from "./store.js";

const RETRY = 3000;
/** @type {Set<string>} */
const loading = new Set();
let timer = 0;
let changes = 0; // of guests and tasks, while the page is open

/**
 * Reads the guest's profile and tasks, once and again when stale; after an error, a little later.
 * @param {string | null | undefined} id
 */
export async function loadGuest(id) {
  if (!id || loading.has(id)) return;
  const known = state.guests.get(id);
  if (known && !known.stale) return;
  loading.add(id);
  const before = changes;
  try {
    if (hasSpareCalls()) await read(id, () => before !== changes);
    else loadLater(id);
  } catch (error) {
    // Otherwise the card stays as it is: the name is known from the conversation.
    if ([404, 410].includes(/** @type {any} */ (error).status)) state.guests.delete(id);
    if (isTransient(error)) loadLater(id);
  } finally {
    loading.delete(id);
  }
  notify();
  if (before !== changes) loadGuest(shownId());
}

/**
 * @param {string} id
 * @param {() => boolean} changed
 */
async function read(id, changed) {
  const known = state.guests.get(id);
  const only = known?.stale === "tasks";
  const [guest, tasks] = await Promise.all([
    only ? { data: known, tag: known.tag } : request("GET", `/guests/${id}`),
    request("GET", `/tasks?guestId=${id}&limit=5`),
  ]);
  const { data, tag } = guest;
  state.guests.set(id, { ...data, tag, tasks: tasks.data, stale: changed() ? "all" : "" });
}

/** @param {string} id */
function loadLater(id) {
  clearTimeout(timer);
  const load = () => shownId() === id && !state.locked && loadGuest(id);
  timer = setTimeout(load, Math.max(RETRY, backoff()));
}

const shownId = () => state.conversations.get(state.route.id ?? "")?.conversation?.guestId;

/**
 * Guests or their tasks have changed: the shown one is read again, others when they are shown. An
 * event of a task does not say whose it is.
 * @param {Api.Event[] | null} events null for any
 */
export function invalidateGuests(events) {
  const of = (/** @type {string} */ start) => events?.filter(({ type }) => type.startsWith(start));
  // An event of a stay does not say whose it is.
  const any = !events || of("stay.")?.length;
  const guests = any ? null : of("guest.")?.map(({ subjectId }) => subjectId);
  const tasks = Boolean(of("task.")?.length);
  if (guests && !guests.length && !tasks) return;
  changes += 1;
  for (const [id, guest] of state.guests) {
    if (!guests || guests.includes(id)) guest.stale = "all";
    else if (tasks && !guest.stale) guest.stale = "tasks";
  }
  loadGuest(shownId());
}
