// Questions that a long list asks line by line: when a line comes into sight, one after the other,
// and only while the rate limit leaves room.

import { useEffect, useRef } from "../preact.js";
import { hasSpareCalls } from "../request.js";

const PAUSE = 3000; // milliseconds, while no calls are to spare
let queue = Promise.resolve();

const pause = () => new Promise((resume) => setTimeout(resume, PAUSE));

/**
 * @param {() => Promise<void>} ask
 * @param {() => boolean} isWanted
 */
async function askLater(ask, isWanted) {
  while (isWanted() && !hasSpareCalls()) await pause();
  if (isWanted()) await ask().catch(() => undefined); // the list is of use without it
}

/**
 * Calls `ask` once the element of the ref is in sight and it is its turn, again with every
 * `version`; `isWanted()` says whether the answer still is.
 * @param {(isWanted: () => boolean) => Promise<void>} ask
 * @param {unknown} version
 */
export function useInSight(ask, version) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    let wanted = true;
    const isWanted = () => wanted;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      queue = queue.then(() => askLater(() => ask(isWanted), isWanted));
    });
    if (box.current) observer.observe(box.current);
    return () => {
      wanted = false;
      observer.disconnect();
    };
  }, [version]);
  return box;
}
