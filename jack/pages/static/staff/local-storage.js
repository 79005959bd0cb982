// What this browser keeps between visits: drafts and wishes. Every key begins with whose it is.

import { state } from "./store.js";

const own = (name) => `jack:${state.me?.id ?? "all"}:${name}`;

export function recall(name, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(own(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value; null forgets it. Without room for it, it is only not kept. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(own(name));
    else localStorage.setItem(own(name), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The names of what is kept that begin like this. */
export function kept(start) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(own(start))).map((key) => key.slice(own("").length)).sort();
  } catch {
    return [];
  }
}

/** Forgets what begins like this. */
export const forget = (start) => kept(start).forEach((name) => keep(name, null));

// ---------------------------------------------------------------- drafts: what is being written, by conversation

export const draft = (id) => recall(`draft:${id}`, { text: "", note: false });

export const keepDraft = (id, text, note) => keep(`draft:${id}`, text || note ? { text, note } : null);
