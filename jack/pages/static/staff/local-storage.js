// What this browser stores: drafts, preferences, queued messages. Every key begins with the id of
// the staff member it belongs to.

import { state } from "./store.js";

/** @param {string} name */
const keyOf = (name) => `jack:${state.me.id || "all"}:${name}`;

/**
 * A stored value, or the fallback.
 * @param {string} name
 * @param {any} fallback
 */
export function getItem(name, fallback = null) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? "null") ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * Stores a value; null removes it. Returns false when the browser does not store it.
 * @param {string} name
 * @param {any} value
 */
export function setItem(name, value) {
  try {
    if (value === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/**
 * The names of stored values that begin with `start`, sorted.
 * @param {string} start
 */
export function itemNames(start) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(keyOf(start)))
      .map((key) => key.slice(keyOf("").length))
      .sort();
  } catch {
    return [];
  }
}

/**
 * Removes the stored values whose names begin with `start`.
 * @param {string} start
 */
export const removeItems = (start) => itemNames(start).forEach((name) => setItem(name, null));

/**
 * What is not sent yet in a conversation.
 * @param {string} id
 * @returns {Staff.Draft}
 */
export const getDraft = (id) => ({
  text: "",
  note: false,
  files: [],
  after: null,
  ...getItem(`draft:${id}`, {}),
});

/**
 * @param {string} id
 * @param {Staff.Draft} draft
 */
export const setDraft = (id, { text, note, files, after }) =>
  setItem(`draft:${id}`, text || note || files.length ? { text, note, files, after } : null);
