// What imports and exports share: asking how far the worker is, and saving a file.

import { PREFIX } from "../../shared/api.js";
import { explain, fetchFile, isTransient, request } from "../request.js";
import { useEffect, useState } from "../preact.js";
import { notice } from "../store.js";

const EVERY = 800; // milliseconds between two looks
const BOM = "\ufeff"; // without it Excel takes UTF-8 for something else

/**
 * The import or export at this path as it is now, asked again until it is over; null without path.
 * @param {string | null} path
 */
export function useJob(path) {
  const [job, setJob] = useState(/** @type {any} */ (null));
  useEffect(() => {
    setJob(null);
    if (!path) return undefined;
    let timer = 0;
    let gone = false;
    async function look() {
      try {
        const { data } = await request("GET", /** @type {string} */ (path));
        if (gone) return;
        setJob(data);
        if (isOver(data)) return;
      } catch (error) {
        if (gone) return;
        if (!isTransient(error)) {
          setJob({ status: "failed", error: explain(error), errors: [] });
          return;
        }
      }
      timer = setTimeout(look, EVERY);
    }
    look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [path]);
  return job;
}

/** @param {{ status: string }} job */
export const isOver = ({ status }) => !["queued", "running"].includes(status);

/**
 * Saves the file at this path of the API.
 * @param {string} path
 * @param {string} name
 */
export async function saveFile(path, name) {
  try {
    const blob = await fetchFile(PREFIX + path);
    const parts = name.endsWith(".csv") ? [BOM, blob] : [blob];
    saveBlob(new Blob(parts), name);
  } catch (error) {
    notice(explain(error), "bad");
  }
}

/**
 * Saves these bytes as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
