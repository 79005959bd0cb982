// An attachment of a message. It is fetched with the page's cookie; only images are shown.

import { PREFIX } from "../shared/api.js";
import { t } from "../shared/page.js";
import { explain, fetchFile } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { number } from "./format.js";
import { Icon } from "./icons.js";
import { notice } from "./store.js";

const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const LARGEST = 4 * 1024 * 1024; // that is shown at once, in bytes

/**
 * The object URL of an image, "" until it has been fetched.
 * @param {Api.Attachment} file
 * @param {boolean} wanted
 */
function useImage({ url, mime }, wanted) {
  const [image, setImage] = useState("");
  useEffect(() => {
    if (!wanted || !url) return undefined;
    let made = "";
    let gone = false;
    fetchFile(url).then(
      (blob) => {
        if (gone) return;
        made = URL.createObjectURL(new Blob([blob], { type: mime }));
        setImage(made);
      },
      () => {}, // its name remains, with which it can be fetched again
    );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [wanted, url]);
  return image;
}

/** @param {{ file: Api.Attachment }} props */
export function Attachment({ file }) {
  const ready = (file.status ?? "ready") === "ready" && file.url?.startsWith(`${PREFIX}/`);
  const show = Boolean(ready) && SHOWN.includes(file.mime) && (file.size ?? 0) <= LARGEST;
  const image = useImage(file, show);
  const name = html`<span dir="auto">${file.name}</span>`;
  if (file.status === "failed") {
    return html`
      <li class="file problem"><${Icon} name="warn" size=${16} />${name} ${t("fileLost")}</li>
    `;
  }
  if (!ready) {
    return html`
      <li class="file"><${Icon} name="clock" size=${16} />${name} ${t("fileComing")}</li>
    `;
  }
  const size = file.size ? t("kilobytes", { count: number(Math.ceil(file.size / 1024)) }) : "";
  return html`
    <li class="file">
      ${image && html`<img src=${image} alt=${file.name} />`}
      <${Icon} name="clip" size=${16} />
      <button type="button" class="link" dir="auto" onClick=${() => save(file)}>
        ${file.name}
      </button>
      ${" "}
      <span class="hint">${size}</span>
    </li>
  `;
}

/**
 * Saves a file under its name, as a type that no browser opens.
 * @param {Api.Attachment} file
 */
async function save(file) {
  try {
    const blob = await fetchFile(file.url ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    notice(explain(error), "bad");
  }
}
