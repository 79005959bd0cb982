// Leaving what has been typed: it asks where something cannot be kept, and nowhere else.

import { change } from "./store.js";

/** Forms with something in them that is kept nowhere. @type {Set<Element>} */
const losing = new Set();

/**
 * Says whether a form holds something that leaving would lose.
 * @param {Element | null} form
 * @param {boolean} loses
 */
export function setLosing(form, loses) {
  if (form && loses) losing.add(form);
  else if (form) losing.delete(form);
}

/**
 * Whether leaving this part of the page loses something.
 * @param {Element} [within]
 */
export const wouldLose = (within = document.body) =>
  [...losing].some((form) => form.isConnected && within.contains(form));

/**
 * Calls `act`, which leaves this part of the page; asks first when that loses something.
 * @param {() => void} act
 * @param {Element} [within]
 */
export function leave(act, within = document.body) {
  if (!wouldLose(within)) {
    act();
    return;
  }
  change({
    leaving: () => {
      losing.clear();
      act();
    },
  });
}

addEventListener("beforeunload", (event) => {
  if (wouldLose()) event.preventDefault();
});
