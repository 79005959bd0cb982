// The button that looks for words in the open conversation, and what it opens.

import { t } from "../shared/page.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { html, useRef, useState } from "./preact.js";

const Find = lazy(async () => (await import("./finding/find.js")).Find, "finding/find.css");

/** @param {{ id: string }} props */
export function FindButton({ id }) {
  const [open, setOpen] = useState(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  function close() {
    button.current?.focus();
    setOpen(false);
  }
  return html`
    <button
      type="button"
      class="icon"
      ref=${button}
      data-act="find"
      title=${t("find.open")}
      aria-label=${t("find.open")}
      aria-expanded=${open ? "true" : "false"}
      onClick=${() => setOpen(!open)}
    >
      <${Icon} name="search" />
    </button>
    ${open && html`<${Find} key=${id} id=${id} onClose=${close} />`}
  `;
}
