// What happens in the house while the page is open, and what is read again because of it.

import { alert } from "./alerts.js";
import { all } from "./request.js";
import { count, refresh } from "./conversation-list-data.js";
import { listen } from "./event-feed.js";
import { stale as staleProfiles } from "./guest-data.js";
import { house, people } from "./session.js";
import { announce, state } from "./store.js";
import { latest, load } from "./conversation-cache.js";
import { stale as staleTasks } from "./task-data.js";

const SAID = /^(message|attachment)\./; // a file is fetched after its message
const HOUSE = ["hotel", "departments"];
let told = 0; // the last event people were alerted to: what could not be read is read again, and rings once

listen(async (events, missed) => {
  const news = events.filter(({ seq }) => seq > told);
  told = events.at(-1)?.seq ?? told;
  alert(news);
  const about = (start) => missed || events.some(({ type }) => type.startsWith(start));
  if (about("guest.") || about("task.")) staleProfiles();
  await all([
    missed ? everything() : talks(events),
    about("task.") && staleTasks(),
    about("staff.") && people(),
    (missed || events.some(({ type, subjectId }) => type === "setting.changed" && HOUSE.includes(subjectId))) && house(),
  ]);
});

const open = () => (state.route.view === "inbox" ? state.route.id : null);

async function talks(events) {
  const id = open();
  const touched = new Set(events.filter((event) => event.conversationId && !own(event)).map((event) => event.conversationId));
  const changed = concerned(events);
  changed.forEach((one) => touched.add(one));
  const said = events.filter((event) => event.conversationId === id && SAID.test(event.type)).map(({ subjectId }) => subjectId);
  if (events.some(({ type, actorId }) => type === "conversation.read" && actorId === state.me.id)) count();
  forget(touched);
  const again = changed.includes(id) ? latest(id, null) : said.length && latest(id, said);
  await all([touched.size && refresh([...touched]), again]);
}

/** The conversations known here whose guests have changed or are erased: whose name and words they show. */
function concerned(events) {
  const guests = new Set(events.filter(({ type }) => type.startsWith("guest.")).map(({ subjectId }) => subjectId));
  const known = [...(state.list?.rows ?? []), ...[...state.talks.values()].map(({ conversation }) => conversation)];
  return known.filter((row) => guests.has(row?.guestId)).map(({ id }) => id);
}

async function everything() {
  const id = open();
  forget([...state.talks.keys()]);
  await all([refresh(null), id && load(id), id && latest(id, null)]);
}

/** What is not open is read again when it is. */
function forget(ids) {
  for (const id of ids) if (id !== open() && state.talks.has(id)) state.talks.get(id).messages = null;
  announce();
}

/** What others read changes nothing here, and what was read in this window is known. */
function own({ type, actorId, conversationId }) {
  if (type !== "conversation.read") return false;
  return actorId !== state.me.id || state.talks.get(conversationId)?.conversation?.unread === 0;
}
