// Events, and what is read again because of them.

import { alert } from "./alerts.js";
import { settleAll } from "./request.js";
import { refreshCounts, refreshList } from "./conversation-list-data.js";
import { onEvents } from "./event-feed.js";
import { invalidateGuests } from "./guest-data.js";
import { refreshHealth } from "./health.js";
import { loadHotel, loadStaff } from "./session.js";
import { notify, state } from "./store.js";
import { forgetMessage, reloadMessages, reload } from "./conversation-cache.js";
import { forgetEntries } from "./suggestions.js";
import { refreshTasks } from "./task-data.js";

const MESSAGE_EVENT = /^conversation\.message\./;
const READ_EVENT = /^conversation\.(un)?read$/;
const HOTEL_SETTINGS = ["hotel", "departments"];
let lastAlerted = 0; // events may be delivered again after a failed read; the alert comes once

onEvents(async (events, missed) => {
  alert(events.filter(({ seq }) => seq > lastAlerted));
  lastAlerted = events.at(-1)?.seq ?? lastAlerted;
  /** @param {string} start */
  const about = (start) => missed || events.some(({ type }) => type.startsWith(start));
  const settings = events.filter(({ type }) => type === "setting.updated");
  const hotel = settings.some(({ subjectId }) => HOTEL_SETTINGS.includes(subjectId));
  invalidateGuests(missed ? null : events);
  if (about("knowledge.")) forgetEntries();
  const { conversations, stays, tasks } = state.heard;
  state.heard = {
    conversations: conversations + Number(about("conversation.")),
    stays: stays + Number(about("stay.") || about("guest.")),
    tasks: tasks + Number(about("task.")),
  };
  notify();
  await settleAll([
    missed ? refreshAll() : refreshConversations(events),
    !missed && about("stay.") && refreshList(null), // an event of a stay does not say whose it is
    about("task.") && refreshTasks(),
    about("staff.") && loadStaff(),
    about("health.") && refreshHealth(events.filter(({ type }) => type.startsWith("health."))),
    (missed || hotel) && loadHotel(),
  ]);
});

const openId = () => (state.route.view === "inbox" ? state.route.id : null);

/** @param {Api.Event[]} events */
async function refreshConversations(events) {
  const id = openId();
  const ofGuests = ofChangedGuests(events);
  const touched = new Set(ofGuests);
  for (const event of events) {
    const { conversationId, subjectId, changed } = event;
    if (conversationId && changed.includes("deleted")) forgetMessage(conversationId, subjectId);
    if (event.conversationId && !hasNoEffect(event)) touched.add(event.conversationId);
  }
  const messages = events
    .filter(({ conversationId, type }) => conversationId === id && MESSAGE_EVENT.test(type))
    .map(({ subjectId }) => subjectId);
  const isRead = (/** @type {Api.Event} */ { type }) => READ_EVENT.test(type);
  if (events.some((event) => isRead(event) && event.actorId === state.me.id)) refreshCounts();
  markStale(touched);
  await settleAll([
    touched.size && refreshList([...touched]),
    id && ofGuests.includes(id) && reloadMessages(id, null),
    id && !ofGuests.includes(id) && messages.length && reloadMessages(id, messages),
  ]);
}

/**
 * The ids of known conversations whose guests have changed: their name is shown.
 * @param {Api.Event[]} events
 */
function ofChangedGuests(events) {
  const changed = events.filter(({ type }) => type.startsWith("guest."));
  const guests = new Set(changed.map(({ subjectId }) => subjectId));
  const opened = [...state.conversations.values()].flatMap(
    ({ conversation }) => conversation ?? [],
  );
  return [...(state.list?.rows ?? []), ...opened]
    .filter(({ guestId }) => guestId && guests.has(guestId))
    .map(({ id }) => id);
}

async function refreshAll() {
  const id = openId();
  markStale(state.conversations.keys());
  await settleAll([refreshList(null), id && reload(id), id && reloadMessages(id, null)]);
}

/**
 * The messages of all but the open conversation are read again when it is opened.
 * @param {Iterable<string>} ids
 */
function markStale(ids) {
  for (const id of ids) {
    const cached = state.conversations.get(id);
    if (cached && id !== openId()) cached.stale = true;
  }
  notify();
}

/**
 * Whether an event changes nothing here: read by others, or in this window; unread for others.
 * @param {Api.Event} event
 */
function hasNoEffect({ type, actorId, conversationId }) {
  if (type === "conversation.unread") return actorId !== state.me.id;
  if (type !== "conversation.read") return false;
  const cached = state.conversations.get(conversationId ?? "");
  return actorId !== state.me.id || cached?.conversation?.unread === 0;
}
