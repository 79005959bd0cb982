// A swipe to the end of the line, where fingers are: a quicker way to what a button does as well.

import { useRef, useState } from "./preact.js";

const FAR = 96; // pixels
const BEGUN = 12;

/**
 * What an element needs to be swiped; `null` where there is nothing to be done. `touch-action:
 * pan-y` has to stand in its style: up and down it scrolls.
 * @param {(() => void) | null} done
 */
export function useSwipe(done) {
  const from = useRef(/** @type {{ x: number, y: number } | null} */ (null));
  const [by, setBy] = useState(0);
  const forward = document.documentElement.dir === "rtl" ? -1 : 1;
  function end() {
    from.current = null;
    setBy(0);
  }
  /** @param {PointerEvent} event */
  function moved({ clientX, clientY }) {
    if (!from.current) return 0;
    const far = Math.max(0, (clientX - from.current.x) * forward);
    return far > BEGUN && far > 2 * Math.abs(clientY - from.current.y) ? far : 0;
  }
  if (!done) return {};
  return {
    style: by ? { transform: `translateX(${by * forward}px)` } : undefined,
    "data-swiped": by >= FAR ? "far" : undefined,
    /** @param {PointerEvent} event */
    onPointerDown: ({ pointerType, isPrimary, clientX, clientY }) => {
      if (pointerType === "touch" && isPrimary) from.current = { x: clientX, y: clientY };
    },
    /** @param {PointerEvent} event */
    onPointerMove: (event) => setBy(Math.min(moved(event), 2 * FAR)),
    /** @param {PointerEvent} event */
    onPointerUp: (event) => {
      if (moved(event) >= FAR) done();
      end();
    },
    onPointerCancel: end,
  };
}
