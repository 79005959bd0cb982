// What happens in the house, asked for every few seconds: nothing new costs next to nothing, and no connection is held.

import { ask, quiet } from "./request.js";
import { state } from "./store.js";

const AWAKE = 2600; // 23 calls a minute
const HIDDEN = 20_000;
const LOST = [2600, 5000, 10_000, 15_000];
const LIMIT = 100;
let listener;
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

/**
 * Say what to do about what has happened: `listener(events, missed)`. With `missed`, everything has to be read anew. When
 * it throws, that has not worked, and it is told the same again.
 */
export const listen = (wanted) => { listener = wanted; };

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
    if (answer) await tell(answer);
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    running = false;
    later();
  }
}

/** A full page is as good as a gap: reading everything anew is less than reading page after page what has changed. */
async function tell({ data, meta, tag: newer }) {
  const missed = meta.missed || meta.latest < cursor || data.length === LIMIT;
  if (data.length || missed) await listener(data, missed);
  tag = newer;
  cursor = missed ? meta.latest : data.at(-1)?.seq ?? meta.cursor;
}

document.addEventListener("visibilitychange", () => !document.hidden && now());
addEventListener("online", now);
addEventListener("focus", now);
