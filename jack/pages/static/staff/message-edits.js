// That a message was edited, and what stood in it before.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { moment } from "./format.js";

/** @param {{ id: string, details: Api.Details }} props */
export function Edited({ id, details: { edited = "", edits = [] } }) {
  const [open, setOpen] = useState(false);
  if (!edits.length) return html`<p class="edited">${t("edited")} · ${moment(edited)}</p>`;
  return html`
    <p class="edited">
      <button
        type="button"
        class="link"
        aria-expanded=${open ? "true" : "false"}
        aria-controls=${`edits-${id}`}
        onClick=${() => setOpen(!open)}
      >
        ${t("edited")} · ${moment(edited)}
      </button>
    </p>
    <ol class="edits" id=${`edits-${id}`} hidden=${!open} aria-label=${t("editedBefore")}>
      ${
        open &&
        edits.map(
          ({ at, content }) => html`
            <li key=${at}>
              <span class="hint">${t("stoodUntil", { time: moment(at) })}</span>
              <span class="text" dir="auto">${content}</span>
            </li>
          `,
        )
      }
    </ol>
  `;
}
