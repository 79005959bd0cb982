// The inbox's list: which conversations are asked for, and how it stays true while things happen.

import { all, ask, explain, passing, spare } from "./request.js";
import { announce, change, state } from "./store.js";
import { known, load } from "./conversation-cache.js";

const LIMIT = 40;
const COUNT_EVERY = 6000;
export const EVERYTHING = { status: "open", channel: "", assignee: "", unread: false, search: "" };
let newest = 0; // which of several answers on their way counts
let counted = 0;
let countLater;

function query({ status, channel, assignee, unread, search }, page) {
  const asked = new URLSearchParams({ limit: LIMIT, page });
  if (status) asked.set("status", status);
  if (channel) asked.set("channel", channel);
  if (assignee) asked.set("assignee", assignee);
  if (unread) asked.set("unread", "true");
  if (search.trim()) asked.set("search", search.trim());
  return `/conversations?${asked}`;
}

/** Show other conversations. */
export async function show(filters) {
  change({ list: { ...(state.list ?? { rows: null, total: 0 }), filters, loading: true, problem: null } });
  await read(filters).catch(() => {}); // the list says it
}

/**
 * The first page of these. When something has happened to the `touched` ones only, what was shown further down stays.
 * Throws what the list then says as well.
 */
async function read(filters, touched) {
  const turn = (newest += 1);
  try {
    const { data, meta } = await ask("GET", query(filters, 1));
    data.forEach((row) => state.talks.has(row.id) && known(row));
    if (turn !== newest) return;
    const kept = touched && state.list.of === filters ? state.list.rows.slice(LIMIT).filter(({ id }) => !touched.includes(id)) : [];
    change({ list: { filters, of: filters, rows: ordered([...data, ...kept]), total: meta.total, loading: false, problem: null } });
  } catch (error) {
    if (turn === newest) change({ list: { ...state.list, loading: false, problem: explain(error) } });
    throw error;
  }
}

/** More of the same. */
export async function more() {
  const { list } = state;
  if (!list?.rows || list.loading || list.rows.length >= list.total) return;
  const turn = newest;
  change({ list: { ...list, loading: true } });
  try {
    const page = Math.floor(list.rows.length / LIMIT) + 1;
    const { data, meta } = await ask("GET", query(list.filters, page));
    if (turn === newest) change({ list: { ...state.list, rows: ordered([...state.list.rows, ...data]), total: meta.total, loading: false } });
  } catch {
    if (turn === newest) change({ list: { ...state.list, loading: false } });
  }
}

/** Something happened to these, or to any (null): read them again. */
export async function refresh(ids) {
  const { list, route } = state;
  count();
  if (!list) return;
  if (ids && ids.length <= 3 && list.rows && !list.loading && !list.filters.search) {
    await all(ids.map(async (id) => place((await ask("GET", `/conversations/${id}`)).data)));
  } else {
    await all([read(list.filters, ids), ids?.includes(route.id) && load(route.id)]);
  }
}

/** Puts a conversation where it belongs, or takes it out. */
export function place(row) {
  const { list } = state;
  if (state.talks.has(row.id)) known(row);
  if (!list?.rows) return;
  const had = list.rows.find(({ id }) => id === row.id);
  if (had?.updatedAt > row.updatedAt) return;
  const others = list.rows.filter(({ id }) => id !== row.id);
  const belongs = matches(row, list.filters) || (had && list.filters.unread && row.id === state.route.id);
  const rows = belongs ? ordered([row, ...others]) : others;
  change({ list: { ...list, rows, total: list.total + (belongs && !had ? 1 : 0) - (!belongs && had ? 1 : 0) } });
}

function matches(row, { status, channel, assignee, unread }) {
  const who = assignee === "me" ? state.me.id : assignee;
  return (
    (!status || row.status === status) &&
    (!channel || row.channel === channel) &&
    (!who || (who === "unassigned" ? row.assignee === null : row.assignee === who)) &&
    (!unread || row.unread > 0)
  );
}

const at = (row) => row.lastMessageAt ?? row.createdAt;

function ordered(rows) {
  const every = new Map(rows.toReversed().map((row) => [row.id, row]));
  return [...every.values()].sort((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : a.id < b.id ? 1 : -1));
}

/** How many there are, not more often than every few seconds. */
export function count() {
  clearTimeout(countLater);
  const wait = counted + COUNT_EVERY - Date.now();
  if (wait > 0 || (!spare() && state.counts)) {
    countLater = setTimeout(count, Math.max(wait, 1000));
    return;
  }
  counted = Date.now();
  ask("GET", "/conversations/counts").then(({ data }) => change({ counts: data }), (error) => {
    if (passing(error) && !state.locked) countLater = setTimeout(count, COUNT_EVERY);
  });
}
