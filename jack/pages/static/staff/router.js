// The route is the address: #/inbox/conv-1. It can be bookmarked, shared and gone back from.

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
 * @param {string} [id]
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
  if (view !== state.route.view || id !== state.route.id) change({ route: { view, id } });
}

addEventListener("hashchange", read);
read();
