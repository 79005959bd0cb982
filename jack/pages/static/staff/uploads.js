// Files on their way to Jack: chosen, pasted or dropped.

import { useState } from "./preact.js";
import { explain, request } from "./request.js";
import { notice, notify } from "./store.js";

/** @typedef {(change: (was: Api.Attachment[]) => Api.Attachment[]) => void} ChangeFiles */

/** How many uploads go on, by conversation: also while another is open. @type {Map<any, number>} */
const going = new Map();

/** @param {any} key @param {number} by */
function count(key, by) {
  const many = (going.get(key) ?? 0) + by;
  if (many) going.set(key, many);
  else going.delete(key);
  notify();
}

/**
 * Uploads files, one after the other; what is refused is said. With a conversation a file that its
 * channel does not take is refused, with what to do instead.
 * @param {ChangeFiles} onChange
 * @param {string} [conversationId]
 */
export function useUploads(onChange, conversationId) {
  const [own] = useState({}); // where there is no conversation
  const key = conversationId ?? own;
  /** @param {Iterable<File>} files */
  async function upload(files) {
    count(key, 1);
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
    count(key, -1);
  }
  return {
    get busy() {
      return going.has(key);
    },
    upload,
  };
}
