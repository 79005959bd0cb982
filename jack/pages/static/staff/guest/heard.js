// Reading again what an event has told of.

import { useEffect, useRef } from "../preact.js";

/**
 * Calls `reload` when the count, of `state.heard`, has grown.
 * @param {number} count
 * @param {() => void} reload
 */
export function useHeard(count, reload) {
  const known = useRef(count);
  useEffect(() => {
    if (known.current !== count) reload();
    known.current = count;
  }, [count]);
}
