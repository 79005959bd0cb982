// Calls to Jack's API. An answer is its envelope; a refusal and a lost connection are errors of their own.

const PREFIX = "/api/v1";
const PATIENCE = 15_000;

/** Jack said no: status, code, reason, details [{field, message}], and retryAfter in seconds. */
export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(error.message);
    Object.assign(this, { status, code: error.code, reason: error.reason, details: error.details ?? [], retryAfter });
  }
}

/** Nobody knows whether the call arrived. */
export class Unreachable extends Error {}

/**
 * The envelope of the answer, with its ETag as `tag` and the calls that are `left` this minute; null when it is still
 * what `tag` says. `page` signs the call with the page's cookie, `match` is an If-Match, `key` an Idempotency-Key.
 */
export async function call(method, path, { body, token, tag, page, match, key } = {}) {
  const headers = { Accept: "application/json" };
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (tag) headers["If-None-Match"] = tag;
  if (page) headers["X-Jack-Page"] = "1";
  if (match) headers["If-Match"] = match;
  if (key) headers["Idempotency-Key"] = key;
  const request = { method, headers, body: form ? body : body && JSON.stringify(body), credentials: page ? "same-origin" : "omit" };
  const { response, answer } = await asked(PREFIX + path, request);
  if (response.status === 304) return null;
  if (response.ok && answer.success) {
    return { ...answer, tag: response.headers.get("ETag"), left: Number(response.headers.get("X-RateLimit-Remaining") ?? 100) };
  }
  const seconds = Number.parseInt(response.headers.get("Retry-After"), 10);
  throw new Refused(response.status, answer.error ?? {}, seconds > 0 ? seconds : 5);
}

/** A file of Jack's, saved under its name: it is nobody's without the token, so a plain link would not do. */
export async function save({ url, name }, token) {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" }).catch(() => null);
  if (!response?.ok) throw new Unreachable();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What is under a path of the API, for the page: a Blob. */
export async function fetched(path) {
  const response = await fetch(path, { headers: { "X-Jack-Page": "1" }, credentials: "same-origin" }).catch(() => { throw new Unreachable(); });
  if (response.ok) return response.blob();
  throw new Refused(response.status, (await response.json().catch(() => ({}))).error ?? {}, 5);
}

async function asked(url, request) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const response = await fetch(url, { ...request, cache: "no-store", signal: patience.signal });
    // Something in between that answers with a page of its own is as good as no connection.
    return { response, answer: response.status === 304 ? {} : await response.json() };
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}
