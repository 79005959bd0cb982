// The emojis on a message, and the way to put one there.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { moment } from "./format.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { canQuote } from "./message-quote.js";
import { cached } from "./conversation-cache.js";
import { authorName } from "./author-name.js";

const Palette = lazy(() => import("./reacting/palette.js").then((file) => file.Palette));

/** @param {{ reactions: Api.Reaction[] }} props */
export const Reactions = ({ reactions }) => html`
  <ul class="reactions" aria-label=${t("reactions")}>
    ${reactions.map(({ emoji, by, at, error }) => {
      const who = `${authorName(by)}, ${moment(at)}`;
      return html`
        <li key=${by.type} class=${error ? "failed" : ""} title=${error ? `${who}: ${error}` : who}>
          <span>${emoji}</span>
          <span class="unseen">${who}</span>
          ${error && html`<${Icon} name="warn" size=${14} /><span dir="auto">${error}</span>`}
        </li>
      `;
    })}
  </ul>
`;

/**
 * Whether the hotel can put an emoji on a message: by WhatsApp, as long as it may write freely.
 * @param {Api.Message} message
 */
export function canReact(message) {
  const until = cached(message.conversationId).conversation?.windowExpiresAt;
  return canQuote(message) && Date.parse(until ?? "") > Date.now();
}

/** @param {{ message: Api.Message }} props */
export function React({ message }) {
  const [open, setOpen] = useState(false);
  const own = message.reactions.find(({ by, error }) => by.type !== "guest" && !error)?.emoji;
  if (open) {
    return html`<${Palette} message=${message} own=${own} onClose=${() => setOpen(false)} />`;
  }
  return html`
    <button type="button" class="link" data-act="react" onClick=${() => setOpen(true)}>
      ${t("react")}
    </button>
  `;
}
