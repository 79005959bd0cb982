// What is seldom done with a guest, behind three dots: never beside what is done every day.

import { t } from "../../shared/page.js";
import { Icon } from "../icons.js";
import { html, useRef } from "../preact.js";

/** @param {{ children: any }} props */
export function More({ children }) {
  const box = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  function close() {
    if (box.current) box.current.open = false;
  }
  /** @param {FocusEvent} event */
  function onFocusOut({ relatedTarget }) {
    if (relatedTarget && !box.current?.contains(/** @type {Node} */ (relatedTarget))) close();
  }
  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.key !== "Escape" || !box.current?.open) return;
    event.preventDefault();
    event.stopPropagation();
    close();
    box.current.querySelector("summary")?.focus();
  }
  return html`
    <details class="more-of-guest" ref=${box} onFocusOut=${onFocusOut} onKeyDown=${onKeyDown}>
      <summary class="icon" title=${t("moreActions")} aria-label=${t("moreActions")}>
        <${Icon} name="dots" />
      </summary>
      <div class="choices" onClick=${close}>${children}</div>
    </details>
  `;
}
