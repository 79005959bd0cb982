// The route is the address: #/inbox/conv-1. It can be bookmarked, shared and gone back from.

import { leave, wouldLose } from "./leaving.js";
import { change, mayManage, state, worksOnTasks } from "./store.js";

const VIEWS = [
  "today",
  "inbox",
  "tasks",
  "guests",
  "knowledge",
  "handover",
  "reports",
  "staff",
  "settings",
  "me",
];

/**
 * The address of a view, of one thing in it, or of a place in that: a message of a conversation.
 * @param {string} view
 * @param {...(string | null | undefined)} places
 */
export const linkTo = (view, ...places) =>
  ["#", view, ...places.flatMap((place) => (place ? encodeURIComponent(place) : []))].join("/");

/**
 * @param {string} view
 * @param {...(string | null | undefined)} places
 */
export function go(view, ...places) {
  location.hash = linkTo(view, ...places);
}

/**
 * A part of the address; a mistyped one leads to the list.
 * @param {string | undefined} text
 */
function decoded(text) {
  try {
    return text ? decodeURIComponent(text) : null;
  } catch {
    return null;
  }
}

/** Where one begins: managers with the day, staff of a department with tasks, the desk: inbox. */
function landing() {
  if (mayManage()) return "today";
  return worksOnTasks() ? "tasks" : "inbox";
}

/** Reads the route from the address; again once it is known who asks. */
export function readRoute() {
  const [, wanted, ...texts] = location.hash.split("/");
  const view = VIEWS.includes(wanted) ? wanted : landing();
  const [id, at] = [decoded(texts[0]), decoded(texts[1])];
  const { route } = state;
  if (view === route.view && id === route.id && at === route.at) return;
  if (wouldLose()) {
    history.replaceState(null, "", linkTo(route.view, route.id, route.at));
    leave(() => go(view, id, at));
    return;
  }
  change({ route: { view, id, at } });
}

// A click on a notification leads to what it is about.
navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (data?.open) location.hash = data.open;
});
addEventListener("hashchange", readRoute);
readRoute();
