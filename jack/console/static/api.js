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

/** The envelope of the answer with its ETag as `tag`; null when it is still what `tag` says. */
export async function call(method, path, { body, token, tag } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (tag) headers["If-None-Match"] = tag;
  const { response, answer } = await asked(PREFIX + path, { method, headers, body: body && JSON.stringify(body) });
  if (response.status === 304) return null;
  if (response.ok && answer.success) return { ...answer, tag: response.headers.get("ETag") };
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

async function asked(url, request) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const response = await fetch(url, { ...request, cache: "no-store", credentials: "omit", signal: patience.signal });
    // Something in between that answers with a page of its own is as good as no connection.
    return { response, answer: response.status === 304 ? {} : await response.json() };
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}
