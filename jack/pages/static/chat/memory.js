// What the chat stores on the guest's device; shared by all tabs, so read from storage each time.

const PREFIX = "jack.chat.";
const spare = new Map(); // used where the browser stores nothing
let works = true;
/** @type {((json: string) => void) | null} */
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
  if (!works) keeper?.(JSON.stringify([...spare]));
}

/** Whether the browser stores nothing here, as in frames where third-party storage is blocked. */
export function hasNoStorage() {
  read("token");
  return !works;
}

/**
 * Uses what the embedding page has `kept` (JSON), and calls `keep(json)` after every change.
 * @param {string} kept
 * @param {(json: string) => void} keep
 */
export function useKept(kept, keep) {
  keeper = keep;
  try {
    for (const [name, value] of JSON.parse(kept)) spare.set(name, value);
  } catch {
    // nothing of ours
  }
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
