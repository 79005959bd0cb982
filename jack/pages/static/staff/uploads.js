// Files on their way to Jack: chosen, pasted or dropped.

import { useState } from "./preact.js";
import { explain, request } from "./request.js";
import { notice } from "./store.js";

/** @typedef {(change: (was: Api.Attachment[]) => Api.Attachment[]) => void} ChangeFiles */

/**
 * Uploads files, one after the other; what is refused is said. With a conversation a file that its
 * channel does not take is refused, with what to do instead.
 * @param {ChangeFiles} onChange
 * @param {string} [conversationId]
 */
export function useUploads(onChange, conversationId) {
  const [busy, setBusy] = useState(false);
  /** @param {Iterable<File>} files */
  async function upload(files) {
    setBusy(true);
    for (const file of files) {
      const body = new FormData();
      if (conversationId) body.append("conversationId", conversationId);
      body.append("file", file);
      try {
        const { data } = await request("POST", "/attachments", { body });
        onChange((was) => [...was, data]);
      } catch (error) {
        notice(`${file.name}: ${explain(error)}`, "bad");
      }
    }
    setBusy(false);
  }
  return { busy, upload };
}
