// Whether the guest sees the chat, which sets how often to poll; and the messages between a frame
// and the page that shows it (widget.js): {open, focus, kept, shared, locked} from the page and
// {ready, texts, close, unread, begun, language, keep, lock, unlock} to it. Where a frame has no
// storage, the page stores (`keep`, `kept`), tells what another tab of the site has changed
// (`shared`), and lets one tab at a time begin a session (`lock`, `locked`, `unlock`).

import { hasNoStorage, keepWith, takeOver } from "./memory.js";
import { $ } from "../shared/page.js";

const LIVELY = 2_500;
const QUIET = 20_000;
const IDLE = 120_000; // no input for so long: away
const LOCK = 5_000; // a tab that does not let go is not waited for
const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown", "focus"];
/** @type {(() => void)[]} */
const returns = [];
let open = true; // the panel; a page of its own is always open
let moved = Date.now();
const framed = window.parent !== window;
const sites = [location.origin, ...JSON.parse(document.body.dataset.sites ?? "[]")];
const touch = matchMedia("(hover: none)");
/** @type {string | null} */
let site = null; // the page's origin, known from its first message
/** @type {Record<string, any>} */
let last = {};
let resolveReady = () => {};
let resolveLocked = () => {};
let whenShared = () => {};

/** Whether the guest can see the chat. */
export const isVisible = () => open && !document.hidden;

/** Milliseconds until the next poll. */
export const pollInterval = () => (isVisible() && Date.now() - moved < IDLE ? LIVELY : QUIET);

/**
 * Calls `run` when the guest comes back or becomes active again.
 * @param {() => void} run
 */
export const onReturn = (run) => returns.push(run);

/** Notes activity: polling is frequent again. */
export function noteActivity() {
  const idle = Date.now() - moved >= IDLE;
  moved = Date.now();
  if (idle) notify();
}

/** @param {boolean} now the panel was opened or closed */
function setOpen(now) {
  if (open === now) return;
  open = now;
  moved = Date.now();
  notify();
}

function notify() {
  if (isVisible()) for (const run of returns) run();
}

/**
 * Resolved once storage can be read: in a frame without its own, when the page has sent it.
 * @type {Promise<void>}
 */
export const storageReady = new Promise((resolve) => {
  resolveReady = resolve;
  if (!framed || !hasNoStorage()) resolve();
});

/**
 * Sends {unread} or {begun} to the page, only what has changed.
 * @param {object} news
 */
export function report(news) {
  const fresh = Object.entries(news).filter(([name, value]) => last[name] !== value);
  last = { ...last, ...news };
  if (fresh.length) post(Object.fromEntries(fresh));
}

/**
 * Calls `run` when another tab has changed what a frame without storage shares with it.
 * @param {() => void} run
 */
export function onShared(run) {
  whenShared = run;
}

/**
 * Does something that only one tab of this visitor may do at a time.
 * @param {() => Promise<void>} run
 */
export async function exclusively(run) {
  if (!hasNoStorage()) return locked(run);
  await new Promise((resolve) => {
    resolveLocked = () => resolve(null);
    if (site) post({ lock: true });
    else resolve(null);
    setTimeout(resolve, LOCK);
  });
  await run().finally(() => post({ unlock: true }));
}

/** @param {() => Promise<void>} run */
async function locked(run) {
  try {
    await (navigator.locks ? navigator.locks.request("jack.chat", run) : run());
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    await run(); // a browser that grants no locks here
  }
}

/** @param {object} news */
function post(news) {
  if (site) window.parent.postMessage({ jack: news }, site);
}

/** @param {MessageEvent} event */
function receive({ source, origin, data }) {
  if (source !== window.parent || !sites.includes(origin) || typeof data?.jack?.open !== "boolean")
    return;
  if (site === null) begin(origin, data.jack.kept);
  if (data.jack.shared && hasNoStorage()) {
    takeOver(data.jack.shared);
    if (data.jack.locked) resolveLocked();
    whenShared();
  }
  setOpen(data.jack.open);
  if (data.jack.open && data.jack.focus) focusInside();
}

/**
 * The page has shown itself, with what it has stored.
 * @param {string} origin
 * @param {any} kept
 */
function begin(origin, kept) {
  site = origin;
  if (hasNoStorage()) {
    takeOver(Object(kept));
    keepWith((name, value) => post({ keep: { name, value } }));
  }
  resolveReady();
  const texts = JSON.parse(document.body.dataset.widget ?? "null");
  post({ ready: true, texts, ...last });
}

/** Focuses the text box or the name field; on touch devices the title, without a keyboard. */
function focusInside() {
  const fields = touch.matches ? [] : [$("text"), $("name")];
  (fields.find((field) => field.offsetParent) ?? $("title")).focus();
}

/**
 * Keeps the Tab key inside the panel.
 * @param {KeyboardEvent} event
 */
function goRound(event) {
  const all = document.querySelectorAll("button, input, select, textarea, [tabindex='0']");
  const places = /** @type {HTMLInputElement[]} */ ([...all]).filter(
    (place) => place.offsetParent && !place.disabled,
  );
  const [from, to] = event.shiftKey ? [places[0], places.at(-1)] : [places.at(-1), places[0]];
  const focused = places.find((place) => place === document.activeElement);
  if (focused && focused !== from) return;
  event.preventDefault();
  to?.focus();
}

for (const sign of SIGNS) addEventListener(sign, noteActivity, { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  moved = Date.now();
  notify();
});

if (framed) {
  setOpen(false);
  addEventListener("message", receive);
  $("close")?.addEventListener("click", () => post({ close: true }));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) post({ close: true });
    if (event.key === "Tab") goRound(event);
  });
}
