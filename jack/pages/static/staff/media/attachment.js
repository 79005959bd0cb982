// An attachment of a message: a picture to look at, a sound or video to play, else name and size.

import { t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { Icon } from "../icons.js";
import { LARGEST, isReady, picture, save, sizeText, useObjectUrl } from "./file-url.js";
import { lazy } from "../lazy.js";
import { kindOf, mediaWords } from "../media-words.js";

const Player = lazy(async () => (await import("./player.js")).Player);
const Viewer = lazy(async () => (await import("./viewer.js")).Viewer);
/** @type {Record<string, string>} */
const ICONS = { photo: "picture", voice: "sound", audio: "sound", video: "video" };

/**
 * @typedef {{ file: Api.Attachment, conversationId: string, voice?: boolean }} Props
 * `voice`: the message says that it is a voice note
 */

/** @param {Props} props */
export function Attachment({ file, conversationId, voice }) {
  const name = html`<span dir="auto">${file.name}</span>`;
  if (file.status === "failed") {
    return html`
      <li class="file problem"><${Icon} name="warn" size=${16} />${name} ${t("fileLost")}</li>
    `;
  }
  if (!isReady(file)) {
    return html`
      <li class="file"><${Icon} name="clock" size=${16} />${name} ${t("fileComing")}</li>
    `;
  }
  const kind = kindOf(file, voice);
  const plays = kind === "voice" || kind === "audio" || kind === "video";
  const words = mediaWords({ kind, count: 1, seconds: file.duration ?? null, name: null });
  return html`
    <li>
      ${picture(file) && html`<${Picture} file=${file} conversationId=${conversationId} />`}
      ${plays && html`<${Player} file=${file} label=${words} />`}
      <p class="file">
        <${Icon} name=${ICONS[kind] ?? "clip"} size=${16} />
        ${plays && html`<span class="length">${words}</span>`}
        <button type="button" class="link" dir="auto" onClick=${() => save(file)}>
          ${file.name}
        </button>
        ${" "}
        <span class="hint">
          ${file.mime === "application/pdf" && "PDF · "}${sizeText(file.size)}
        </span>
      </p>
    </li>
  `;
}

/**
 * A picture, which opens the viewer; a large one only its way there.
 * @param {Props} props
 */
function Picture({ file, conversationId }) {
  const found = picture(file);
  const [opened, setOpened] = useState(false);
  const small = (found?.size ?? 0) <= LARGEST;
  const source = useObjectUrl(found?.url, found?.mime ?? "", small);
  const label = t("showPicture", { name: file.name });
  const large = html`
    <button type="button" class="quiet small" onClick=${() => setOpened(true)}>${label}</button>
  `;
  return html`
    ${
      source &&
      html`
        <button type="button" class="picture" aria-label=${label} onClick=${() => setOpened(true)}>
          <img src=${source} alt=${file.name} />
        </button>
      `
    }
    ${!small && large}
    ${
      opened &&
      html`
        <${Viewer}
          conversationId=${conversationId}
          file=${file}
          onClose=${() => setOpened(false)}
        />
      `
    }
  `;
}
