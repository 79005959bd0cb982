// A list over the reply box: its options are chosen by keys while the box keeps the focus.

/**
 * Tells a text box which option is chosen, for screen readers, and shows that option.
 * @param {HTMLTextAreaElement | null} box
 * @param {string} list the id of the list
 * @param {string | undefined} option the id of the option
 */
export function describe(box, list, option) {
  if (!box) return;
  box.setAttribute("aria-autocomplete", "list");
  if (option) {
    box.setAttribute("aria-controls", list);
    box.setAttribute("aria-activedescendant", option);
    document.getElementById(option)?.scrollIntoView({ block: "nearest" });
  } else {
    box.removeAttribute("aria-controls");
    box.removeAttribute("aria-activedescendant");
  }
}

/**
 * The keys of a list: down and up move, others do what `does` says.
 * @param {{ count: number, at: number, move: (at: number) => void,
 *   does: Record<string, () => void> }} list
 * @returns {(event: KeyboardEvent) => boolean} whether the key was for the list
 */
export const keysOf = ({ count, at, move, does }) => {
  /** @type {Record<string, () => void>} */
  const all = {
    ArrowDown: () => move((at + 1) % count),
    ArrowUp: () => move((at + count - 1) % count),
    ...does,
  };
  return (event) => {
    const known = Object.hasOwn(all, event.key) && !event.shiftKey && !event.isComposing;
    if (!known) return false;
    event.preventDefault();
    event.stopPropagation();
    all[event.key]();
    return true;
  };
};
