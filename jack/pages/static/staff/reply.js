// The reply box: a reply or a note, stored as it is typed.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { Later } from "./later-button.js";
import { sendHint } from "./enter-key.js";
import { Meanwhile, useMeanwhile } from "./meanwhile.js";
import { Present, usePresence } from "./presence.js";
import { SendButton } from "./send-button.js";
import { Suggestions } from "./suggestions.js";
import { lazy } from "./lazy.js";
import { Box } from "./reply-box.js";
import { useDraft } from "./reply-draft.js";
import { Attach, droppable, Files } from "./reply-files.js";
import { useUploads } from "./uploads.js";
import { QuotedNow, sendQuoting, toSend } from "./message-quote.js";
import { notice } from "./store.js";

const LONGEST = 4096;
const TemplatePicker = lazy(async () => (await import("./templates/picker.js")).TemplatePicker);

/**
 * Whether only a template may be sent: WhatsApp's 24 hours are over, or have never begun.
 * @param {Api.Conversation} conversation
 */
const isClosed = ({ channel, windowExpiresAt }) =>
  channel === "whatsapp" && !(windowExpiresAt && Date.parse(windowExpiresAt) > Date.now());

const People = lazy(async () => (await import("./mentions/people.js")).People, true);

const Templates = lazy(
  async () => (await import("./message-templates/insert.js")).Templates,
  "message-templates/templates.css",
);

const SmsCount = lazy(async () => {
  const { SmsCount: found } = await import("./sms/sms-count.js");
  return found;
}, true);

/**
 * Whether a template is being looked for: a line that begins with a slash. `held.current`: it is
 * not sent, for the list of templates is not there yet, or takes the key.
 * @param {boolean} asNote
 * @param {string} text
 */
function usePicking(asNote, text) {
  const picking = !asNote && /^\/[^\n]*$/.test(text);
  const held = useRef(true);
  if (!picking) held.current = true;
  return { picking, held };
}

/** @param {{ conversation: Api.Conversation, messages: Api.Message[] | null }} props */
export function Reply({ conversation, messages }) {
  const { id, answerable, channel } = conversation;
  const draft = useDraft(id);
  const { text, sent, files, setFiles, insert, clear } = draft;
  const closed = answerable && isClosed(conversation);
  const canSend = answerable && !closed;
  const asNote = draft.note || !canSend;
  const over = [...text].length - LONGEST;
  const { mayGo, answer } = useMeanwhile(messages, draft.after);
  usePresence(id, text);
  const { picking, held } = usePicking(asNote, text);
  const uploads = useUploads(setFiles, id);
  const nothing = (!text.trim() && !files.length) || over > 0;
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (uploads.busy) notice(t("filesOnTheWay"), "bad");
    if (uploads.busy || nothing || sent.current || (picking && held.current)) return;
    if (asNote || mayGo()) go();
  }
  /** @param {Partial<Staff.ToSend>} [when] */
  function go(when) {
    sendQuoting(id, { ...toSend(asNote, text, files), ...when });
    clear();
  }
  const attach = !asNote && messages?.some((message) => "attachments" in message);
  const drop = droppable(attach ? uploads.upload : null);
  return html`
    <form class=${asNote ? "reply noting" : "reply"} onSubmit=${submit} ...${drop}>
      <${Suggestions} conversation=${conversation} messages=${messages} onInsert=${insert} />
      <${Kinds} ...${{ channel, canSend, asNote, draft }} />
      <${Notices} conversation=${conversation} closed=${closed} answer=${answer} />
      ${picking && html`<${Templates} key=${id} ...${{ draft, conversation, held }} />`}
      ${asNote && text.includes("@") && html`<${People} draft=${draft} />`}
      <${Line} ...${{ draft, conversation, asNote, over, submit, answer, attach, uploads }}>
        ${!asNote && html`<${Later} conversation=${conversation} off=${nothing || picking || uploads.busy} onSend=${go} />`}
      </${Line}>
      <${Below} ...${{ asNote, channel, text, files, setFiles, over }} />
    </form>
  `;
}

/**
 * The box, and what stands beside it.
 * @param {{ draft: ReturnType<typeof useDraft>, conversation: Api.Conversation, asNote: boolean,
 *   over: number, submit: (event: Event) => void, answer: Api.Message | null,
 *   attach: boolean | undefined, uploads: ReturnType<typeof useUploads>, children: any }} props
 */
const Line = ({
  draft,
  conversation,
  asNote,
  over,
  submit,
  answer,
  attach,
  uploads,
  children,
}) => html`
  <div class="line">
    <${Box} ...${{ draft, channel: conversation.channel, asNote, over, submit }} />
    ${attach && html`<${Attach} uploads=${uploads} />`}
    <${SendButton} asNote=${asNote} answer=${answer} />
    ${children}
  </div>
`;

/** @param {{ channel: Api.Channel, text: string, files: Api.Attachment[] }} props */
const Cost = ({ channel, text, files }) =>
  channel === "sms" && html`<${SmsCount} text=${text.trim() && text} files=${files.length > 0} />`;

/** @param {{ guest: Api.Conversation["guest"] }} props */
const Unanswerable = ({ guest }) => html`
  <p class="notice" dir="auto">
    ${guest ? t("takesNoReplies", { name: guest.name }) : t("erasedAbout")}
  </p>
`;

/**
 * @param {{ conversation: Api.Conversation, closed: boolean, answer: Api.Message | null }} props
 */
const Notices = ({ conversation, closed, answer }) => html`
  ${closed && html`<${Closed} conversation=${conversation} />`}
  <${Present} conversation=${conversation} />
  ${answer && html`<${Meanwhile} answer=${answer} />`}
  ${!conversation.answerable && html`<${Unanswerable} guest=${conversation.guest} />`}
  <${QuotedNow} id=${conversation.id} />
`;

/**
 * @param {{ asNote: boolean, channel: Api.Channel, text: string, files: Api.Attachment[],
 *   setFiles: ReturnType<typeof useDraft>["setFiles"], over: number }} props
 */
const Below = ({ asNote, channel, text, files, setFiles, over }) => html`
  ${!asNote && html`<${Cost} channel=${channel} text=${text} files=${files} />`}
  ${files.length > 0 && html`<${Files} files=${files} onChange=${setFiles} />`}
  <${TooLong} over=${over} />
`;

/** @param {{ over: number }} props */
const TooLong = ({ over }) =>
  over > 0 &&
  html`
    <p class="problem" id="too-long" role="alert">${t("tooLong", { count: over })}</p>
  `;

/**
 * Whether to write a reply or a note.
 * @param {{ channel: Api.Channel, canSend: boolean, asNote: boolean,
 *   draft: ReturnType<typeof useDraft> }} props
 */
function Kinds({ channel, canSend, asNote, draft: { text, box, write } }) {
  /** @param {boolean} note */
  function choose(note, typed = text) {
    write(typed, note);
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
      ${!asNote && !text && html`<${Slash} onClick=${() => choose(false, "/")} />`}
      <span class="hint">${asNote ? t("noteHint") : sendHint(channel)}</span>
    </div>
  `;
}

/** @param {{ onClick: () => void }} props */
const Slash = ({ onClick }) => html`
  <button type="button" class="link" onClick=${onClick}>${t("templates.title")}</button>
`;

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
