// The state of the staff page. Every change notifies the watchers, and the page is drawn anew.

import { hasText, t } from "../shared/page.js";

/** @type {Api.Channel[]} */
export const CHANNELS = ["whatsapp", "sms", "email", "web"];

/** @type {Api.StaffMember} */
const NOBODY = {
  id: "",
  name: "",
  email: "",
  role: "staff",
  department: null,
  active: false,
  invited: false,
  totpEnabled: null,
  lastSeenAt: null,
};

/** @type {Staff.State} */
export const state = {
  phase: "starting", // starting, out (nobody is signed in), in
  me: NOBODY,
  locked: null, // why the session has ended while the page was open: expired, revoked
  mustSetUp: false, // a second factor is required, and there is none yet
  offline: false,
  waiting: false, // for the rate limit
  help: false,
  route: { view: "inbox", id: null, at: null },
  hotel: {},
  departments: [],
  staff: [],
  counts: null,
  faults: null, // what is out of order; null before it is read
  list: null,
  conversations: new Map(), // those that have been opened, by id
  guests: new Map(),
  quoted: new Map(), // the message that the next answer quotes, by conversation
  tasks: null,
  heard: { conversations: 0, stays: 0, tasks: 0 }, // how often something of them has changed
  notices: [],
  announcement: "", // for screen readers
  leaving: null, // what is done when somebody leaves what is kept nowhere
  edited: null, // the key of a queued message that was put back into the reply box
};

/** @type {Set<(state: Staff.State) => void>} */
const watchers = new Set();
let due = false;

/**
 * Changes part of the state.
 * @param {Partial<Staff.State>} part
 */
export function change(part) {
  Object.assign(state, part);
  notify();
}

/** Calls every watcher, once for all changes of this moment. */
export function notify() {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    watchers.forEach((watcher) => watcher(state));
  });
}

/**
 * Calls `watcher(state)` after every change. Returns a function that ends it.
 * @param {(state: Staff.State) => void} watcher
 */
export function watch(watcher) {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
}

/**
 * Shows a sentence for eight seconds; of kind "bad" as an error. With `undo`, which takes back what
 * it tells of, for six and with a button. `href`: where what it tells of is.
 * @param {string} text
 * @param {(() => void) | null} undo
 */
export function notice(text, kind = "", undo = null, href = "") {
  const one = { text, kind, undo, href };
  const remove = () => change({ notices: state.notices.filter((other) => other !== one) });
  if (undo) {
    one.undo = () => {
      remove();
      undo();
    };
  }
  change({ notices: [...state.notices.filter((other) => other.text !== text), one] });
  setTimeout(remove, undo ? 6000 : 8000);
}

export const isAdmin = () => state.me.role === "admin";
export const mayManage = () => isAdmin() || state.me.role === "manager";

/** Whether the reader is of a department whose work is tasks: any but the front desk. */
export const worksOnTasks = () =>
  !mayManage() && ![null, "front-desk"].includes(state.me.department);

/** Views that are not opened all the time; on a phone they are found under "More". */
export const NOW_AND_THEN = ["knowledge", "handover", "reports", "staff", "settings"];
/** Those of them that one may see. */
export const seldom = () => NOW_AND_THEN.filter((view) => view !== "reports" || mayManage());

/**
 * A staff member's name, "" for nobody.
 * @param {string | null} id
 */
export const nameOf = (id) =>
  id === state.me.id ? state.me.name : (state.staff.find((member) => member.id === id)?.name ?? "");

/**
 * The departments of the setting; the default ones, until changed, in the page's language.
 * @param {Api.Setting} setting
 * @returns {Api.Department[]}
 */
export const departments = ({ value, updatedAt }) =>
  value.items.map((/** @type {Api.Department} */ item) =>
    !updatedAt && hasText(`departments.${item.slug}`)
      ? { ...item, name: t(`departments.${item.slug}`) }
      : item,
  );

/** @param {string} slug */
export const departmentName = (slug) =>
  state.departments.find((one) => one.slug === slug)?.name ?? slug;
