// Conversations that have been opened: who, what was said, and whether it has been read.

import { ask, spare } from "./ask.js";
import { announce, state } from "./store.js";

const PAGE = 50;
const KEPT = 30;
const reading = new Set();

/** A conversation as far as it is known here: conversation, messages (oldest first, null before they are here), older. */
export function talk(id) {
  if (!state.talks.has(id)) {
    state.talks.set(id, { conversation: null, messages: null, older: false, problem: null });
    const [oldest] = state.talks.keys();
    if (state.talks.size > KEPT && oldest !== state.route.id) state.talks.delete(oldest);
  }
  return state.talks.get(id);
}

/** A conversation as the API tells it; what is newer wins. */
export function known(conversation) {
  const found = state.talks.get(conversation.id);
  if (found && !(found.conversation?.updatedAt > conversation.updatedAt)) found.conversation = conversation;
  announce();
}

const opening = new Map();

/** Open one: it, and the latest of what was said. Asked twice at once, it is read once. */
export function open(id) {
  if (!opening.has(id)) opening.set(id, opened(id).finally(() => opening.delete(id)));
  return opening.get(id);
}

async function opened(id) {
  const found = talk(id);
  const listed = state.list?.rows?.find((row) => row.id === id);
  if (listed) found.conversation ??= listed;
  await Promise.all([found.conversation ? null : load(id), latest(id)].filter(Boolean)).catch((error) => {
    found.problem = error;
  });
  announce();
}

/** Read the conversation itself anew. */
export async function load(id) {
  const { data } = await ask("GET", `/conversations/${id}`);
  talk(id);
  known(data);
  return data;
}

/** Read the latest messages. */
export async function latest(id) {
  const found = talk(id);
  const limit = found.messages ? 20 : PAGE;
  const { data, meta } = await ask("GET", `/conversations/${id}/messages?order=desc&limit=${limit}`);
  const overlaps = !found.messages?.length || data.some((message) => found.messages.some(({ id: known }) => known === message.id));
  if (!overlaps) found.messages = null; // more than these have come meanwhile: those in between are asked for when wanted
  const news = found.messages && data.filter(({ id: one, direction }) => direction === "inbound" && !found.messages.some(({ id: known }) => known === one));
  merge(found, data);
  found.older = found.messages.length < meta.total;
  found.problem = null;
  if (news?.length) state.said = news.map(({ author, content }) => `${author.name ?? ""}: ${content}`).reverse().join(" ");
  announce();
}

/** Read what was said before. */
export async function earlier(id) {
  const found = talk(id);
  const page = Math.floor(found.messages.length / PAGE) + 1;
  const { data, meta } = await ask("GET", `/conversations/${id}/messages?order=desc&limit=${PAGE}&page=${page}`);
  merge(found, data);
  found.older = found.messages.length < meta.total && data.length > 0;
  announce();
}

/** A message that has just been written here. */
export function added(message) {
  const found = state.talks.get(message.conversationId);
  if (found?.messages) merge(found, [message]);
}

function merge(found, messages) {
  const every = new Map((found.messages ?? []).map((message) => [message.id, message]));
  messages.forEach((message) => every.set(message.id, message));
  found.messages = [...every.values()].sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1));
  announce();
}

/** Note that the caller has seen it. */
export async function markRead(id) {
  const found = state.talks.get(id)?.conversation;
  if (!found?.unread || reading.has(id) || document.hidden || state.locked) return;
  reading.add(id);
  try {
    const { data } = await ask("POST", `/conversations/${id}/read`);
    known(data);
    const row = state.list?.rows?.find((one) => one.id === id);
    if (row) Object.assign(row, { unread: data.unread });
    announce();
  } catch {
    // It stays unread, and is marked the next time.
  } finally {
    reading.delete(id);
  }
}

/** Change status or assignee. */
export async function alter(id, body) {
  const { data } = await ask("PATCH", `/conversations/${id}`, { body });
  known(data);
  return data;
}

// ---------------------------------------------------------------- the guest of a conversation

const asking = new Set();

/** The guest's profile and tasks, asked for once and again when they change. */
export async function guestOf(id) {
  if (!id || asking.has(id) || state.guests.has(id) || !spare()) return;
  asking.add(id);
  try {
    const [guest, tasks] = await Promise.all([ask("GET", `/guests/${id}`), ask("GET", `/tasks?guestId=${id}&limit=5`)]);
    state.guests.set(id, { ...guest.data, tasks: tasks.data });
    announce();
  } catch {
    // The card stays as it is: the name is known from the conversation.
  } finally {
    asking.delete(id);
  }
}
