// Whether the guest is here: the window in sight, the panel open, a hand moving now and then. How often Jack is asked
// depends on it.

const LIVELY = 2_500;
const QUIET = 20_000;
const IDLE = 120_000; // nothing has moved for so long: they are elsewhere
const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown", "focus"];
const returns = [];
let open = true; // the panel; a page of its own is always open
let moved = Date.now();

/** Whether the guest can see the chat. */
export const shown = () => open && !document.hidden;

/** How long to wait before Jack is asked again, in milliseconds. */
export const pace = () => (shown() && Date.now() - moved < IDLE ? LIVELY : QUIET);

/** Runs whenever the guest comes back, or begins to move again. */
export const onReturn = (run) => returns.push(run);

/** Something goes on: Jack is asked often again. */
export function stir() {
  const idle = Date.now() - moved >= IDLE;
  moved = Date.now();
  if (idle) come();
}

/** The panel was opened or closed. */
export function setOpen(now) {
  if (open === now) return;
  open = now;
  moved = Date.now();
  come();
}

function come() {
  if (shown()) for (const run of returns) run();
}

for (const sign of SIGNS) addEventListener(sign, stir, { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  moved = Date.now();
  come();
});
