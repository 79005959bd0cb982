// Polls the event feed every few seconds; when nothing is new the API answers 304.

import { backoff, request } from "./request.js";
import { LATEST_EVENT } from "./first.js";
import { state } from "./store.js";

const VISIBLE = 2600; // 23 calls a minute
const HIDDEN = 20_000;
const FAILED = [2600, 5000, 10_000, 15_000];
const LIMIT = 100;
/** @type {(events: Api.Event[], missed: boolean) => Promise<void>} */
let listener = async () => {};
let cursor = 0;
/** @type {string | null} */
let tag = null;
let timer = 0;
let failures = 0;
let running = false;

/** The number of the newest event. */
export async function latestEvent() {
  const { meta } = await request("GET", LATEST_EVENT);
  return meta.latest;
}

/**
 * Sets what handles events. With `missed`, everything has to be read anew. When it throws, it gets
 * the same events again.
 * @param {typeof listener} handler
 */
export const onEvents = (handler) => {
  listener = handler;
};

/**
 * Polls for events after this one.
 * @param {number} from
 */
export function startFrom(from) {
  cursor = from;
  tag = null;
  schedule();
}

export function pollNow() {
  clearTimeout(timer);
  timer = setTimeout(poll, 0);
}

function schedule() {
  clearTimeout(timer);
  const usual = document.hidden ? HIDDEN : VISIBLE;
  const wait = failures ? FAILED[Math.min(failures, FAILED.length) - 1] : usual;
  timer = setTimeout(poll, Math.max(wait, backoff()));
}

async function poll() {
  if (running) return;
  if (state.phase !== "in" || state.locked || state.mustSetUp) {
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

/**
 * A full page counts as missed: reading everything anew is less than reading page after page.
 * @param {Api.Answer<Api.Event[]>} answer
 */
async function deliver({ data, meta, tag: newer }) {
  const missed = meta.missed || meta.latest < cursor || data.length === LIMIT;
  if (data.length || missed) await listener(data, missed);
  tag = newer;
  cursor = missed ? meta.latest : (data.at(-1)?.seq ?? meta.cursor);
}

document.addEventListener("visibilitychange", () => !document.hidden && pollNow());
addEventListener("online", pollNow);
addEventListener("focus", pollNow);
