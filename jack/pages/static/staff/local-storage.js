// What this browser keeps between visits: drafts and wishes. Every key begins with whose it is.

import { state } from "./store.js";

const own = (name) => `jack:${state.me?.id ?? "all"}:${name}`;

export function getItem(name, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(own(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value; null forgets it. Without room for it, it is only not kept. */
export function setItem(name, value) {
  try {
    if (value === null) localStorage.removeItem(own(name));
    else localStorage.setItem(own(name), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The names of what is kept that begin like this. */
export function itemNames(start) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(own(start)))
      .map((key) => key.slice(own("").length))
      .sort();
  } catch {
    return [];
  }
}

/** Forgets what begins like this. */
export const removeItems = (start) => itemNames(start).forEach((name) => setItem(name, null));

// ---------------------------------------------------------------- drafts: what is being written, by conversation

export const getDraft = (id) => getItem(`draft:${id}`, { text: "", note: false });

export const setDraft = (id, text, note) =>
  setItem(`draft:${id}`, text || note ? { text, note } : null);
