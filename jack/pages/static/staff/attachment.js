// A file of a message. It is fetched with the page's cookie and shown or saved from here: pictures alone are shown.

import { fetched } from "../shared/api.js";
import { t } from "../shared/page.js";
import { explain } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { number } from "./format.js";
import { Icon } from "./icons.js";
import { notice } from "./store.js";

const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const LARGEST = 4 * 1024 * 1024; // to be shown without being asked for

export function Attachment({ file }) {
  const [picture, setPicture] = useState(null);
  const ready = (file.status ?? "ready") === "ready" && file.url?.startsWith("/api/v1/");
  const show = ready && SHOWN.includes(file.mime) && (file.size ?? 0) <= LARGEST;
  useEffect(() => {
    if (!show) return undefined;
    let made;
    let gone = false;
    fetched(file.url).then((blob) => {
      if (gone) return;
      made = URL.createObjectURL(new Blob([blob], { type: file.mime }));
      setPicture(made);
    }, () => {}); // its name remains, with which it can be tried again
    return () => { gone = true; if (made) URL.revokeObjectURL(made); };
  }, [show, file.url]);
  const size = file.size ? t("kilobytes", { count: number(Math.ceil(file.size / 1024)) }) : "";
  if (file.status === "failed") return html`<li class="file problem"><${Icon} name="warn" size=${16} /><span dir="auto">${file.name}</span> ${t("fileLost")}</li>`;
  if (!ready) return html`<li class="file"><${Icon} name="clock" size=${16} /><span dir="auto">${file.name}</span> ${t("fileComing")}</li>`;
  return html`<li class="file">${picture && html`<img src=${picture} alt=${file.name} />`}
    <${Icon} name="clip" size=${16} /><button type="button" class="link" dir="auto" onClick=${() => save(file)}>${file.name}</button> <span class="hint">${size}</span></li>`;
}

/** Hands a file over to be kept, under its own name and as nothing but a file. */
async function save(file) {
  try {
    const blob = await fetched(file.url);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    notice(explain(error), "bad");
  }
}
