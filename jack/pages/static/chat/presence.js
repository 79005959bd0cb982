// Whether the guest is here: window visible, panel open, recent input. It sets how often to poll.

const LIVELY = 2_500;
const QUIET = 20_000;
const IDLE = 120_000; // no input for so long: away
const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown", "focus"];
/** @type {(() => void)[]} */
const returns = [];
let open = true; // the panel; a page of its own is always open
let moved = Date.now();

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
export function setOpen(now) {
  if (open === now) return;
  open = now;
  moved = Date.now();
  notify();
}

function notify() {
  if (isVisible()) for (const run of returns) run();
}

for (const sign of SIGNS) addEventListener(sign, noteActivity, { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  moved = Date.now();
  notify();
});
