// Conversations that have been opened, with their messages.

import { backoff, explain, isTransient, request, whenAllowed } from "./request.js";
import { go } from "./router.js";
import { notice, notify, state } from "./store.js";

const PAGE = 50;
const LIMIT = 100; // messages in one response
const FEWEST = 20; // that are read again
const MOST = 500;
const CACHED = 100; // conversations
const ANNOUNCED = 5; // messages read out at once
const RETRY = 3000;
/** @type {Set<string>} */
const marking = new Set();

/**
 * The cached conversation; empty until it has been read.
 * @param {string} id
 */
export function cached(id) {
  const known = state.conversations.get(id);
  if (known) return known;
  /** @type {Staff.Opened} */
  const made = { conversation: null, messages: null, older: false, stale: false, problem: null };
  state.conversations.set(id, made);
  const [oldest] = state.conversations.keys();
  if (state.conversations.size > CACHED && oldest !== state.route.id) {
    state.conversations.delete(oldest);
  }
  return made;
}

/**
 * Updates a cached conversation, unless a newer version is known.
 * @param {Api.Conversation} conversation
 */
export function update(conversation) {
  const found = state.conversations.get(conversation.id);
  const newer = (found?.conversation?.updatedAt ?? "") > conversation.updatedAt;
  if (found && !newer) found.conversation = conversation;
  notify();
}

/** @type {Map<string, Promise<void>>} */
const opening = new Map();
let retryTimer = 0;

/**
 * Reads a conversation and its latest messages, unless both are known and nothing has happened
 * since; called twice at once, it reads once.
 * @param {string} id
 */
export function open(id) {
  const running = opening.get(id) ?? readBoth(id).finally(() => opening.delete(id));
  opening.set(id, running);
  return running;
}

/** @param {string} id */
async function readBoth(id) {
  await whenAllowed();
  if (state.route.id !== id) return; // somebody has walked on while it waited
  const found = cached(id);
  const listed = state.list?.rows?.find((row) => row.id === id);
  if (listed) found.conversation ??= listed;
  try {
    await Promise.all([found.conversation ? null : reload(id), refreshMessages(id)]);
  } catch (error) {
    found.problem = error;
    clearTimeout(retryTimer);
    const retry = () => state.route.id === id && !state.locked && open(id);
    if (isTransient(error)) retryTimer = setTimeout(retry, Math.max(RETRY, backoff()));
  }
  notify();
}

/**
 * Reads the conversation itself again.
 * @param {string} id
 */
export async function reload(id) {
  const { data } = await request("GET", `/conversations/${id}`);
  cached(id);
  update(data);
}

/** @type {Map<string, Promise<void>>} */
const turns = new Map(); // the last read of each conversation's messages

/**
 * Runs reads of one conversation one after another, so that an older answer undoes no newer one.
 * @param {string} id
 * @param {() => Promise<void>} read
 */
export async function inTurn(id, read) {
  const turn = (turns.get(id) ?? Promise.resolve()).catch(() => {}).then(read);
  turns.set(id, turn);
  await turn.finally(() => turns.get(id) === turn && turns.delete(id));
}

/**
 * Reads the latest messages, back to the oldest known one that is or holds one of `about` (ids of
 * messages and files; null for any).
 * @param {string} id
 * @param {string[] | null} about
 */
export const reloadMessages = (id, about = []) => inTurn(id, () => readLatest(id, about));

/**
 * Reads a conversation's messages for the first time, or again what may have changed.
 * @param {string} id
 */
async function refreshMessages(id) {
  const found = cached(id);
  if (found.messages && !found.stale) return;
  found.stale = false;
  await reloadMessages(id, null).catch((error) => {
    found.stale = true;
    throw error;
  });
}

/**
 * Reads the page of messages before those that are known.
 * @param {string} id
 */
export const loadEarlier = (id) => inTurn(id, () => readEarlier(id));

/**
 * @param {string} id
 * @param {string[] | null} about
 */
async function readLatest(id, about) {
  const found = cached(id);
  const had = found.messages ?? [];
  const many = had.length ? depth(had, about ?? had.map((message) => message.id)) : PAGE;
  const { data, total } = await fetchLatest(id, many);
  const isNew = (/** @type {Api.Message} */ message) => !had.some((one) => one.id === message.id);
  // Messages further back that may have changed, and a gap, are read when they are wanted.
  const broken = !about || data.every(isNew) || data.length === MOST;
  merge(found, broken ? (found.messages ?? []).filter(isNew) : (found.messages ?? []), data);
  found.older = (found.messages?.length ?? 0) < total;
  found.problem = null;
  if (had.length) announce(data.filter((one) => one.direction === "inbound" && isNew(one)));
  notify();
}

