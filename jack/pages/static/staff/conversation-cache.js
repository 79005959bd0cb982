// Conversations that have been opened: who, what was said, and whether it has been read.

import { ask, passing, quiet } from "./request.js";
import { announce, state } from "./store.js";

const PAGE = 50;
const MOST = 100; // messages in one answer
const NEWEST = 20;
const DEEPEST = 500;
const KEPT = 30;
const SAID = 5; // messages read out at once
const AGAIN = 3000;
const marking = new Set();

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
let openLater;

/** Open one: it, and the latest of what was said. Asked twice at once, it is read once. */
export function open(id) {
  if (!opening.has(id)) opening.set(id, opened(id).finally(() => opening.delete(id)));
  return opening.get(id);
}

async function opened(id) {
  const found = talk(id);
  const listed = state.list?.rows?.find((row) => row.id === id);
  if (listed) found.conversation ??= listed;
  try {
    await Promise.all([found.conversation ? null : load(id), latest(id)]);
  } catch (error) {
    found.problem = error;
    clearTimeout(openLater);
    if (passing(error)) openLater = setTimeout(() => state.route.id === id && !state.locked && open(id), Math.max(AGAIN, quiet()));
  }
  announce();
}

/** Read the conversation itself anew. */
export async function load(id) {
  const { data } = await ask("GET", `/conversations/${id}`);
  talk(id);
  known(data);
  return data;
}

const turns = new Map(); // the last read of each conversation's messages

/** A conversation is read once at a time: an older answer that comes later would undo a newer one. */
async function inTurn(id, read) {
  const turn = (turns.get(id) ?? Promise.resolve()).catch(() => {}).then(read);
  turns.set(id, turn);
  await turn.finally(() => turns.get(id) === turn && turns.delete(id));
}

/**
 * Read the latest messages, back to the oldest known here that is or holds one of `about` (ids of messages and files; null
 * for any).
 */
export const latest = (id, about = []) => inTurn(id, () => renew(id, about));

/** Read what was said before. */
export const earlier = (id) => inTurn(id, () => further(id));

async function renew(id, about) {
  const found = talk(id);
  const had = found.messages ?? [];
  const { data, total } = await newest(id, had.length ? depth(had, about ?? had.map((message) => message.id)) : PAGE);
  const isNew = (message) => !had.some((one) => one.id === message.id);
  // What is further back and may have changed, or what has come in between, is asked for when it is wanted.
  if (!about || data.every(isNew) || data.length === DEEPEST) found.messages = (found.messages ?? []).filter(isNew);
  const news = had.length ? data.filter((message) => message.direction === "inbound" && isNew(message)) : [];
  merge(found, data);
  found.older = found.messages.length < total;
  found.problem = null;
  if (news.length) state.said = news.slice(0, SAID).map(({ author, content }) => `${author.name ?? ""}: ${content}`).reverse().join(" ");
  announce();
}

/** How many of the latest have to be read, so that all of `about` are among them, and one that is known. */
function depth(messages, about) {
  const places = about.map((id) => messages.findIndex((message) => message.id === id || message.attachments?.some((file) => file.id === id)));
  const here = places.filter((place) => place >= 0);
  const back = messages.length - Math.min(messages.length, ...here) + places.length - here.length;
  return Math.min(DEEPEST, Math.max(NEWEST, back + 1));
}

/** The latest `many` messages, newest first, and how many there are. */
async function newest(id, many) {
  const limit = Math.min(many, MOST);
  const found = new Map();
  for (let page = 1; ; page += 1) {
    const { data, meta } = await ask("GET", `/conversations/${id}/messages?order=desc&limit=${limit}&page=${page}`);
    data.forEach((message) => found.set(message.id, message));
    if (page * limit >= many || page >= meta.pages) return { data: [...found.values()], total: meta.total };
  }
}

async function further(id) {
  const found = talk(id);
  if (!found.messages) return; // forgotten meanwhile: the latest are on their way
  const page = Math.floor(found.messages.length / PAGE) + 1;
  const { data, meta } = await ask("GET", `/conversations/${id}/messages?order=desc&limit=${PAGE}&page=${page}`);
  merge(found, data);
  found.older = found.messages.length < meta.total && data.length > 0;
  announce();
}

/** A message that has just been written here. One that has been read already is known better. */
export function added(message) {
  const found = state.talks.get(message.conversationId);
  if (found?.messages && !found.messages.some(({ id }) => id === message.id)) merge(found, [message]);
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
  if (!found?.unread || marking.has(id) || document.hidden || state.locked) return;
  marking.add(id);
  try {
    const { data } = await ask("POST", `/conversations/${id}/read`);
    known(data);
    const row = state.list?.rows?.find((one) => one.id === id);
    if (row) Object.assign(row, { unread: data.unread });
    announce();
  } catch {
    // It stays unread, and is marked the next time.
  } finally {
    marking.delete(id);
  }
}

/** Change status or assignee. */
export async function alter(id, body) {
  const { data } = await ask("PATCH", `/conversations/${id}`, { body });
  known(data);
  return data;
}
