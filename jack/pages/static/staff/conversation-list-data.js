// The inbox's list: what is read for it, and how events change it.

import { explain, hasSpareCalls, isTransient, request, settleAll } from "./request.js";
import { change, state } from "./store.js";
import { reload, update } from "./conversation-cache.js";

const LIMIT = 40;
const COUNT_EVERY = 6000;
/** @type {Staff.Filters} */
export const NO_FILTERS = {
  waiting: true,
  status: "open",
  channel: "",
  assignee: "",
  unread: false,
  mentioned: false,
  snoozed: false,
  scheduled: false,
  search: "",
};
let newest = 0; // the read whose answer counts
let counted = 0;
let countTimer = 0;

/**
 * What the list is to show: a search looks in all states, mentions at open conversations; what is
 * snoozed or has something scheduled is shown whatever its status.
 * @param {Staff.Filters} filters
 */
function effective(filters) {
  const { snoozed, scheduled } = filters;
  if (snoozed || scheduled) return { ...filters, waiting: false, status: "" };
  if (filters.search.trim()) return { ...filters, waiting: false, status: "" };
  if (!filters.waiting) return filters;
  return filters.mentioned ? { ...filters, waiting: false } : filters;
}

/**
 * @param {Staff.Filters} filters
 * @param {number} page
 * @returns {Promise<Api.Answer<Api.Conversation[]>>}
 */
function fetchPage(filters, page) {
  const { waiting, status, channel, assignee, unread, mentioned, search } = effective(filters);
  const query = new URLSearchParams({ limit: `${LIMIT}`, page: `${page}` });
  if (waiting) query.set("waiting", "true");
  if (waiting) query.set("sort", "waiting");
  if (status) query.set("status", status);
  if (channel) query.set("channel", channel);
  if (assignee) query.set("assignee", assignee);
  if (unread) query.set("unread", "true");
  if (mentioned) query.set("mentioned", "me");
  if (filters.snoozed) query.set("snoozed", "true");
  if (filters.scheduled) query.set("scheduled", "true");
  if (search.trim()) query.set("search", search.trim());
  return request("GET", `/conversations?${query}`);
}

/** @param {Partial<Staff.ConversationList>} part */
function changeList(part) {
  if (state.list) change({ list: { ...state.list, ...part } });
}

/**
 * Shows the conversations that match.
 * @param {Staff.Filters} filters
 */
export async function showList(filters) {
  const { rows, total, of } = state.list ?? { rows: null, total: 0 };
  change({ list: { rows, total, of, filters, loading: true, problem: null } });
  await read(filters).catch(() => {}); // the list shows the error
}

/**
 * Reads the first page. When only the `touched` conversations have changed, later pages stay.
 * Throws the error that the list shows.
 * @param {Staff.Filters} filters
 * @param {string[] | null} [touched]
 */
async function read(filters, touched) {
  const turn = (newest += 1);
  try {
    const { data, meta } = await fetchPage(filters, 1);
    data.forEach((row) => state.conversations.has(row.id) && update(row));
    if (turn !== newest) return;
    const later = touched && state.list?.of === filters ? (state.list.rows ?? []).slice(LIMIT) : [];
    const kept = later.filter(({ id }) => !touched?.includes(id));
    const rows = ordered([...data, ...kept], filters);
    const { total } = meta;
    change({ list: { filters, of: filters, rows, total, loading: false, problem: null } });
  } catch (error) {
    if (turn === newest) changeList({ loading: false, problem: explain(error) });
    throw error;
  }
}

/** Reads the next page. */
export async function loadMore() {
  const { list } = state;
  if (!list?.rows || list.loading || list.rows.length >= list.total) return;
  const turn = newest;
  changeList({ loading: true });
  try {
    const page = Math.floor(list.rows.length / LIMIT) + 1;
    const { data, meta } = await fetchPage(list.filters, page);
    const rows = ordered([...(state.list?.rows ?? []), ...data], list.filters);
    if (turn === newest) changeList({ rows, total: meta.total, loading: false });
  } catch {
    if (turn === newest) changeList({ loading: false });
  }
}

/**
 * Reads again what has changed: these conversations, or any (null).
 * @param {string[] | null} ids
 */
export async function refreshList(ids) {
  const { list, route } = state;
  refreshCounts();
  if (!list) return;
  const { search, mentioned, scheduled } = list.filters;
  const isAsked = search || mentioned || scheduled; // a row alone does not tell
  if (ids && ids.length <= 3 && list.rows && !list.loading && !isAsked) {
    await settleAll(
      ids.map(async (id) => updateRow((await request("GET", `/conversations/${id}`)).data)),
    );
  } else {
    const { id } = route;
    await settleAll([read(list.filters, ids), id && ids?.includes(id) && reload(id)]);
  }
}

/**
 * Puts a conversation into the list where it belongs, or takes it out.
 * @param {Api.Conversation} row
 */
export function updateRow(row) {
  const { list } = state;
  if (state.conversations.has(row.id)) update(row);
  if (!list?.rows) return;
  const had = list.rows.find(({ id }) => id === row.id);
  if (had && had.updatedAt > row.updatedAt) return;
  row.match ??= had?.match ?? null;
  const others = list.rows.filter(({ id }) => id !== row.id);
  const stays = had && list.filters.unread && row.id === state.route.id;
  const known = had || !(list.filters.mentioned || list.filters.scheduled);
  const fits = (known && matches(row, list.filters)) || stays;
  const rows = fits ? ordered([row, ...others], list.filters) : others;
  changeList({ rows, total: list.total + rows.length - list.rows.length });
}

/**
 * @param {Api.Conversation} row
 * @param {Staff.Filters} filters
 */
function matches(row, filters) {
  const { waiting, status, channel, assignee, unread, snoozed } = effective(filters);
  const wanted = assignee === "me" ? state.me.id : assignee;
  return (
    (!waiting || row.waitingSince !== null) &&
    (!status || row.status === status) &&
    (!channel || row.channel === channel) &&
    (!wanted || (wanted === "unassigned" ? row.assignee === null : row.assignee === wanted)) &&
    (!unread || row.unread > 0) &&
    (!snoozed || row.snoozedUntil !== null)
  );
}

/**
 * Each conversation once: who waits longest first, or else the latest message first.
 * @param {Api.Conversation[]} rows
 * @param {Staff.Filters} filters
 */
function ordered(rows, filters) {
  const byId = new Map(rows.toReversed().map((row) => [row.id, row]));
  const { waiting } = effective(filters);
  const order = (/** @type {Api.Conversation} */ { waitingSince, lastMessageAt, createdAt, id }) =>
    `${(waiting && waitingSince) || (lastMessageAt ?? createdAt)} ${id}`;
  const sign = waiting ? -1 : 1;
  return [...byId.values()].sort((a, b) => (order(a) < order(b) ? sign : -sign));
}

/** Reads the counts, at most every six seconds. */
export function refreshCounts() {
  clearTimeout(countTimer);
  const wait = counted + COUNT_EVERY - Date.now();
  if (wait > 0 || (!hasSpareCalls() && state.counts)) {
    countTimer = setTimeout(refreshCounts, Math.max(wait, 1000));
    return;
  }
  counted = Date.now();
  request("GET", "/conversations/counts").then(
    ({ data }) => change({ counts: data }),
    (error) => {
      const retry = isTransient(error) && !state.locked;
      if (retry) countTimer = setTimeout(refreshCounts, COUNT_EVERY);
    },
  );
}
