// What the page knows. Whoever changes it announces that, and the page is drawn anew.

import { knows, t } from "../shared/page.js";

export const state = {
  phase: "starting", // starting, out (nobody is signed in), in
  me: null,
  locked: null, // why the session has ended while the page was open
  offline: false,
  route: { view: "inbox", id: null },
  hotel: {},
  departments: [],
  staff: [],
  counts: null,
  list: null, // of the inbox: filters, rows, total
  talks: new Map(), // conversations that have been opened, by id
  guests: new Map(),
  tasks: null,
  notices: [],
  said: "", // for screen readers
};

const watchers = new Set();
let due = false;

/** Change some of it. */
export function change(part) {
  Object.assign(state, part);
  announce();
}

/** Tell everybody who watches, once for all changes of this moment. */
export function announce() {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    watchers.forEach((watcher) => watcher(state));
  });
}

/** Be told of every change. Returns how to stop. */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Shows a sentence for a while. */
export function notice(text, kind = "") {
  const one = { text, kind };
  change({ notices: [...state.notices.filter((other) => other.text !== text), one] });
  setTimeout(() => change({ notices: state.notices.filter((other) => other !== one) }), 8000);
}

export const mayManage = () => state.me?.role === "admin" || state.me?.role === "manager";
export const isAdmin = () => state.me?.role === "admin";

/** What a member of staff is called, "" for nobody. */
export const nameOf = (id) => (id === state.me?.id ? state.me.name : state.staff.find((member) => member.id === id)?.name ?? "");

/** The departments; as delivered, until the hotel has named its own, they are called so in the reader's language. */
export const departments = ({ value, updatedAt }) =>
  value.items.map((item) => (!updatedAt && knows(`departments.${item.slug}`) ? { ...item, name: t(`departments.${item.slug}`) } : item));

export const departmentName = (slug) => state.departments.find((one) => one.slug === slug)?.name ?? slug;
