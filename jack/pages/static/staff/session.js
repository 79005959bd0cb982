// Sign-in and sign-out, and what is read after a sign-in.

import { BELOW } from "../shared/api.js";
import { request, explain, Refused } from "./request.js";
import { refreshCounts, NO_FILTERS, showList } from "./conversation-list-data.js";
import { latestEvent, pollNow, startFrom } from "./event-feed.js";
import { removeItems, getItem } from "./local-storage.js";
import { invalidateGuests } from "./guest-data.js";
import { loadHealth } from "./health.js";
import { clear, flush } from "./send-queue.js";
import { change, departments, notice, state, watch } from "./store.js";
import { open } from "./conversation-cache.js";

const RETRY = 3000;
const WHO = "jack:who";

/** Finds out whether somebody is signed in. */
export async function start() {
  try {
    const from = latestEvent();
    from.catch(() => undefined); // it is awaited when it is known who asks
    const { data } = await request("GET", "/auth/me");
    await enter(data, from);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) change({ phase: "out" });
    else {
      notice(explain(error), "bad");
      setTimeout(start, error instanceof Refused ? error.retryAfter * 1000 : RETRY);
    }
  }
}

/**
 * Signs in; after a session has ended, the page goes on where it was. Throws the API's error.
 * @param {{ email: string, password: string, totp?: string }} body
 */
export async function signIn(body) {
  const { data } = await request("POST", "/auth/login", { body });
  if (!state.locked) {
    await enter(data.user, latestEvent());
    return;
  }
  if (data.user.id !== state.me.id) {
    location.reload();
    return;
  }
  change({ locked: null, me: data.user });
  refreshCounts();
  loadStaff().catch(() => {}); // names are missing until its next event
  showList(state.list?.filters ?? NO_FILTERS);
  if (state.route.view === "inbox" && state.route.id) open(state.route.id);
  invalidateGuests(null);
  pollNow();
  flush();
  resumePush();
}

/** A browser that is told of what happens is told on in the new session. */
async function resumePush() {
  if (!getItem("push")) return;
  const device = await import("./me/push-device.js").catch(() => null);
  await device?.resume().catch(() => {}); // with the next visit
}

/**
 * Shows the page; to who has to set up a second factor first, nothing but that.
 * @param {Api.StaffMember} me
 * @param {Promise<number>} from the newest event
 */
async function enter(me, from) {
  try {
    await begin(me, await from);
  } catch (/** @type {any} */ error) {
    if (error.reason !== "totp_setup_required") throw error;
    change({ me, phase: "starting" });
  }
}

/**
 * @param {Api.StaffMember} me
 * @param {number} from the newest event
 */
async function begin(me, from) {
  change({ me, phase: "in" });
  notifyOtherWindows(me);
  const filters = { ...NO_FILTERS, ...getItem("inboxFilters", {}), search: "" };
  startFrom(from);
  flush();
  refreshCounts();
  loadHealth().catch(() => {}); // it is read again when it changes
  resumePush();
  await Promise.all([showList(filters), loadHotel(), loadStaff()]);
}

/** Reads the hotel's settings and departments. */
export async function loadHotel() {
  const [hotel, setting] = await Promise.all([
    request("GET", "/settings/hotel"),
    request("GET", "/settings/departments"),
  ]);
  change({ hotel: hotel.data.value, departments: departments(setting.data) });
}

/** Reads all members of staff. */
export async function loadStaff() {
  /** @type {Api.StaffMember[]} */
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const { data, meta } = await request("GET", `/staff?limit=100&page=${page}`);
    found.push(...data);
    pages = meta.pages;
  }
  change({ staff: found });
}

/** Signs out here or on every device, and removes what is stored here. Throws Unreachable. */
export async function signOut(everywhere = false) {
  try {
    await request("POST", everywhere ? "/auth/logout-everywhere" : "/auth/logout");
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  leave();
}

/** Removes what this browser stores of the staff member, and reloads the page. */
export function leave() {
  removeItems("draft:");
  clear();
  location.replace(`${BELOW}/`);
  location.reload();
}

/**
 * Windows share the cookie: signing in in one signs in in all.
 * @param {Api.StaffMember} me
 */
function notifyOtherWindows(me) {
  try {
    localStorage.setItem(WHO, me.id);
  } catch {
    // each window finds out by itself
  }
}

addEventListener("storage", ({ key, newValue }) => {
  const other = key === WHO && newValue && newValue !== state.me.id;
  if (other && state.phase === "in") location.reload();
});

// A conversation is read at once when the route leads to it, before it is drawn.
/** @type {string | null} */
let shown = null;
watch(({ phase, route }) => {
  const id = phase === "in" && route.view === "inbox" ? route.id : null;
  if (id && id !== shown) open(id);
  shown = id;
});
