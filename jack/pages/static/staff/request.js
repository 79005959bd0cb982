// Calls of the staff page, authenticated by its cookie; what they say about connection, session and
// rate limit is kept here and in the store.

import { call, Refused, Unreachable } from "../shared/api.js";
import { hasText, language, t } from "../shared/page.js";
import { problemText } from "../shared/problems.js";
import { early } from "./first.js";
import { change, state } from "./store.js";

export { Refused, Unreachable };

const MINUTE = 60_000; // the window of the rate limit
/** @type {Record<string, string>} */
const TEXTS = {
  UNAUTHORIZED: "ended",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "gone",
  PRECONDITION_FAILED: "changedMeanwhile",
  RATE_LIMITED: "tooMany",
  UNAVAILABLE: "unreachable",
};
let left = 100;
let leftUntil = 0; // when `left` is out of date: a 304 does not renew it
let quietUntil = 0;

/** Sign-in and passwords have limits of their own, which last: their refusals are shown. */
const waits = (/** @type {string} */ method, /** @type {string} */ path) =>
  method === "GET" || !path.startsWith("/auth/");

/** Waits while the rate limit is spent, and has the page say so. */
export async function whenAllowed() {
  while (backoff() > 0) {
    if (!state.waiting) change({ waiting: true });
    await new Promise((resume) => setTimeout(resume, backoff()));
  }
  if (state.waiting) change({ waiting: false });
}

/**
 * As `call`; what the rate limit refuses is waited for and asked again. A session that has ended
 * locks the page; the error is thrown all the same.
 * @param {string} method
 * @param {string} path
 * @param {Api.Options} [options]
 * @returns {Promise<Api.Answer>}
 */
export async function request(method, path, options = {}) {
  if (waits(method, path)) await whenAllowed();
  try {
    const answer = await call(method, path, {
      early: method === "GET" ? early(path) : undefined,
      ...options,
      page: true,
    });
    if (answer) [left, leftUntil] = [answer.left, Date.now() + MINUTE];
    if (state.offline) change({ offline: false });
    return answer;
  } catch (error) {
    note(error);
    const again = /** @type {any} */ (error).status === 429 && waits(method, path);
    if (again) return request(method, path, options);
    throw error;
  }
}

/**
 * The session has ended: nothing of what was read stays on the screen, or is kept by the page.
 * @param {string} reason
 */
function lock(reason) {
  const list = state.list && { ...state.list, rows: null, of: undefined };
  const read = { list, conversations: new Map(), guests: new Map(), tasks: null, staff: [] };
  change({ ...read, locked: reason, notices: [], announcement: "", help: false, leaving: null });
}

/** @param {any} error */
function note(error) {
  const offline = error instanceof Unreachable;
  if (offline !== state.offline) change({ offline });
  if (error.status === 429) quietUntil = Date.now() + error.retryAfter * 1000;
  if (error.status === 401 && error.reason?.startsWith("token_") && state.phase === "in") {
    lock(error.reason === "token_revoked" ? "revoked" : "expired");
  }
  if (error.reason === "totp_setup_required") change({ mustSetUp: true });
}

/**
 * The file at this path of the API. Throws Refused or Unreachable.
 * @param {string} path
 * @returns {Promise<Blob>}
 */
export async function fetchFile(path) {
  await whenAllowed();
  const response = await fetch(path, {
    headers: { "X-Jack-Page": "1" },
    credentials: "same-origin",
  }).catch(() => {
    throw new Unreachable();
  });
  if (response.ok) return response.blob();
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 5;
  const problem = (await response.json().catch(() => ({}))).error ?? {};
  const refused = new Refused(response.status, problem, seconds);
  if (refused.status !== 429) throw refused;
  note(refused);
  return fetchFile(path);
}

/**
 * Whether the same call may work later.
 * @param {any} error
 */
export const isTransient = (error) =>
  error instanceof Unreachable || [401, 408, 429].includes(error.status) || error.status >= 500;

/**
 * Waits for all of these reads, also when one fails; throws the first transient error.
 * @param {any[]} reads
 */
export async function settleAll(reads) {
  const done = await Promise.allSettled(reads);
  const errors = done.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  errors
    .filter((error) => !(error instanceof Refused || error instanceof Unreachable))
    .forEach((error) => reportError(error));
  const failed = errors.find(isTransient);
  if (failed) throw failed;
}

/** Whether the rate limit leaves room this minute for calls that are not needed. */
export const hasSpareCalls = () => Date.now() > quietUntil && (left > 30 || Date.now() > leftUntil);

/** How long to call nothing, in milliseconds. */
export const backoff = () => Math.max(0, quietUntil - Date.now());

/**
 * An error as a sentence: by its reason, else its code; the API's own message only in English.
 * @param {any} error
 */
export function explain(error) {
  if (error instanceof Unreachable) return t("unreachable");
  if (!(error instanceof Refused)) return t("failed");
  if (hasText(`reasons.${error.reason}`)) return t(`reasons.${error.reason}`);
  if (TEXTS[error.code]) return t(TEXTS[error.code]);
  if (language === "en" && error.status < 500 && error.message) return error.message;
  return hasText(`errors.${error.code}`) ? t(`errors.${error.code}`) : t("failed");
}

/**
 * The error's details as {field: text}.
 * @param {{ details?: Api.Detail[] }} error
 * @returns {Record<string, string>}
 */
export const fieldErrors = (error) =>
  Object.fromEntries((error.details ?? []).map((detail) => [detail.field, problemText(detail)]));

/** A function that gives a body its Idempotency-Key: the same for the same body, else a new one. */
export function idempotencyKeys() {
  let last = "";
  let key = "";
  /** @param {any} body */
  return (body) => {
    const now = JSON.stringify(body);
    if (now !== last) [last, key] = [now, newId()];
    return key;
  };
}

/** A random id of 32 hexadecimal digits. */
export const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
