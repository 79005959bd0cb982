// What happens in the house while the page is open, and what is read again because of it.

import { alert } from "./alerts.js";
import { settleAll } from "./request.js";
import { refreshCounts, refreshList } from "./conversation-list-data.js";
import { onEvents } from "./event-feed.js";
import { invalidateGuests as staleProfiles } from "./guest-data.js";
import { loadHotel, loadStaff } from "./session.js";
import { notify, state } from "./store.js";
import { reloadMessages, reload } from "./conversation-cache.js";
import { refreshTasks as staleTasks } from "./task-data.js";

const MESSAGE_EVENT = /^(message|attachment)\./; // a file is fetched after its message
const HOTEL_SETTINGS = ["hotel", "departments"];
let lastAlerted = 0; // the last event people were alerted to: what could not be read is read again, and rings once

onEvents(async (events, missed) => {
  const news = events.filter(({ seq }) => seq > lastAlerted);
  lastAlerted = events.at(-1)?.seq ?? lastAlerted;
  alert(news);
  const about = (start) => missed || events.some(({ type }) => type.startsWith(start));
  if (about("guest.") || about("task.")) staleProfiles();
  await settleAll([
    missed ? refreshAll() : refreshConversations(events),
    about("task.") && staleTasks(),
    about("staff.") && loadStaff(),
    (missed ||
      events.some(
        ({ type, subjectId }) => type === "setting.changed" && HOTEL_SETTINGS.includes(subjectId),
      )) &&
      loadHotel(),
  ]);
});

const openId = () => (state.route.view === "inbox" ? state.route.id : null);

async function refreshConversations(events) {
  const id = openId();
  const touched = new Set(
    events
      .filter((event) => event.conversationId && !hasNoEffect(event))
      .map((event) => event.conversationId),
  );
  const changed = ofChangedGuests(events);
  changed.forEach((one) => touched.add(one));
  const said = events
    .filter((event) => event.conversationId === id && MESSAGE_EVENT.test(event.type))
    .map(({ subjectId }) => subjectId);
  if (events.some(({ type, actorId }) => type === "conversation.read" && actorId === state.me.id))
    refreshCounts();
  dropMessages(touched);
  const again = changed.includes(id)
    ? reloadMessages(id, null)
    : said.length && reloadMessages(id, said);
  await settleAll([touched.size && refreshList([...touched]), again]);
}

/** The conversations known here whose guests have changed or are erased: whose name and words they show. */
function ofChangedGuests(events) {
  const guests = new Set(
    events.filter(({ type }) => type.startsWith("guest.")).map(({ subjectId }) => subjectId),
  );
  const known = [
    ...(state.list?.rows ?? []),
    ...[...state.conversations.values()].map(({ conversation }) => conversation),
  ];
  return known.filter((row) => guests.has(row?.guestId)).map(({ id }) => id);
}

async function refreshAll() {
  const id = openId();
  dropMessages([...state.conversations.keys()]);
  await settleAll([refreshList(null), id && reload(id), id && reloadMessages(id, null)]);
}

/** What is not open is read again when it is. */
function dropMessages(ids) {
  for (const id of ids)
    if (id !== openId() && state.conversations.has(id)) state.conversations.get(id).messages = null;
  notify();
}

/** What others read changes nothing here, and what was read in this window is known. */
function hasNoEffect({ type, actorId, conversationId }) {
  if (type !== "conversation.read") return false;
  return (
    actorId !== state.me.id || state.conversations.get(conversationId)?.conversation?.unread === 0
  );
}
