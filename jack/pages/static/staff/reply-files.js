// The files of a reply.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { explain, request } from "./request.js";
import { notice } from "./store.js";

/** @typedef {(change: (was: Api.Attachment[]) => Api.Attachment[]) => void} ChangeFiles */

/**
 * The files to send.
 * @param {{ files: Api.Attachment[], onChange: ChangeFiles }} props
 */
export const Files = ({ files, onChange }) => html`
  <ul class="files">
    ${files.map(
      (file) => html`
        <li key=${file.id}>
          <span dir="auto">${file.name}</span>
          ${" "}
          <button
            type="button"
            class="link"
            onClick=${() => onChange((was) => was.filter(({ id }) => id !== file.id))}
          >
            ${t("remove")}
          </button>
        </li>
      `,
    )}
  </ul>
`;

/**
 * Uploads files; one that the channel does not take is refused, with what to do instead.
 * @param {object} props
 * @param {string} props.id
 * @param {ChangeFiles} props.onChange
 */
export function Attach({ id, onChange }) {
  const [busy, setBusy] = useState(false);
  /** @param {Event & { target: HTMLInputElement }} event */
  async function upload({ target }) {
    setBusy(true);
    for (const file of target.files ?? []) {
      const body = new FormData();
      body.append("conversationId", id);
      body.append("file", file);
      try {
        const { data } = await request("POST", "/attachments", { body });
        onChange((was) => [...was, data]);
      } catch (error) {
        notice(`${file.name}: ${explain(error)}`, "bad");
      }
    }
    target.value = "";
    setBusy(false);
  }
  return html`
    <label class="attach" aria-busy=${busy ? "true" : undefined}>
      <span class="unseen">${t("attach")}</span>
      <${Icon} name="clip" />
      <input type="file" multiple onChange=${upload} />
    </label>
  `;
}
