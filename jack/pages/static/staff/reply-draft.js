// What is being written in a conversation: stored as it is typed, and changed by what ends later.

import { cached } from "./conversation-cache.js";
import { lastSaid } from "./last-said.js";
import { getDraft, setDraft } from "./local-storage.js";
import { useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { useHeight } from "./reply-box.js";
import { state } from "./store.js";

/** @typedef {(was: Staff.Draft) => Partial<Staff.Draft>} Change */

/**
 * How the drafts on the screen are changed, by conversation.
 * @type {Map<string, (how: Change) => void>}
 */
const shown = new Map();

/**
 * Stores a draft with what is changed of it, and returns it.
 * @param {string} id of the conversation
 * @param {Staff.Draft} was
 * @param {Partial<Staff.Draft>} part
 */
function stored(id, was, part) {
  const draft = { ...was, ...part };
  if (!was.text && !was.files.length) draft.after = lastSaid(cached(id).messages)?.id ?? null;
  setDraft(id, draft);
  return draft;
}

/**
 * Changes the files of a draft as it is now, whether or not it is still on the screen.
 * @param {string} id of the conversation
 * @param {(before: Api.Attachment[]) => Api.Attachment[]} changed
 */
function changeFiles(id, changed) {
  /** @type {Change} */
  const how = ({ files }) => ({ files: changed(files) });
  const change = shown.get(id);
  if (change) change(how);
  else stored(id, getDraft(id), how(getDraft(id)));
}

/**
 * The draft as it is shown and stored. `put` may be called by what has begun long ago: it changes
 * the latest.
 * @param {string} id
 */
function useStored(id) {
  const [draft, show] = useState(() => getDraft(id));
  const latest = useRef(draft);
  const sent = useRef(false); // until something is typed: a second click sends nothing
  /** @param {Staff.Draft} next */
  function take(next) {
    latest.current = next;
    show(next);
  }
  useEffect(() => {
    sent.current = false;
    take(getDraft(id));
  }, [state.edited]);
  /** @param {Change} how */
  function put(how, asSent = false) {
    sent.current = asSent;
    take(stored(id, latest.current, how(latest.current)));
  }
  useLayoutEffect(() => {
    shown.set(id, put);
    return () => void shown.delete(id);
  }, []);
  return { draft, put, sent };
}

/**
 * The text box and its draft.
 * @param {string} id
 */
export function useDraft(id) {
  const { draft, put, sent } = useStored(id);
  const { text, note, files, after } = draft;
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  /** @type {{ current: ((event: KeyboardEvent) => boolean) | null }} */
  const keys = useRef(null); // of the list of colleagues, while it is open
  useHeight(box, text);
  /** @param {string} value @param {boolean} [asNote] */
  const write = (value, asNote) => put((was) => ({ text: value, note: asNote ?? was.note }));
  /** @param {(before: Api.Attachment[]) => Api.Attachment[]} changed */
  const setFiles = (changed) => changeFiles(id, changed);
  /** @param {string} words */
  function insert(words) {
    const { selectionStart: from = 0, selectionEnd: end = 0 } = box.current ?? {};
    const before = text.slice(0, from);
    const gap = before && !/\s$/.test(before) ? "\n" : "";
    write(`${before}${gap}${words}${text.slice(end)}`, false);
    box.current?.focus();
  }
  function clear() {
    put(() => ({ text: "", note: false, files: [] }), true);
    box.current?.focus();
  }
  return { text, note, files, after, setFiles, box, keys, sent, write, insert, clear };
}
