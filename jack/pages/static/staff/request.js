// The page's calls: signed by its cookie. What they tell about the connection and the session is known everywhere.

import { call, Refused, Unreachable } from "../shared/api.js";
import { knows, language, t } from "../shared/page.js";
import { change, state } from "./store.js";

export { Refused, Unreachable };

const ENDED = { token_revoked: "revoked" };
const MINUTE = 60_000; // the window of the limit
let left = 100;
let leftUntil = 0; // when that is known no longer: an answer that nothing has changed does not say it
let quietUntil = 0;

/** As `call`. A session that has ended locks the page; the caller gets the refusal all the same. */
export async function ask(method, path, options = {}) {
  try {
    const answer = await call(method, path, { ...options, page: true });
    if (answer) [left, leftUntil] = [answer.left, Date.now() + MINUTE];
    if (state.offline) change({ offline: false });
    return answer;
  } catch (error) {
    if (error instanceof Unreachable !== state.offline) change({ offline: error instanceof Unreachable });
    if (error.status === 429) quietUntil = Date.now() + error.retryAfter * 1000;
    if (error.status === 401 && error.reason?.startsWith("token_") && state.phase === "in") {
      change({ locked: ENDED[error.reason] ?? "expired" });
    }
    throw error;
  }
}

/** Whether the same call may well work later: nothing is wrong with it. */
export const passing = (error) => error instanceof Unreachable || [401, 408, 429].includes(error.status) || error.status >= 500;

/** Waits for all of these reads, also when one fails; throws when one of them may well work later. */
export async function all(reads) {
  const done = await Promise.allSettled(reads);
  const reasons = done.map(({ reason }) => reason).filter(Boolean);
  reasons.filter((reason) => !(reason instanceof Refused || reason instanceof Unreachable)).forEach((reason) => reportError(reason));
  const failed = reasons.find(passing);
  if (failed) throw failed;
}

/** Whether there is room this minute for what would be nice to know as well. */
export const spare = () => Date.now() > quietUntil && (left > 30 || Date.now() > leftUntil);

/** How long to leave Jack alone, in milliseconds. */
export const quiet = () => Math.max(0, quietUntil - Date.now());

/** What went wrong, for people. */
export function explain(error) {
  if (error instanceof Unreachable) return t("unreachable");
  if (!(error instanceof Refused)) return t("failed");
  const known = { 401: "ended", 403: "forbidden", 404: "gone", 412: "changedMeanwhile", 429: "tooMany", 503: "unreachable" };
  if (known[error.status]) return t(known[error.status]);
  if (knows(`reasons.${error.reason}`)) return t(`reasons.${error.reason}`);
  return error.status < 500 && error.message ? error.message : t("failed");
}

// The API speaks English; what it says most often has words of the page's own.
const SAID = {
  required: /^(Missing data|Must not be blank|Field may not be null)/,
  email: /^Not a valid e-mail/,
  phone: /^Not a phone number/,
  line: /^Must be a single line/,
  language: /^Not a language tag/,
  zone: /^Not a time zone/,
  country: /^Must be two capital letters/,
  common: /^This is one of the commonest/,
  taken: /^Already used by/,
  length: /^(Length must|Longer than|Shorter than)/,
};

function translated(message) {
  const found = Object.keys(SAID).find((name) => SAID[name].test(message));
  return found && (language !== "en" || found === "required" || found === "taken") ? t(`problems.${found}`) : message;
}

/** What Jack says is wrong, by field. */
export function problems(error) {
  const named = (error.details ?? []).map(({ field, message }) => [field, translated(message)]);
  return Object.fromEntries(named);
}

/** Keys that make a call safe to repeat: the same for the same body, another when it has been changed. */
export function keys() {
  let last;
  let key;
  return (body) => {
    const now = JSON.stringify(body);
    if (now !== last) [last, key] = [now, unique()];
    return key;
  };
}

/** A word that no other has. */
export const unique = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
