// The guests that are shown beside their conversations: profile and tasks.

import { request, isTransient, backoff, hasSpareCalls } from "./request.js";
import { notify, state } from "./store.js";

const AGAIN = 3000;
const asking = new Set();
let timer;
let changes = 0; // in guests and tasks, while the page is open

/** The guest's profile and tasks, asked for once and again when they are `stale`; when that fails, a little later. */
export async function loadGuest(id) {
  const known = state.guests.get(id);
  if (!id || asking.has(id) || (known && !known.stale)) return;
  asking.add(id);
  const before = changes;
  try {
    if (hasSpareCalls()) await read(id, () => before !== changes);
    else later(id);
  } catch (error) {
    // Else the card stays as it is: the name is known from the conversation.
    if (error.status === 404) state.guests.delete(id);
    if (isTransient(error)) later(id);
  } finally {
    asking.delete(id);
  }
  notify();
  if (before !== changes) loadGuest(shown());
}

async function read(id, changed) {
  const [guest, tasks] = await Promise.all([
    request("GET", `/guests/${id}`),
    request("GET", `/tasks?guestId=${id}&limit=5`),
  ]);
  state.guests.set(id, { ...guest.data, tasks: tasks.data, stale: changed() });
}

function later(id) {
  clearTimeout(timer);
  timer = setTimeout(
    () => shown() === id && !state.locked && loadGuest(id),
    Math.max(AGAIN, backoff()),
  );
}

const shown = () => state.conversations.get(state.route.id)?.conversation?.guestId;

/** Guests or their tasks have changed: who is shown is read again and stays meanwhile, others are forgotten. */
export function invalidateGuests() {
  changes += 1;
  for (const [id, guest] of state.guests) {
    if (id === shown()) guest.stale = true;
    else state.guests.delete(id);
  }
  loadGuest(shown());
}
