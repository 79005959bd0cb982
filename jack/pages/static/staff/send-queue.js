// Messages to send. Each is kept in this browser under a key of its own until the API has it: a
// retry, a reload or another window sends the same Idempotency-Key, so it is stored once.

import { backoff, explain, isTransient, newId, request } from "./request.js";
import { removeItems, setItem, itemNames, getItem } from "./local-storage.js";
import { notify, state } from "./store.js";
import { addMessage, cached } from "./conversation-cache.js";
import { lastSaid } from "./last-said.js";
import { HELD, hold } from "./take-back.js";

const WAIT = [1000, 2000, 4000, 8000, 15_000];
/** @type {Staff.Queued[]} */
let inMemory = []; // where the browser stores nothing
let running = false;
let tries = 0;
let timer = 0;
/** @type {Set<string>} */
const answered = new Set(); // ids of messages whose response has come in this window

/**
 * The queued messages of a conversation, oldest first. One whose response was lost may be among the
 * conversation's messages already, while its key is sent again: it is left out.
 * @param {string} conversationId
 */
export function queuedFor(conversationId) {
  const messages = cached(conversationId).messages ?? [];
  const matched = new Set(answered);
  return queued().filter((one) => {
    if (one.conversationId !== conversationId) return false;
    if (one.problem) return true;
    const start = messages.findIndex(({ id }) => id === one.after) + 1;
    const found = messages
      .slice(start)
      .find((message) => !matched.has(message.id) && same(message, one));
    if (found) matched.add(found.id);
    return !found;
  });
}

/**
 * @param {Api.Message} message
 * @param {Staff.Queued} one
 */
const same = ({ author, content, type }, one) =>
  author.id === state.me.id && type === one.type && content === one.content;

/**
 * Every queued message.
 * @returns {Staff.Queued[]}
 */
export const queued = () => [
  ...itemNames("out:").map((name) => ({ ...getItem(name), name })),
  ...inMemory,
];

/**
 * Queues a message, and begins to send.
 * @param {string} conversationId
 * @param {Staff.ToSend} given
 */
export function send(conversationId, given) {
  const key = newId();
  const after = lastSaid(cached(conversationId).messages)?.id;
  const at = new Date().toISOString();
  const { content, type, attachmentIds, template, replyTo, sendAt, cancelOnReply } = given;
  const when = sendAt ? { sendAt, cancelOnReply } : {};
  const message = { content, type, attachmentIds, template, replyTo, ...when };
  const one = { key, conversationId, ...message, at, after, problem: null };
  const name = `out:${String(Date.now()).padStart(15, "0")}:${key}`;
  if (!setItem(name, one)) inMemory.push({ ...one, name });
  notify();
  flush();
}

/**
 * Removes a message from the queue.
 * @param {Staff.Queued} one
 */
export function discard(one) {
  setItem(one.name, null);
  inMemory = inMemory.filter((other) => other.key !== one.key);
  notify();
}

/**
 * Sends a refused message again, under a new key: the old one would repeat the refusal.
 * @param {Staff.Queued} one
 */
export function retry(one) {
  discard(one);
  send(one.conversationId, one);
}

export const clear = () => removeItems("out:");

/** Sends the queue in order; after a transient error it is tried again later. */
export async function flush() {
  if (running || state.locked || state.phase !== "in") return;
  running = true;
  clearTimeout(timer);
  try {
    for (let next = first(); next; next = first()) await deliver(next);
    tries = 0;
  } catch {
    timer = setTimeout(flush, Math.max(backoff(), WAIT[Math.min(tries, WAIT.length - 1)]));
    tries += 1;
  } finally {
    running = false;
    notify();
  }
}

const first = () => queued().find((one) => !one.problem);

/**
 * Sends one. Throws transient errors.
 * @param {Staff.Queued} one
 */
async function deliver(one) {
  const { key, conversationId, content, type, attachmentIds, template, replyTo, sendAt } = one;
  const body = {
    type,
    ...(type !== "note" && !sendAt && { delaySeconds: HELD }),
    ...(sendAt && { sendAt, cancelOnReply: one.cancelOnReply }),
    ...(content && { content }),
    ...(attachmentIds?.length && { attachmentIds }),
    ...(template && { template }),
    ...(replyTo && { replyTo }),
  };
  try {
    const path = `/conversations/${conversationId}/messages`;
    const { data } = await request("POST", path, { body, key });
    answered.add(data.id);
    hold(data);
    addMessage(data);
    discard(one);
  } catch (error) {
    if (isTransient(error)) throw error;
    refuse({ ...one, problem: explain(error) });
  }
}

/** @param {Staff.Queued} refused */
function refuse(refused) {
  if (!setItem(refused.name, refused)) {
    inMemory = inMemory.map((other) => (other.key === refused.key ? refused : other));
  }
  notify();
}

addEventListener("online", () => {
  tries = 0;
  flush();
});
addEventListener("storage", notify);
