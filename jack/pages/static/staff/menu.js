// A button ⋯ that shows more buttons.

import { html, useEffect, useRef, useState } from "./preact.js";

/**
 * Closed by a choice, by Escape, or by a tap elsewhere; the focus is on ⋯ then, so that a dialog
 * which a choice opens gives it back there.
 * @param {{ label: string, items: [label: string, act: () => void][] }} props
 */
export function Menu({ label, items }) {
  const [open, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => {
    if (!open) return undefined;
    root.current?.querySelector("li button")?.scrollIntoView({ block: "nearest" });
    /** @param {Event} event */
    function beside({ target }) {
      if (!root.current?.contains(/** @type {Node} */ (target))) setOpen(false);
    }
    document.addEventListener("pointerdown", beside);
    return () => document.removeEventListener("pointerdown", beside);
  }, [open]);
  function turn(to = !open) {
    button.current?.focus(); // Safari focuses no button that is clicked
    setOpen(to);
  }
  const close = () => turn(false);
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!open || event.key !== "Escape") return;
    event.preventDefault(); // a dialog it stands in remains
    event.stopPropagation();
    close();
  }
  return html`
    <div class="menu" ref=${root} onKeyDown=${onKey}>
      <button
        type="button"
        class="quiet small"
        ref=${button}
        aria-label=${label}
        aria-expanded=${open ? "true" : "false"}
        onClick=${() => turn()}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      ${open && html`<${Items} items=${items} onChosen=${close} />`}
    </div>
  `;
}

/** @param {{ items: [label: string, act: () => void][], onChosen: () => void }} props */
function Items({ items, onChosen }) {
  /** @param {() => void} act */
  function choose(act) {
    onChosen();
    act();
  }
  return html`
    <ul>
      ${items.map(
        ([name, act]) => html`
          <li key=${name}>
            <button type="button" onClick=${() => choose(act)}>${name}</button>
          </li>
        `,
      )}
    </ul>
  `;
}
