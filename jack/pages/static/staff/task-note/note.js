// The form of a note with which a task is completed or blocked; a completed one with photos.

import { t } from "../../shared/page.js";
import { Dialog } from "../components.js";
import { Check, Field } from "../forms.js";
import { Icon } from "../icons.js";
import { Kept, useKept } from "../kept-values.js";
import { html, useRef } from "../preact.js";
import { Files } from "../reply-files.js";
import { send } from "../send-queue.js";
import { notice, state } from "../store.js";
import { changeNewest } from "../task-data.js";
import { useUploads } from "../uploads.js";

/** @typedef {import("../task-card.js").Act} Act */

/**
 * What is typed into the form of a note.
 * @param {Api.Task} task
 * @param {Api.Task["status"]} status
 */
function useNote({ id, title }, status) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const initial = { note: "", tell: false, words: t("task.toldGuest", { title }), files: [] };
  const gone = useRef(false);
  const { values, put, ...kept } = useKept(initial, `${status}:${id}`, form);
  const { note, tell, words, files } = values;
  /** @type {(name: string) => (value: any) => void} */
  const set = (name) => (value) => put((before) => ({ ...before, [name]: value }));
  /** @type {import("../uploads.js").ChangeFiles} */
  function setFiles(changed) {
    if (gone.current) return; // uploaded for a form that is done with
    put((before) => ({ ...before, files: changed(before.files) }));
  }
  function forget() {
    gone.current = true;
    kept.forget();
  }
  return { form, note, tell, words, files, set, setFiles, forget, kept };
}

/**
 * @param {{ task: Api.Task, status: Api.Task["status"], act: Act, onClose: () => void }} props
 */
export function Note({ task, status, act, onClose }) {
  const { form, note, tell, words, files, set, setFiles, forget, kept } = useNote(task, status);
  const { busy, upload } = useUploads(setFiles);
  const completed = status === "completed";
  const canTell = completed && Boolean(task.conversationId);
  async function work() {
    const changed = await save(task, status, note.trim(), files);
    if (!changed) return null; // what went wrong is said; what was typed stands
    if (canTell && tell) sendWords(task, words.trim());
    finish();
    return changed;
  }
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (!busy) act(work); // a photo that is on its way would stay behind
  }
  function finish() {
    forget();
    onClose();
  }
  return html`
    <${Dialog} title=${t(completed ? "task.completeTitle" : "task.blockTitle")} onClose=${onClose}>
      <form onSubmit=${submit} ref=${form}>
        <p dir="auto"><b>${task.title}</b></p>
        <${Field}
          id="task-note"
          label=${t(completed ? "task.note" : "task.why")}
          name="note"
          rows="2"
          value=${note}
          onInput=${set("note")}
        />
        <${Photos} ...${{ files, busy, upload }} onChange=${setFiles} />
        ${canTell && html`<${TellGuest} ...${{ tell, words, set }} />`}
        <${NoteButtons} ...${{ completed, busy }} onClose=${finish} />
        <${Kept} ...${kept} />
      </form>
    </${Dialog}>
  `;
}

/**
 * What a colleague has noted or photographed since the card was read stays.
 * @param {Api.Task} task
 * @param {Api.Task["status"]} status
 * @param {string} note
 * @param {Api.Attachment[]} files
 */
function save(task, status, note, files) {
  return changeNewest(task, ({ notes, assignee, attachments }) => ({
    status,
    ...(note && { notes: withNote(notes ?? "", note) }),
    ...(files.length > 0 && { attachmentIds: withFiles(attachments, files) }),
    ...(!assignee && { assignee: state.me.id }),
  }));
}

/**
 * The notes with one more, unless it is there from an attempt whose answer was lost.
 * @param {string} notes
 * @param {string} note
 */
const withNote = (notes, note) =>
  `\n${notes}`.endsWith(`\n${note}`) ? notes : [notes, note].filter(Boolean).join("\n");

/**
 * @param {{ id: string }[]} there
 * @param {{ id: string }[]} files
 */
const withFiles = (there, files) => [...new Set([...there, ...files].map(({ id }) => id))];

/**
 * Tells the guest who asked for the task.
 * @param {Api.Task} task
 * @param {string} content
 */
function sendWords({ conversationId }, content) {
  if (!conversationId || !content) return;
  send(conversationId, { content, type: "text" });
  notice(t("task.told"));
}

/**
 * Photos: from the camera on a phone, from a folder elsewhere.
 * @param {{ files: Api.Attachment[], onChange: import("../uploads.js").ChangeFiles }
 *   & ReturnType<typeof useUploads>} props
 */
function Photos({ files, busy, upload, onChange }) {
  /** @param {Event & { target: HTMLInputElement }} event */
  async function chosen({ target }) {
    await upload(target.files ?? []);
    target.value = "";
  }
  return html`
    <div class="photos">
      <label class="photo" aria-busy=${busy ? "true" : undefined}>
        <${Icon} name="picture" size=${18} />
        <span>${t(busy ? "wait" : "task.photo")}</span>
        <input type="file" accept="image/*" multiple disabled=${busy} onChange=${chosen} />
      </label>
      ${files.length > 0 && html`<${Files} files=${files} onChange=${onChange} />`}
    </div>
  `;
}

/** @param {{ completed: boolean, busy: boolean, onClose: () => void }} props */
const NoteButtons = ({ completed, busy, onClose }) => html`
  <div class="buttons">
    <button type="submit" disabled=${busy}>
      ${t(busy ? "wait" : completed ? "task.done" : "task.block")}
    </button>
    <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
  </div>
`;

/**
 * Whether the guest is told, and the sentence that goes then: read before, and changed after it is
 * chosen.
 * @param {{ tell: boolean, words: string, set: (name: string) => (value: any) => void }} props
 */
const TellGuest = ({ tell, words, set }) => html`
  <${Check}
    label=${t("task.tellGuest")}
    checked=${tell}
    onChange=${set("tell")}
    aria-describedby=${tell ? undefined : "task-sentence"}
  />
  ${
    tell
      ? html`
          <${Field}
            id="task-words"
            label=${t("task.words")}
            name="words"
            rows="2"
            value=${words}
            onInput=${set("words")}
            maxlength="4096"
          />
        `
      : html`<p class="hint sentence" id="task-sentence" dir="auto">${words}</p>`
  }
`;
