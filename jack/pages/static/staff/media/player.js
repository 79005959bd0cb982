// A sound or a video, to be played: a small one is fetched at once, a large one when asked for.

import { t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { LARGEST, sizeText, useObjectUrl } from "./file-url.js";

/** @param {{ file: Api.Attachment, label: string }} props */
export function Player({ file, label }) {
  const [wanted, setWanted] = useState((file.size ?? 0) <= LARGEST);
  const source = useObjectUrl(file.url, file.mime, wanted) || undefined;
  if (!wanted) {
    return html`
      <button type="button" class="quiet small" onClick=${() => setWanted(true)}>
        ${t("loadFile", { size: sizeText(file.size) })}
      </button>
    `;
  }
  return file.mime.startsWith("video/")
    ? html`<video controls preload="metadata" src=${source} aria-label=${label}></video>`
    : html`<audio controls preload="metadata" src=${source} aria-label=${label}></audio>`;
}
