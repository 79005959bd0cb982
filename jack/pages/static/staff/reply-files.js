// The files of a reply.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { Icon } from "./icons.js";
import { notice } from "./store.js";

/** @typedef {import("./uploads.js").ChangeFiles} ChangeFiles */

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
 * The button that asks for files.
 * @param {{ uploads: ReturnType<typeof import("./uploads.js").useUploads> }} props
 */
export function Attach({ uploads: { busy, upload } }) {
  /** @param {Event & { target: HTMLInputElement }} event */
  async function chosen({ target }) {
    await upload(target.files ?? []);
    target.value = "";
  }
  return html`
    <label class="attach" aria-busy=${busy ? "true" : undefined}>
      <span class="unseen">${t("attach")}</span>
      <${Icon} name="clip" />
      <input type="file" multiple onChange=${chosen} />
    </label>
  `;
}

/**
 * Whether an event comes from a dialog that is open inside the form, which has its own files.
 * @param {{ target: Node, currentTarget: Element }} event
 */
const inDialog = ({ target, currentTarget }) =>
  [...currentTarget.querySelectorAll("dialog")].some((dialog) => dialog.contains(target));

/**
 * What a form needs so that files are pasted into it and dropped on it. Where it takes none that is
 * said: a browser would leave the page for a file that is dropped.
 * @param {((files: File[]) => void) | null} take
 */
export function droppable(take) {
  /** @param {Event & { currentTarget: HTMLElement }} event @param {boolean} over */
  const mark = ({ currentTarget }, over) => currentTarget.classList.toggle("dropping", over);
  /** @param {any} event @param {DataTransfer | null} data */
  function taken(event, data) {
    const files = [...(data?.files ?? [])];
    if (!files.length || inDialog(event)) return;
    event.preventDefault();
    mark(event, false);
    if (take) take(files);
    else notice(t("noFilesHere"), "bad");
  }
  return {
    /** @param {any} event */
    onPaste: (event) => {
      // A spreadsheet brings its cells as text, and a picture of them.
      if (!event.clipboardData?.getData("text/plain")) taken(event, event.clipboardData);
    },
    /** @param {any} event */
    onDrop: (event) => taken(event, event.dataTransfer),
    /** @param {any} event */
    onDragOver: (event) => {
      if (!event.dataTransfer?.types.includes("Files") || inDialog(event)) return;
      event.preventDefault();
      mark(event, Boolean(take));
    },
    /** @param {any} event */
    onDragLeave: (event) => mark(event, false),
  };
}
