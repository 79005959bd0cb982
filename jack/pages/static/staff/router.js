// Where one is: #/inbox/conv-1. The address can be kept, shared and gone back from.

import { change, state } from "./store.js";

const VIEWS = ["inbox", "tasks", "guests", "knowledge", "staff", "settings", "me"];

/** The address of a view, or of one thing in it. */
export const to = (view, id) => `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}`;

export function go(view, id) {
  location.hash = to(view, id);
}

function read() {
  const [, view, id] = location.hash.split("/");
  const known = VIEWS.includes(view) ? view : "inbox";
  let found = null;
  try {
    found = id ? decodeURIComponent(id) : null;
  } catch {
    // a mistyped address leads to the list
  }
  if (known !== state.route.view || found !== state.route.id) change({ route: { view: known, id: found } });
}

addEventListener("hashchange", read);
read();
