// The reply box: a reply or a note, stored as it is typed.

import { t } from "../shared/page.js";
import { cached } from "./conversation-cache.js";
import { explain, request } from "./request.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { getDraft, setDraft } from "./local-storage.js";
import { enterSends, sendHint, sends } from "./enter-key.js";
import { Meanwhile, useMeanwhile } from "./meanwhile.js";
import { Present, usePresence } from "./presence.js";
import { Suggestions } from "./suggestions.js";
import { TemplateForm } from "./template.js";
import { send } from "./send-queue.js";
import { notice, state } from "./store.js";

const LONGEST = 4096;

/**
 * A box as high as its text, up to a third of the window.
 * @param {import("preact").RefObject<HTMLTextAreaElement>} box
 * @param {string} text
 */
function useHeight(box, text) {
  useLayoutEffect(() => {
    if (!box.current) return;
    box.current.style.height = "auto";
    box.current.style.height = `${Math.min(box.current.scrollHeight + 2, innerHeight * 0.35)}px`;
  }, [text]);
}

/**
 * The text box and its draft.
 * @param {string} id
 */
function useDraft(id) {
  const [{ text, note, files, after }, setValue] = useState(() => getDraft(id));
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const sent = useRef(false); // until something is typed: a second click sends nothing
  useEffect(() => {
    sent.current = false;
    setValue(getDraft(id));
  }, [state.edited]);
  useHeight(box, text);
  /** @param {Partial<Staff.Draft>} part */
  function put(part) {
    const draft = { ...getDraft(id), text, note, ...part };
    if (!text && !files.length) draft.after = cached(id).messages?.at(-1)?.id ?? null;
    setValue(draft);
    setDraft(id, draft);
  }
  /** @param {string} value */
  function write(value, asNote = note) {
    sent.current = false;
    put({ text: value, note: asNote });
  }
  /** @param {(before: Api.Attachment[]) => Api.Attachment[]} changed */
  function setFiles(changed) {
    sent.current = false;
    put({ files: changed(getDraft(id).files) });
  }
  /** @param {string} words */
  function insert(words) {
    const { selectionStart: from = 0, selectionEnd: end = 0 } = box.current ?? {};
    const before = text.slice(0, from);
    const gap = before && !/\s$/.test(before) ? "\n" : "";
    write(`${before}${gap}${words}${text.slice(end)}`, false);
    box.current?.focus();
  }
  function clear() {
    sent.current = true;
    put({ text: "", note: false, files: [] });
    box.current?.focus();
  }
  return { text, note, files, after, setFiles, box, sent, write, insert, clear };
}

/** @param {{ conversation: Api.Conversation, messages: Api.Message[] | null }} props */
export function Reply({ conversation, messages }) {
  const { id, guestId, channel, windowExpiresAt } = conversation;
  const draft = useDraft(id);
  const { text, sent, files, setFiles, insert, clear } = draft;
  const closed = windowExpiresAt !== null && Date.parse(windowExpiresAt) < Date.now();
  const canSend = guestId !== null && !closed;
  const asNote = draft.note || !canSend;
  const over = [...text].length - LONGEST;
  const { mayGo, answer } = useMeanwhile(messages, draft.after);
  usePresence(id, text);
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if ((!text.trim() && !files.length) || sent.current || over > 0) return;
    if (!asNote && !mayGo()) return;
    const attachmentIds = asNote ? [] : files.map((file) => file.id);
    send(id, { content: text, type: asNote ? "note" : "text", attachmentIds });
    clear();
  }
  const attach = !asNote && messages?.some((message) => "attachments" in message);
  return html`
    <form class=${asNote ? "reply noting" : "reply"} onSubmit=${submit}>
      <${Suggestions} id=${id} messages=${messages} onInsert=${insert} />
      <${Kinds} ...${{ channel, canSend, asNote, draft }} />
      <${Notices} conversation=${conversation} closed=${closed} answer=${answer} />
      <div class="line">
        <${Box} ...${{ draft, channel, asNote, over, submit }} />
        ${
          attach &&
          html`
            <${Attach} onAdd=${(/** @type {any} */ file) => setFiles((was) => [...was, file])} />
          `
        }
        <button type="submit">
          ${asNote ? t("saveNote") : t(answer ? "sendAnyway" : "send")}
        </button>
      </div>
      <${Below} files=${files} onFiles=${setFiles} over=${over} />
    </form>
  `;
}

