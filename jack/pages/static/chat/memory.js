// What the chat stores on the guest's device; shared by all tabs, so read from storage each time.

const PREFIX = "jack.chat.";
const spare = new Map(); // used where the browser stores nothing
let works = true;
/** @type {((name: string, value: any) => void) | null} */
let keeper = null;

/** @param {string} name */
function read(name) {
  try {
    if (works) return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    works = false;
  }
  return spare.get(name) ?? null;
}

/**
 * @param {string} name
 * @param {any} value
 */
function write(name, value) {
  spare.set(name, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    works = false;
  }
  if (!works) keeper?.(name, value);
}

/** Whether the browser stores nothing here, as in frames where third-party storage is blocked. */
export function hasNoStorage() {
  read("token");
  return !works;
}

/**
 * Calls `keep(name, value)` after every change: the embedding page stores it.
 * @param {(name: string, value: any) => void} keep
 */
export function keepWith(keep) {
  keeper = keep;
}

/**
 * Takes over what the embedding page has stored.
 * @param {Record<string, any>} kept
 */
export function takeOver(kept) {
  for (const [name, value] of Object.entries(kept)) spare.set(name, value);
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // https only
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** @type {Chat.Memory} */
export const memory = {
  get token() {
    return read("token");
  },
  set token(value) {
    write("token", value);
  },

  get who() {
    return read("who");
  },
  set who(value) {
    write("who", value);
  },

  get language() {
    return read("language");
  },
  set language(value) {
    write("language", value);
  },

  get draft() {
    return read("draft") ?? "";
  },
  set draft(value) {
    write("draft", value || null);
  },

  get queue() {
    return read("queue") ?? [];
  },
  add(content) {
    write("queue", [...this.queue, { key: newId(), content, at: new Date().toISOString() }]);
  },
  drop(key) {
    write(
      "queue",
      this.queue.filter((entry) => entry.key !== key),
    );
  },
  refuse(key) {
    write(
      "queue",
      this.queue.map((entry) => (entry.key === key ? { ...entry, refused: true } : entry)),
    );
  },
};
