// What the chat keeps on the guest's device, so that nothing they wrote is lost: shared by all tabs, read afresh each time.

const PREFIX = "jack.chat.";
const spare = new Map(); // where the browser keeps nothing, as long as the page is open
let works = true;
let keeper = null;

function read(name) {
  try {
    if (works) return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    works = false;
  }
  return spare.get(name) ?? null;
}

function write(name, value) {
  spare.set(name, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    works = false;
  }
  if (!works) keeper?.(JSON.stringify([...spare]));
}

/** Whether the browser keeps nothing here: so in frames, where it is told to trust nobody but the page itself. */
export function forgetful() {
  read("token");
  return !works;
}

/** Somebody else keeps it: what they have kept, as it was given to `keep`, and they get it again after every change. */
export function lend(kept, keep) {
  keeper = keep;
  try {
    for (const [name, value] of JSON.parse(kept)) spare.set(name, value);
  } catch { /* nothing of ours */ }
}

/** A word that nobody else will make. `crypto.randomUUID` is there on https only. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const memory = {
  /** The visitor's secret: it opens this chat. */
  get token() { return read("token"); },
  set token(value) { write("token", value); },

  /** {name, email} as the guest gave them, {} when they would not say, null before they were asked. */
  get who() { return read("who"); },
  set who(value) { write("who", value); },

  /** What is in the box and not sent. */
  get draft() { return read("draft") ?? ""; },
  set draft(value) { write("draft", value || null); },

  /** What is to be sent, in order: {key, content, at, refused?}. */
  get queue() { return read("queue") ?? []; },
  add(content) { write("queue", [...this.queue, { key: newId(), content, at: new Date().toISOString() }]); },
  drop(key) { write("queue", this.queue.filter((entry) => entry.key !== key)); },
  refuse(key) { write("queue", this.queue.map((entry) => (entry.key === key ? { ...entry, refused: true } : entry))); },
};
