// Of what the reader wants to be told on the page.

import { request } from "../request.js";
import { state } from "../store.js";

const KNOWN = 60_000; // ms; another tab or device may change it
/** @type {{ of: string, at: number, kinds: Promise<Set<string> | null> } | null} */
let choice = null;

/** The next look reads it again. */
export function forgetChoice() {
  choice = null;
}

/** The kinds; null when they cannot be read now: then of everything. */
export function chosen() {
  const { id } = state.me;
  if (choice?.of !== id || Date.now() - choice.at > KNOWN) {
    choice = { of: id, at: Date.now(), kinds: read() };
  }
  return choice.kinds;
}

async function read() {
  try {
    return new Set((await request("GET", "/auth/me/notifications")).data.page);
  } catch {
    forgetChoice();
    return null;
  }
}
