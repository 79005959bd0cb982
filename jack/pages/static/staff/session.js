// Who is signed in; what is read when somebody is; and what happens when that ends.

import { ask, explain, Refused, Unreachable } from "./request.js";
import { count, EVERYTHING, show } from "./conversation-list-data.js";
import * as live from "./event-feed.js";
import { forget, recall } from "./local-storage.js";
import { stale as staleProfiles } from "./guest-data.js";
import * as sending from "./send-queue.js";
import { change, departments as named, notice, state, watch } from "./store.js";
import { open } from "./conversation-cache.js";

const AGAIN = 3000;
const WHO = "jack:who";

/** Find out whether somebody is signed in. */
export async function start() {
  try {
    const [{ data }, from] = await Promise.all([ask("GET", "/auth/me"), live.latest()]);
    await entered(data, from);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) change({ phase: "out" });
    else {
      notice(explain(error), "bad");
      setTimeout(start, error.retryAfter ? error.retryAfter * 1000 : AGAIN);
    }
  }
}

/** Sign in, or in again: then the page goes on where it was. Throws what Jack says against it. */
export async function signIn(email, password) {
  const { data } = await ask("POST", "/auth/login", { body: { email, password } });
  if (!state.locked) {
    await entered(data.user, await live.latest());
    return;
  }
  if (data.user.id !== state.me.id) {
    location.reload();
    return;
  }
  change({ locked: null, me: data.user });
  count();
  if (state.route.view === "inbox" && state.route.id) open(state.route.id);
  staleProfiles();
  live.now();
  sending.flush();
}

async function entered(me, from) {
  change({ me, phase: "in" });
  tellOthers(me);
  const filters = { ...EVERYTHING, ...recall("filters", {}), search: "" };
  live.begin(from);
  sending.flush();
  count();
  await Promise.all([show(filters), house(), people()]);
}

/** What the hotel is called, its clock, its departments. */
export async function house() {
  const [hotel, departments] = await Promise.all([ask("GET", "/settings/hotel"), ask("GET", "/settings/departments")]);
  change({ hotel: hotel.data.value, departments: named(departments.data) });
}

/** Everybody who works here. */
export async function people() {
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const { data, meta } = await ask("GET", `/staff?limit=100&page=${page}`);
    found.push(...data);
    pages = meta.pages;
  }
  change({ staff: found });
}

/** Sign out here, or on every device; what is kept in this browser goes as well. Throws Unreachable. */
export async function signOut(everywhere = false) {
  try {
    await ask("POST", everywhere ? "/auth/logout-everywhere" : "/auth/logout");
  } catch (error) {
    if (error instanceof Unreachable || error.status !== 401) throw error;
  }
  leave();
}

/** Forget everything about whoever was here. */
export function leave() {
  forget("draft:");
  sending.forgetAll();
  location.replace("/");
  location.reload();
}

/** All windows share the cookie: whoever signs in in one is signed in in all. */
function tellOthers(me) {
  try {
    localStorage.setItem(WHO, me.id);
  } catch {
    // then each window finds out by itself
  }
}

addEventListener("storage", ({ key, newValue }) => {
  if (key === WHO && newValue && state.phase === "in" && newValue !== state.me.id) location.reload();
});

// What is gone to is read at once, before it is drawn.
let shown = null;
watch(({ phase, route }) => {
  const id = phase === "in" && route.view === "inbox" ? route.id : null;
  if (id && id !== shown) open(id);
  shown = id;
});
