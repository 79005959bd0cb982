// The pictures of a conversation, one at a time and as large as the window: arrow keys lead on.

import { t } from "../../shared/page.js";
import { html, useEffect, useState } from "../preact.js";
import { cached } from "../conversation-cache.js";
import { Dialog, SmallButton } from "../components.js";
import { isReady, picture, save, useObjectUrl } from "./file-url.js";

/** @param {string} conversationId */
const pictures = (conversationId) =>
  ((conversationId && cached(conversationId).messages) || [])
    .flatMap(({ attachments }) => attachments ?? [])
    .filter((file) => isReady(file) && picture(file));

/** @param {{ conversationId: string, file: Api.Attachment, onClose: () => void }} props */
export function Viewer({ conversationId, file, onClose }) {
  const [id, setId] = useState(file.id);
  const all = pictures(conversationId);
  const place = all.findIndex((one) => one.id === id);
  const shown = all[place] ?? file;
  const found = picture(shown);
  const source = useObjectUrl(found?.url, found?.mime ?? "", true);
  /** @param {number} step */
  const go = (step) => all[place + step] && setId(all[place + step].id);
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    function onKey(event) {
      if (event.key === "ArrowLeft") go(-1);
      if (event.key === "ArrowRight") go(1);
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return html`
    <${Dialog} title=${shown.name} onClose=${onClose}>
      <div class="viewer">
        ${
          source
            ? html`<img src=${source} alt=${shown.name} />`
            : html`<p class="hint" role="status">${t("fileComing")}</p>`
        }
        <div class="buttons">
          ${place > 0 && html`<${SmallButton} label=${t("pictureBefore")} onClick=${() => go(-1)} />`}
          ${
            place < all.length - 1 &&
            html`<${SmallButton} label=${t("pictureAfter")} onClick=${() => go(1)} />`
          }
          <${SmallButton} label=${t("saveFile")} onClick=${() => save(shown)} />
        </div>
      </div>
    </${Dialog}>
  `;
}
