// The guests that are shown beside their conversations: profile and tasks.

import { ask, passing, quiet, spare } from "./request.js";
import { announce, state } from "./store.js";

const AGAIN = 3000;
const asking = new Set();
let timer;
let changes = 0; // in guests and tasks, while the page is open

/** The guest's profile and tasks, asked for once and again when they are `stale`; when that fails, a little later. */
export async function guestOf(id) {
  const known = state.guests.get(id);
  if (!id || asking.has(id) || (known && !known.stale)) return;
  asking.add(id);
  const before = changes;
  try {
    if (spare()) await read(id, () => before !== changes);
    else later(id);
  } catch (error) {
    // Else the card stays as it is: the name is known from the conversation.
    if (error.status === 404) state.guests.delete(id);
    if (passing(error)) later(id);
  } finally {
    asking.delete(id);
  }
  announce();
  if (before !== changes) guestOf(shown());
}

async function read(id, changed) {
  const [guest, tasks] = await Promise.all([ask("GET", `/guests/${id}`), ask("GET", `/tasks?guestId=${id}&limit=5`)]);
  state.guests.set(id, { ...guest.data, tasks: tasks.data, stale: changed() });
}

function later(id) {
  clearTimeout(timer);
  timer = setTimeout(() => shown() === id && !state.locked && guestOf(id), Math.max(AGAIN, quiet()));
}

const shown = () => state.talks.get(state.route.id)?.conversation?.guestId;

/** Guests or their tasks have changed: who is shown is read again and stays meanwhile, others are forgotten. */
export function stale() {
  changes += 1;
  for (const [id, guest] of state.guests) {
    if (id === shown()) guest.stale = true;
    else state.guests.delete(id);
  }
  guestOf(shown());
}