/**
 * Has messages read out by a screen reader.
 * @param {Api.Message[]} messages newest first
 */
function announce(messages) {
  if (!messages.length) return;
  const texts = messages.map(({ author, content, attachments = [] }) => {
    const said = [content, ...attachments.map((file) => file.name)].filter(Boolean).join(", ");
    return `${author.name ?? ""}: ${said}`;
  });
  state.announcement = texts.slice(0, ANNOUNCED).reverse().join(" ");
}

/**
 * How many of the latest messages hold all of `about`, and one that is known.
 * @param {Api.Message[]} messages
 * @param {string[]} about
 */
function depth(messages, about) {
  const places = about.map((id) =>
    messages.findIndex(
      (message) => message.id === id || message.attachments?.some((file) => file.id === id),
    ),
  );
  const here = places.filter((place) => place >= 0);
  const back = messages.length - Math.min(messages.length, ...here) + places.length - here.length;
  return Math.min(MOST, Math.max(FEWEST, back + 1));
}

/**
 * The latest `many` messages, newest first, and how many there are.
 * @param {string} id
 * @param {number} many
 * @returns {Promise<{ data: Api.Message[], total: number }>}
 */
async function fetchLatest(id, many) {
  const limit = Math.min(many, LIMIT);
  const found = new Map();
  for (let page = 1; ; page += 1) {
    const { data, meta } = await fetchPage(id, page, limit);
    data.forEach((message) => found.set(message.id, message));
    if (page * limit >= many || page >= meta.pages) {
      return { data: [...found.values()], total: meta.total };
    }
  }
}

/**
 * @param {string} id
 * @param {number} page
 * @param {number} limit
 * @returns {Promise<Api.Answer<Api.Message[]>>}
 */
function fetchPage(id, page, limit) {
  const query = new URLSearchParams({ order: "desc", limit: `${limit}`, page: `${page}` });
  return request("GET", `/conversations/${id}/messages?${query}`);
}

/** @param {string} id */
async function readEarlier(id) {
  const found = cached(id);
  if (!found.messages) return; // dropped meanwhile: the latest are being read
  const page = Math.floor(found.messages.length / PAGE) + 1;
  const { data, meta } = await fetchPage(id, page, PAGE);
  const messages = merge(found, found.messages ?? [], data);
  found.older = messages.length < meta.total && data.length > 0;
  notify();
}

/**
 * Adds a message that has just been sent from here, unless it has been read already.
 * @param {Api.Message} message
 */
export function addMessage(message) {
  const found = state.conversations.get(message.conversationId);
  if (!found?.messages || found.messages.some(({ id }) => id === message.id)) return;
  merge(found, found.messages, [message]);
  notify();
}

/**
 * Takes out a message that has been taken back.
 * @param {string} conversationId
 * @param {string} messageId
 */
export function forgetMessage(conversationId, messageId) {
  const found = state.conversations.get(conversationId);
  if (found?.messages) found.messages = found.messages.filter(({ id }) => id !== messageId);
  notify();
}

/**
 * Makes the messages those that were there and those that were read, in order.
 * @param {Staff.Opened} found
 * @param {Api.Message[]} before
 * @param {Api.Message[]} messages
 */
export function merge(found, before, messages) {
  const all = new Map([...before, ...messages].map((message) => [message.id, message]));
  const order = (/** @type {Api.Message} */ { orderedAt, id }) => `${orderedAt} ${id}`;
  found.messages = [...all.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return found.messages;
}

/**
 * Marks a conversation as read by this staff member.
 * @param {string} id
 */
export async function markRead(id) {
  const found = state.conversations.get(id)?.conversation;
  if (!found?.unread || marking.has(id) || document.hidden || state.locked) return;
  marking.add(id);
  try {
    const { data } = await request("POST", `/conversations/${id}/read`);
    update(data);
    const row = state.list?.rows?.find((one) => one.id === id);
    if (row) Object.assign(row, { unread: data.unread });
    notify();
  } catch {
    // It stays unread, and is marked the next time.
  } finally {
    marking.delete(id);
  }
}

/**
 * Puts a conversation back to unread for this staff member, and leaves it: open, it would be read
 * at once. What is shown follows from the event.
 * @param {string} id
 */
export async function markUnread(id) {
  go("inbox");
  try {
    await request("POST", `/conversations/${id}/unread`);
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) notice(explain(error), "bad");
  }
}

/**
 * Changes status or assignee.
 * @param {string} id
 * @param {object} body
 * @returns {Promise<Api.Conversation>}
 */
export async function changeConversation(id, body) {
  const { data } = await request("PATCH", `/conversations/${id}`, { body });
  update(data);
  return data;
}
