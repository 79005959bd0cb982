// The box of a reply: as high as its text, sent by a key.

import { t } from "../shared/page.js";
import { enterSends, sends } from "./enter-key.js";
import { html, useLayoutEffect } from "./preact.js";

/**
 * @typedef {object} Draft
 * @property {string} text
 * @property {import("preact").RefObject<HTMLTextAreaElement>} box
 * @property {{ current: ((event: KeyboardEvent) => boolean) | null }} keys
 * @property {(text: string) => void} write
 */

/**
 * A box as high as its text, up to a third of the window.
 * @param {import("preact").RefObject<HTMLTextAreaElement>} box
 * @param {string} text
 */
export function useHeight(box, text) {
  useLayoutEffect(() => {
    if (!box.current) return;
    box.current.style.height = "auto";
    box.current.style.height = `${Math.min(box.current.scrollHeight + 2, innerHeight * 0.35)}px`;
  }, [text]);
}

/**
 * @param {{ draft: Draft, channel: Api.Channel, asNote: boolean,
 *   over: number, submit: (event: Event) => void }} props
 */
export function Box({ draft: { text, box, keys, write }, channel, asNote, over, submit }) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (keys.current?.(event)) return;
    if (sends(event, channel)) submit(event);
    if (event.key === "Escape") box.current?.blur();
  }
  const label = asNote ? t("noteText") : t("replyText");
  return html`
    <label class="unseen" for="reply">${label}</label>
    <textarea
      id="reply"
      ref=${box}
      rows="2"
      dir="auto"
      enterkeyhint=${enterSends(channel) ? "send" : "enter"}
      value=${text}
      placeholder=${label}
      onInput=${(/** @type {any} */ event) => write(event.target.value)}
      onKeyDown=${onKey}
      aria-describedby=${over > 0 ? "too-long" : undefined}
      aria-invalid=${over > 0 ? "true" : undefined}
    ></textarea>
  `;
}
