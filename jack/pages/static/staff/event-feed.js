// What happens in the house, asked for every few seconds: nothing new costs next to nothing, and no connection is held.

import { request, backoff } from "./request.js";
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
export async function latestEvent() {
  const { meta } = await request("GET", `/events?after=${2 ** 53}&limit=1`);
  return meta.latest;
}

/**
 * Say what to do about what has happened: `listener(events, missed)`. With `missed`, everything has to be read anew. When
 * it throws, that has not worked, and it is told the same again.
 */
export const onEvents = (wanted) => {
  listener = wanted;
};

/** Ask from here on. */
export function startFrom(from) {
  cursor = from;
  tag = undefined;
  schedule();
}

/** Ask at once. */
export function pollNow() {
  clearTimeout(timer);
  timer = setTimeout(poll, 0);
}

function schedule() {
  clearTimeout(timer);
  const usual = failures
    ? LOST[Math.min(failures, LOST.length) - 1]
    : document.hidden
      ? HIDDEN
      : AWAKE;
  timer = setTimeout(poll, Math.max(usual, backoff()));
}

async function poll() {
  if (running) return;
  if (state.phase !== "in" || state.locked) {
    schedule();
    return;
  }
  running = true;
  try {
    const answer = await request("GET", `/events?after=${cursor}&limit=${LIMIT}`, { tag });
    if (answer) await deliver(answer);
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    running = false;
    schedule();
  }
}

/** A full page is as good as a gap: reading everything anew is less than reading page after page what has changed. */
async function deliver({ data, meta, tag: newer }) {
  const missed = meta.missed || meta.latest < cursor || data.length === LIMIT;
  if (data.length || missed) await listener(data, missed);
  tag = newer;
  cursor = missed ? meta.latest : (data.at(-1)?.seq ?? meta.cursor);
}

document.addEventListener("visibilitychange", () => !document.hidden && pollNow());
addEventListener("online", pollNow);
addEventListener("focus", pollNow);
