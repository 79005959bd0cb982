// Files of messages: fetched with the page's cookie, shown from memory, saved under their names.

import { PREFIX } from "../../shared/api.js";
import { t } from "../../shared/page.js";
import { explain, fetchFile } from "../request.js";
import { useEffect, useState } from "../preact.js";
import { number } from "../format.js";
import { notice } from "../store.js";

const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];
export const LARGEST = 4 * 1024 * 1024; // that is fetched without being asked for, in bytes
const KILOBYTE = 1024;

/**
 * Whether a file has come.
 * @param {Api.Attachment} file
 */
export const isReady = ({ status = "ready", url }) =>
  status === "ready" && Boolean(url?.startsWith(`${PREFIX}/`));

/**
 * Where the picture is that a browser shows of a file, and its type; null where it shows none.
 * @param {Api.Attachment} file
 */
export function picture({ url, mime, size, previewUrl }) {
  if (previewUrl) return { url: previewUrl, mime: "image/jpeg", size: 0 };
  return SHOWN.includes(mime) ? { url, mime, size: size ?? 0 } : null;
}

/**
 * The object URL of a file, "" until it has been fetched.
 * @param {string | null | undefined} url
 * @param {string} mime
 * @param {boolean} wanted
 */
export function useObjectUrl(url, mime, wanted) {
  const [found, setFound] = useState("");
  useEffect(() => {
    if (!wanted || !url) return undefined;
    let made = "";
    let gone = false;
    fetchFile(url).then(
      (blob) => {
        if (gone) return;
        made = URL.createObjectURL(new Blob([blob], { type: mime }));
        setFound(made);
      },
      () => {}, // its name remains, with which it can be fetched again
    );
    return () => {
      gone = true;
      setFound("");
      if (made) URL.revokeObjectURL(made);
    };
  }, [wanted, url]);
  return found;
}

/**
 * 12 kB, 3.4 MB.
 * @param {number | null} size
 */
export function sizeText(size) {
  if (!size) return "";
  const kilobytes = Math.ceil(size / KILOBYTE);
  if (kilobytes < KILOBYTE) return t("kilobytes", { count: number(kilobytes) });
  return t("megabytes", { count: number(Math.round((kilobytes / KILOBYTE) * 10) / 10) });
}

/**
 * Saves a file under its name, as a type that no browser opens.
 * @param {Api.Attachment} file
 */
export async function save(file) {
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
