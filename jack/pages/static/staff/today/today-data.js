// What the day consists of, read from the lists of the API, and again when something of it changes.

import { useEffect, useState } from "../preact.js";
import { hotelToday } from "../format.js";
import { explain, request } from "../request.js";
import { state } from "../store.js";

const LIMIT = 100;
const MOST_PAGES = 10;
const WAITING_SHOWN = 20;
const DUE_SOON = 2 * 3600_000; // from when on a task is shown that is not late

/** @typedef {{ rows: any[] | null, total: number, problem: string }} Found */

/** @type {Found} */
const NOTHING = { rows: null, total: 0, problem: "" };

/**
 * The rows under this path, read again with another `turn`: one page of so many, or all pages.
 * @param {string} path
 * @param {unknown} turn
 * @param {number} [only]
 * @returns {Found}
 */
function useRows(path, turn, only) {
  const [found, setFound] = useState({ of: "", ...NOTHING });
  useEffect(() => {
    let gone = false;
    readAll(path, only).then(
      (read) => !gone && setFound({ of: path, problem: "", ...read }),
      (error) =>
        !gone &&
        setFound((was) => ({
          ...(was.of === path ? was : NOTHING),
          of: path,
          problem: explain(error),
        })),
    );
    return () => {
      gone = true;
    };
  }, [path, turn]);
  return found.of === path ? found : NOTHING;
}

/**
 * @param {string} path
 * @param {number} [only]
 */
async function readAll(path, only) {
  /** @type {any[]} */
  const rows = [];
  for (let page = 1; ; page += 1) {
    const { data, meta } = await request("GET", `${path}&limit=${only ?? LIMIT}&page=${page}`);
    rows.push(...data);
    if (only || page >= Math.min(meta.pages, MOST_PAGES)) return { rows, total: meta.total };
  }
}

/**
 * The stays that pass these filters, read again when a stay has changed.
 * @param {string} filters
 * @param {unknown} turn
 */
const useStays = (filters, turn) => useRows(`/stays?${filters}`, `${state.heard.stays} ${turn}`);

/**
 * The day: who waits, tasks, who comes, who leaves, who is there; `reload()` reads it anew.
 * @param {string} day of arrivals and departures
 */
export function useDay(day) {
  const [turn, setTurn] = useState(0);
  const { conversations, tasks } = state.heard;
  const come = `arrivalFrom=${day}&arrivalTo=${day}&status=booked&status=in_house&status=departed`;
  const leave = `departureFrom=${day}&departureTo=${day}&status=in_house&status=departed`;
  const expected = day > hotelToday() ? "&status=booked" : "";
  const open = "status=open&status=in_progress&status=blocked&sort=dueAt";
  return {
    waiting: useRows(
      "/conversations?waiting=true&sort=waiting",
      `${conversations} ${turn}`,
      WAITING_SHOWN,
    ),
    tasks: useRows(`/tasks?${open}`, `${tasks} ${turn}`),
    arrivals: useStays(`${come}&sort=arrival`, turn),
    departures: useStays(`${leave}${expected}&sort=room`, turn),
    inHouse: useStays("status=in_house&sort=room", turn),
    reload: () => setTurn(turn + 1),
  };
}

/** @param {Api.Task} task */
export const isLate = ({ dueAt }) => Date.parse(dueAt) < Date.now();

/** @param {Api.Task} task */
export const isDue = ({ dueAt }) => Date.parse(dueAt) < Date.now() + DUE_SOON;

/**
 * The next day of the calendar: 2026-03-01.
 * @param {string} day
 */
export const dayAfter = (day) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/**
 * Who is still to come first, by their hour; who has told none last of these.
 * @param {Api.Stay[]} stays
 */
export const byHour = (stays) =>
  [...stays].sort(
    (a, b) =>
      Number(a.status !== "booked") - Number(b.status !== "booked") ||
      (a.eta ?? "99").localeCompare(b.eta ?? "99"),
  );

/**
 * Who is still to leave first.
 * @param {Api.Stay[]} stays
 */
export const stillHereFirst = (stays) =>
  [...stays].sort((a, b) => Number(a.status === "departed") - Number(b.status === "departed"));