/**
 * @param {{ conversation: Api.Conversation, closed: boolean, answer: Api.Message | null }} props
 */
const Notices = ({ conversation, closed, answer }) => html`
  ${closed && html`<${Closed} id=${conversation.id} />`}
  <${Present} conversation=${conversation} />
  ${answer && html`<${Meanwhile} answer=${answer} />`}
  ${conversation.guestId === null && html`<p class="notice">${t("erasedAbout")}</p>`}
`;

/**
 * @param {{ files: Api.Attachment[], onFiles: ReturnType<typeof useDraft>["setFiles"],
 *   over: number }} props
 */
const Below = ({ files, onFiles, over }) => html`
  ${files.length > 0 && html`<${Files} files=${files} onChange=${onFiles} />`}
  ${over > 0 && html`<${TooLong} over=${over} />`}
`;

/** @param {{ over: number }} props */
const TooLong = ({ over }) => html`
  <p class="problem" id="too-long" role="alert">${t("tooLong", { count: over })}</p>
`;

/**
 * Whether to write a reply or a note.
 * @param {{ channel: Api.Channel, canSend: boolean, asNote: boolean,
 *   draft: ReturnType<typeof useDraft> }} props
 */
function Kinds({ channel, canSend, asNote, draft: { text, box, write } }) {
  /** @param {boolean} note */
  function choose(note) {
    write(text, note);
    box.current?.focus();
  }
  return html`
    <div class="kinds" role="group" aria-label=${t("kind")}>
      ${
        canSend &&
        html`
          <button
            type="button"
            aria-pressed=${asNote ? "false" : "true"}
            onClick=${() => choose(false)}
          >
            ${t("reply")}
          </button>
        `
      }
      <button
        type="button"
        id="as-note"
        aria-pressed=${asNote ? "true" : "false"}
        onClick=${() => choose(true)}
      >
        <${Icon} name="note" size=${16} />
        ${t("note")}
      </button>
      <span class="hint">${asNote ? t("noteHint") : sendHint(channel)}</span>
    </div>
  `;
}

/**
 * The reply window is closed: only a template can be sent.
 * @param {{ id: string }} props
 */
function Closed({ id }) {
  const [template, setTemplate] = useState(false);
  const use = html`
    <button type="button" class="link" onClick=${() => setTemplate(true)}>
      ${t("useTemplate")}
    </button>
  `;
  return html`
    <div class="notice">
      <p>${t("windowClosedAbout")}</p>
      ${template ? html`<${TemplateForm} id=${id} onClose=${() => setTemplate(false)} />` : use}
    </div>
  `;
}

/**
 * @param {{ draft: ReturnType<typeof useDraft>, channel: Api.Channel, asNote: boolean,
 *   over: number, submit: (event: Event) => void }} props
 */
function Box({ draft: { text, box, write }, channel, asNote, over, submit }) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (sends(event, channel)) submit(event);
    if (event.key === "Escape") box.current?.blur();
  }
  const label = asNote ? t("noteText") : t("replyText");
  return html`
    <label class="unseen" for="reply">${label}</label>
    <textarea
      id="reply"
      ref=${box}
      rows="2"
      dir="auto"
      enterkeyhint=${enterSends(channel) ? "send" : "enter"}
      value=${text}
      placeholder=${label}
      onInput=${(/** @type {any} */ event) => write(event.target.value)}
      onKeyDown=${onKey}
      aria-describedby=${over > 0 ? "too-long" : undefined}
      aria-invalid=${over > 0 ? "true" : undefined}
    ></textarea>
  `;
}

/**
 * The files to send.
 * @param {{ files: Api.Attachment[], onChange: ReturnType<typeof useDraft>["setFiles"] }} props
 */
const Files = ({ files, onChange }) => html`
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

/** @param {{ onAdd: (file: Api.Attachment) => void }} props */
function Attach({ onAdd }) {
  const [busy, setBusy] = useState(false);
  /** @param {Event & { target: HTMLInputElement }} event */
  async function upload({ target }) {
    setBusy(true);
    for (const file of target.files ?? []) {
      const body = new FormData();
      body.append("file", file);
      try {
        onAdd((await request("POST", "/attachments", { body })).data);
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
