// Calls to the API. Errors: Refused (an error response) and Unreachable (no response).

/** The path Jack is below (`/jack`), mostly empty: this file is `/static/…/shared/api.js`. */
export const BELOW = new URL("../../..", import.meta.url).pathname.slice(0, -1);
/** What the paths of the API begin with. */
export const PREFIX = `${BELOW}/api/v1`;
const PATIENCE = 15_000;
const PATIENCE_FOR_FILES = 600_000; // a large one over a slow line

/** An error response; `retryAfter` is in seconds. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Partial<Api.Problem>} error
   * @param {number} retryAfter
   */
  constructor(status, { code = "", message, reason, details = [] }, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

/** No response: the call may or may not have arrived. */
export class Unreachable extends Error {}

/**
 * The response's envelope, with its ETag as `tag` and the calls `left` this minute; null for 304.
 * `tag` is an If-None-Match, `match` an If-Match, `key` an Idempotency-Key; `page` uses the cookie;
 * `early` is what has been asked already; `keepalive` has it arrive although the page is left.
 * @param {string} method
 * @param {string} path
 * @param {Api.Options} options
 * @returns {Promise<Api.Answer>}
 */
export async function call(
  method,
  path,
  { body, token, tag, page, match, key, early, keepalive } = {},
) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (tag) headers["If-None-Match"] = tag;
  if (page) headers["X-Jack-Page"] = "1";
  if (match) headers["If-Match"] = match;
  if (key) headers["Idempotency-Key"] = key;
  const sent = {
    method,
    headers,
    body: form ? body : body && JSON.stringify(body),
    keepalive,
    /** @type {RequestCredentials} */
    credentials: page ? "same-origin" : "omit",
  };
  const { response, answer } = await fetchJson(PREFIX + path, sent, early);
  if (response.status === 304) return /** @type {any} */ (null);
  if (response.ok && answer.success) {
    return {
      ...answer,
      tag: response.headers.get("ETag"),
      left: Number(response.headers.get("X-RateLimit-Remaining") ?? 100),
    };
  }
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  throw new Refused(response.status, answer.error ?? {}, seconds > 0 ? seconds : 5);
}

/**
 * Saves a file under its name; a plain link would lack the token.
 * @param {{ url: string, name: string }} file
 * @param {string | null} token
 */
export async function save({ url, name }, token) {
  const response = await fetch(url, {
    headers: { Authorization: `Bearer ${token}` },
    credentials: "omit",
  }).catch(() => null);
  if (!response?.ok) throw new Unreachable();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * @param {string} url
 * @param {RequestInit} request
 * @param {Promise<Response>} [early]
 */
async function fetchJson(url, request, early) {
  const patience = new AbortController();
  const long = request.body instanceof FormData;
  const timer = setTimeout(() => patience.abort(), long ? PATIENCE_FOR_FILES : PATIENCE);
  try {
    const asked = { ...request, cache: /** @type {const} */ ("no-store"), signal: patience.signal };
    const response = await (early ?? fetch(url, asked));
    // A proxy's own page is no JSON and counts as no response.
    return { response, answer: response.status === 304 ? {} : await response.json() };
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}
