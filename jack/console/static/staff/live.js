// What happens in the house, asked for every few seconds: nothing new costs next to nothing, and no connection is held.

import { ask, quiet } from "./ask.js";
import { change, state } from "./store.js";

const AWAKE = 2600; // 23 calls a minute
const HIDDEN = 20_000;
const LOST = [2600, 5000, 10_000, 15_000];
const LIMIT = 100;
const listeners = new Set();
let cursor = 0;
let tag;
let timer;
let failures = 0;
let running = false;

/** Where the feed ends at this moment. */
export async function latest() {
  const { meta } = await ask("GET", `/events?after=${2 ** 53}&limit=1`);
  return meta.latest;
}

/** Be told what happened: `listener(events, missed)`. With `missed`, everything has to be read anew. */
export const listen = (listener) => listeners.add(listener);

/** Ask from here on. */
export function begin(from) {
  cursor = from;
  tag = undefined;
  later();
}

/** Ask at once. */
export function now() {
  clearTimeout(timer);
  timer = setTimeout(turn, 0);
}

function later() {
  clearTimeout(timer);
  const usual = failures ? LOST[Math.min(failures, LOST.length) - 1] : document.hidden ? HIDDEN : AWAKE;
  timer = setTimeout(turn, Math.max(usual, quiet()));
}

async function turn() {
  if (running) return;
  if (state.phase !== "in" || state.locked) {
    later();
    return;
  }
  running = true;
  try {
    const answer = await ask("GET", `/events?after=${cursor}&limit=${LIMIT}`, { tag });
    failures = 0;
    if (answer) tell(answer);
  } catch (error) {
    if (!error.status) failures += 1;
  } finally {
    running = false;
    later();
  }
}

function tell({ data, meta, tag: newer }) {
  const missed = meta.missed || meta.latest < cursor;
  tag = newer;
  cursor = data.at(-1)?.seq ?? meta.cursor;
  if (data.length || missed) listeners.forEach((listener) => listener(data, missed));
  if (data.length === LIMIT) now();
  else if (data.length) change({});
}

document.addEventListener("visibilitychange", () => !document.hidden && now());
addEventListener("online", now);
addEventListener("focus", now);
