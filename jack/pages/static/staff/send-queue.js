// Messages on their way to Jack. Each is kept in this browser with a key of its own until Jack has it: a second try, a
// reload or another window sends the same key, and Jack answers it once.

import { request, explain, isTransient, backoff, newId } from "./request.js";
import { removeItems, setItem, itemNames, getItem } from "./local-storage.js";
import { notify, state } from "./store.js";
import { addMessage, cached } from "./conversation-cache.js";

const WAIT = [1000, 2000, 4000, 8000, 15_000];
let inMemory = []; // where the browser keeps nothing
let running = false;
let tries = 0;
let timer;
const answered = new Set(); // messages whose key has been answered in this window

/**
 * Those of a conversation, oldest first: key, content, type, at, problem. One whose answer was lost stands among the
 * messages already while its key is sent again: it is not shown twice.
 */
export function queuedFor(conversationId) {
  const { messages } = cached(conversationId);
  const taken = new Set(answered);
  return queued().filter((one) => {
    if (one.conversationId !== conversationId) return false;
    const start = (messages ?? []).findIndex(({ id }) => id === one.after) + 1;
    const found =
      !one.problem &&
      messages?.slice(start).find((message) => !taken.has(message.id) && same(message, one));
    if (found) taken.add(found.id);
    return !found;
  });
}

const same = ({ author, content, type }, one) =>
  author.id === state.me.id && type === one.type && content === one.content;

export const queued = () => [
  ...itemNames("out:").map((name) => ({ ...getItem(name), name })),
  ...inMemory,
];

/** Send something; it is safe from now on. */
export function send(conversationId, { content, type, attachmentIds, template }) {
  const key = newId();
  const one = {
    key,
    conversationId,
    content,
    type,
    attachmentIds,
    template,
    at: new Date().toISOString(),
    after: cached(conversationId).messages?.at(-1)?.id,
    problem: null,
  };
  const name = `out:${String(Date.now()).padStart(15, "0")}:${key}`;
  if (!setItem(name, one)) inMemory.push({ ...one, name });
  notify();
  flush();
}

/** Not to be sent after all. */
export function discard(one) {
  setItem(one.name, null);
  inMemory = inMemory.filter((other) => other.key !== one.key);
  notify();
}

/** Try one again that Jack has refused. It is a new message: the old key would only repeat the refusal. */
export function retry(one) {
  discard(one);
  send(one.conversationId, one);
}

export const clear = () => removeItems("out:");

/** Send what is waiting, in order; what cannot be sent now is tried again later. */
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

/** Sends one. Throws when it is to be tried again. */
async function deliver(one) {
  const { key, conversationId, content, type, attachmentIds, template } = one;
  const body = {
    type,
    ...(content && { content }),
    ...(attachmentIds?.length && { attachmentIds }),
    ...(template && { template }),
  };
  try {
    const { data } = await request("POST", `/conversations/${conversationId}/messages`, {
      body,
      key,
    });
    answered.add(data.id);
    addMessage(data);
    discard(one);
  } catch (error) {
    if (isTransient(error)) throw error;
    const refused = { ...one, problem: explain(error) };
    if (!setItem(one.name, refused))
      inMemory = inMemory.map((other) => (other.key === key ? refused : other));
    notify();
  }
}

addEventListener("online", () => {
  tries = 0;
  flush();
});
addEventListener("storage", notify);
