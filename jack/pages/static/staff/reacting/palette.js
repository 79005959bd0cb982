// The emojis the hotel puts on a guest's message: one at a time, taken back by the same button.

import { t } from "../../shared/page.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { explain, newId, request } from "../request.js";
import { reloadMessages } from "../conversation-cache.js";
import { notice } from "../store.js";

const EMOJIS = ["👍", "❤️", "😊", "🙏", "👌", "🎉"];

/**
 * @param {{ message: Api.Message, own: string | undefined, onClose: () => void }} props
 */
export function Palette({ message: { id, conversationId }, own, onClose }) {
  const [busy, setBusy] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => box.current?.querySelector("button")?.focus(), []);
  /** @param {string} emoji */
  async function choose(emoji) {
    if (busy) return;
    setBusy(true);
    try {
      const body = { emoji: emoji === own ? null : emoji };
      await request("PUT", `/messages/${id}/reaction`, { body, key: newId() });
      await reloadMessages(conversationId, [id]).catch(() => {}); // its event comes as well
    } catch (error) {
      notice(explain(error), "bad");
    }
    onClose();
  }
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  }
  return html`
    <span class="palette" role="group" aria-label=${t("react")} ref=${box} onKeyDown=${onKey}>
      ${EMOJIS.map(
        (emoji) => html`
          <button
            type="button"
            key=${emoji}
            aria-pressed=${emoji === own ? "true" : "false"}
            onClick=${() => choose(emoji)}
          >
            ${emoji}
          </button>
        `,
      )}
    </span>
  `;
}
