// What happens in the house while the page is open, and what is read again because of it.

import { alert } from "./alerts.js";
import { passing } from "./ask.js";
import { count, refresh } from "./conversations.js";
import { listen } from "./live.js";
import { house, people } from "./session.js";
import { announce, state } from "./store.js";
import { latest, load, staleGuests } from "./talks.js";
import { stale as staleTasks } from "./tasklist.js";

const SAID = /^(message|attachment)\./; // a file is fetched after its message
const HOUSE = ["hotel", "departments"];

listen(async (events, missed) => {
  const about = (start) => missed || events.some(({ type }) => type.startsWith(start));
  if (about("guest.") || about("task.")) staleGuests();
  await all([
    missed ? everything() : talks(events),
    about("task.") && staleTasks(),
    about("staff.") && people(),
    (missed || events.some(({ type, subjectId }) => type === "setting.changed" && HOUSE.includes(subjectId))) && house(),
  ]);
  alert(events);
});

/** Waits for all of them; throws when one has to be tried again. */
async function all(reads) {
  const done = await Promise.allSettled(reads);
  const failed = done.find(({ reason }) => reason && passing(reason));
  if (failed) throw failed.reason;
}

const open = () => (state.route.view === "inbox" ? state.route.id : null);

async function talks(events) {
  const touched = [...new Set(events.filter((event) => event.conversationId && !own(event)).map((event) => event.conversationId))];
  const said = events.filter((event) => event.conversationId === open() && SAID.test(event.type));
  if (events.some(({ type, actorId }) => type === "conversation.read" && actorId === state.me.id)) count();
  forget(touched);
  await all([touched.length && refresh(touched), said.length && latest(open(), said.map(({ subjectId }) => subjectId))]);
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
