// The reply box: a reply or a note, stored as it is typed.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { getDraft, setDraft } from "./local-storage.js";
import { Suggestions } from "./suggestions.js";
import { lazy } from "./lazy.js";
import { QuotedNow, sendQuoting } from "./message-quote.js";
import { notice, state } from "./store.js";

const LONGEST = 4096;
const TemplatePicker = lazy(async () => (await import("./templates/picker.js")).TemplatePicker);

/**
 * Whether only a template may be sent: WhatsApp's 24 hours are over, or have never begun.
 * @param {Api.Conversation} conversation
 */
const isClosed = ({ channel, windowExpiresAt }) =>
  channel === "whatsapp" && !(windowExpiresAt && Date.parse(windowExpiresAt) > Date.now());

const SmsCount = lazy(async () => {
  const { SmsCount: found } = await import("./sms/sms-count.js");
  return found;
}, true);

/**
 * The text box and its draft.
 * @param {string} id
 */
function useDraft(id) {
  const [{ text, note }, setValue] = useState(() => getDraft(id));
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const sent = useRef(false); // until something is typed: a second click sends nothing
  useEffect(() => {
    sent.current = false;
    setValue(getDraft(id));
  }, [state.edited]);
  useLayoutEffect(() => {
    if (!box.current) return;
    box.current.style.height = "auto";
    box.current.style.height = `${Math.min(box.current.scrollHeight + 2, innerHeight * 0.35)}px`;
  }, [text]);
  /** @param {string} value */
  function write(value, asNote = note) {
    sent.current = false;
    setValue({ text: value, note: asNote });
    setDraft(id, value, asNote);
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
    setValue({ text: "", note: false });
    setDraft(id, "", false);
    box.current?.focus();
  }
  return { text, note, box, sent, write, insert, clear };
}

/** @param {{ conversation: Api.Conversation, messages: Api.Message[] | null }} props */
export function Reply({ conversation, messages }) {
  const { id, answerable, channel } = conversation;
  const draft = useDraft(id);
  const { text, note, sent, insert, clear } = draft;
  const [files, setFiles] = useState(/** @type {Api.Attachment[]} */ ([]));
  const closed = answerable && isClosed(conversation);
  const canSend = answerable && !closed;
  const asNote = note || !canSend;
  const over = [...text].length - LONGEST;
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if ((!text.trim() && !files.length) || sent.current || over > 0) return;
    const attachmentIds = asNote ? [] : files.map((file) => file.id);
    sendQuoting(id, { content: text, type: asNote ? "note" : "text", attachmentIds });
    setFiles([]);
    clear();
  }
  const attach = !asNote && messages?.some((message) => "attachments" in message);
  return html`
    <form class=${asNote ? "reply noting" : "reply"} onSubmit=${submit}>
      <${Suggestions} id=${id} messages=${messages} onInsert=${insert} />
      <${Kinds} canSend=${canSend} asNote=${asNote} draft=${draft} />
      ${closed && html`<${Closed} conversation=${conversation} />`}
      ${!answerable && html`<${Unanswerable} guest=${conversation.guest} />`}
      <${QuotedNow} id=${id} />
      <div class="line">
        <${Box} draft=${draft} asNote=${asNote} over=${over} submit=${submit} />
        ${attach && html`<${Attach} id=${id} onChange=${setFiles} />`}
        <button type="submit">${asNote ? t("saveNote") : t("send")}</button>
      </div>
      ${!asNote && html`<${Cost} channel=${channel} text=${text} files=${files} />`}
      ${files.length > 0 && html`<${Files} files=${files} onChange=${setFiles} />`}
      <${TooLong} over=${over} />
    </form>
  `;
}

/** @param {{ channel: Api.Channel, text: string, files: Api.Attachment[] }} props */
const Cost = ({ channel, text, files }) =>
  channel === "sms" && html`<${SmsCount} text=${text.trim() && text} files=${files.length > 0} />`;

/** @param {{ guest: Api.Conversation["guest"] }} props */
const Unanswerable = ({ guest }) => html`
  <p class="notice" dir="auto">
    ${guest ? t("takesNoReplies", { name: guest.name }) : t("erasedAbout")}
  </p>
`;

/** @param {{ over: number }} props */
const TooLong = ({ over }) =>
  over > 0 &&
  html`
    <p class="problem" id="too-long" role="alert">${t("tooLong", { count: over })}</p>
  `;

/**
 * Whether to write a reply or a note.
 * @param {{ canSend: boolean, asNote: boolean, draft: ReturnType<typeof useDraft> }} props
 */
function Kinds({ canSend, asNote, draft: { text, box, write } }) {
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
      <span class="hint">${asNote ? t("noteHint") : t("replyHint")}</span>
    </div>
  `;
}

/**
 * The reply window is closed: only a template can be sent.
 * @param {{ conversation: Api.Conversation }} props
 */
function Closed({ conversation: { id, windowExpiresAt } }) {
  const [template, setTemplate] = useState(false);
  const use = html`
    <button type="button" class="link" onClick=${() => setTemplate(true)}>
      ${t("useTemplate")}
    </button>
  `;
  return html`
    <div class="notice">
      <p>${t(windowExpiresAt ? "windowClosedAbout" : "windowNeverOpenedAbout")}</p>
      ${use}
      ${template && html`<${TemplatePicker} id=${id} onClose=${() => setTemplate(false)} />`}
    </div>
  `;
}

/**
 * @param {{ draft: ReturnType<typeof useDraft>, asNote: boolean, over: number,
 *   submit: (event: Event) => void }} props
 */
function Box({ draft: { text, box, write }, asNote, over, submit }) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) submit(event);
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
      enterkeyhint="send"
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
 * @param {{ files: Api.Attachment[], onChange: (files: Api.Attachment[]) => void }} props
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
            onClick=${() => onChange(files.filter((other) => other !== file))}
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
 * @param {(change: (was: Api.Attachment[]) => Api.Attachment[]) => void} props.onChange
 */
function Attach({ id, onChange }) {
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
