// How pressing something is, in three steps: "" (there is time), "soon" (amber), "late" (red).

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * How long a guest has waited: less than 5 minutes, up to 15, longer.
 * @param {string} since
 */
export function waitingStep(since) {
  const waited = Date.now() - Date.parse(since);
  if (waited >= 15 * MINUTE) return "late";
  return waited >= 5 * MINUTE ? "soon" : "";
}

/**
 * How long WhatsApp still lets the hotel write freely: 4 hours or more, less, less than one.
 * @param {string} until
 */
export function windowStep(until) {
  const left = Date.parse(until) - Date.now();
  if (left < HOUR) return "late";
  return left < 4 * HOUR ? "soon" : "";
}
