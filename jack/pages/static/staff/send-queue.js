// Messages on their way to Jack. Each is kept in this browser with a key of its own until Jack has it: a second try, a
// reload or another window sends the same key, and Jack answers it once.

import { ask, explain, passing, quiet, unique } from "./request.js";
import { forget, keep, kept, recall } from "./local-storage.js";
import { announce, state } from "./store.js";
import { added, talk } from "./conversation-cache.js";

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
export function waiting(conversationId) {
  const { messages } = talk(conversationId);
  const taken = new Set(answered);
  return all().filter((one) => {
    if (one.conversationId !== conversationId) return false;
    const start = (messages ?? []).findIndex(({ id }) => id === one.after) + 1;
    const found = !one.problem && messages?.slice(start).find((message) => !taken.has(message.id) && same(message, one));
    if (found) taken.add(found.id);
    return !found;
  });
}

const same = ({ author, content, type }, one) => author.id === state.me.id && type === one.type && content === one.content;

export const all = () => [...kept("out:").map((name) => ({ ...recall(name), name })), ...inMemory];

/** Send something; it is safe from now on. */
export function send(conversationId, { content, type, attachmentIds, template }) {
  const key = unique();
  const one = { key, conversationId, content, type, attachmentIds, template, at: new Date().toISOString(), after: talk(conversationId).messages?.at(-1)?.id, problem: null };
  const name = `out:${String(Date.now()).padStart(15, "0")}:${key}`;
  if (!keep(name, one)) inMemory.push({ ...one, name });
  announce();
  flush();
}

/** Not to be sent after all. */
export function drop(one) {
  keep(one.name, null);
  inMemory = inMemory.filter((other) => other.key !== one.key);
  announce();
}

/** Try one again that Jack has refused. It is a new message: the old key would only repeat the refusal. */
export function again(one) {
  drop(one);
  send(one.conversationId, one);
}

export const forgetAll = () => forget("out:");

/** Send what is waiting, in order; what cannot be sent now is tried again later. */
export async function flush() {
  if (running || state.locked || state.phase !== "in") return;
  running = true;
  clearTimeout(timer);
  try {
    for (let next = first(); next; next = first()) await deliver(next);
    tries = 0;
  } catch {
    timer = setTimeout(flush, Math.max(quiet(), WAIT[Math.min(tries, WAIT.length - 1)]));
    tries += 1;
  } finally {
    running = false;
    announce();
  }
}

const first = () => all().find((one) => !one.problem);

/** Sends one. Throws when it is to be tried again. */
async function deliver(one) {
  const { key, conversationId, content, type, attachmentIds, template } = one;
  const body = { type, ...(content && { content }), ...(attachmentIds?.length && { attachmentIds }), ...(template && { template }) };
  try {
    const { data } = await ask("POST", `/conversations/${conversationId}/messages`, { body, key });
    answered.add(data.id);
    added(data);
    drop(one);
  } catch (error) {
    if (passing(error)) throw error;
    const refused = { ...one, problem: explain(error) };
    if (!keep(one.name, refused)) inMemory = inMemory.map((other) => (other.key === key ? refused : other));
    announce();
  }
}

addEventListener("online", () => { tries = 0; flush(); });
addEventListener("storage", announce);
