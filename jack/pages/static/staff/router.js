// The route is the address: #/inbox/conv-1. It can be bookmarked, shared and gone back from.

import { leave, wouldLose } from "./leaving.js";
import { change, state } from "./store.js";

const VIEWS = [
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
 * The address of a view, or of one thing in it.
 * @param {string} view
 * @param {string | null} [id]
 */
export const linkTo = (view, id) => `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}`;

/**
 * @param {string} view
 * @param {string | null} [id]
 */
export function go(view, id) {
  location.hash = linkTo(view, id);
}

function read() {
  const [, wanted, text] = location.hash.split("/");
  const view = VIEWS.includes(wanted) ? wanted : "inbox";
  let id = null;
  try {
    id = text ? decodeURIComponent(text) : null;
  } catch {
    // a mistyped address leads to the list
  }
  if (view === state.route.view && id === state.route.id) return;
  if (wouldLose()) {
    history.replaceState(null, "", linkTo(state.route.view, state.route.id));
    leave(() => go(view, id));
    return;
  }
  change({ route: { view, id } });
}

// A click on a notification leads to what it is about.
navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (data?.open) location.hash = data.open;
});
addEventListener("hashchange", read);
read();
