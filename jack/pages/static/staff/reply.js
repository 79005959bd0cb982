// The box to answer in: a reply or a note, kept as it is typed; beside it what the hotel knows about the question.

import { t } from "../shared/page.js";
import { ask, explain, spare } from "./request.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { draft, keepDraft } from "./local-storage.js";
import { TemplateForm } from "./template.js";
import { send } from "./send-queue.js";
import { notice, state } from "./store.js";

const LONGEST = 4096;
const REST = 500;

export function Reply({ id, conversation, messages }) {
  const [{ text, note }, put] = useState(() => draft(id));
  const [files, setFiles] = useState([]);
  const [template, setTemplate] = useState(false);
  const box = useRef(null);
  const sent = useRef(false);
  const closed = conversation.windowExpiresAt && new Date(conversation.windowExpiresAt) < Date.now();
  const canSend = conversation.guestId !== null && !closed;
  const asNote = note || !canSend;
  useEffect(() => {
    sent.current = false;
    put(draft(id));
  }, [state.edited]);
  useLayoutEffect(() => {
    box.current.style.height = "auto";
    box.current.style.height = `${Math.min(box.current.scrollHeight + 2, innerHeight * 0.35)}px`;
  }, [text]);
  function write(value, kind = note) {
    sent.current = false;
    put({ text: value, note: kind });
    keepDraft(id, value, kind);
  }
  function submit(event) {
    event?.preventDefault();
    if ((!text.trim() && !files.length) || sent.current) return;
    if ([...text].length > LONGEST) return;
    sent.current = true; // until something is typed: a second click finds nothing to send
    send(id, { content: text, type: asNote ? "note" : "text", attachmentIds: asNote ? [] : files.map((file) => file.id) });
    put({ text: "", note: false });
    setFiles([]);
    keepDraft(id, "", false);
    box.current.focus();
  }
  function key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
    if (event.key === "Escape") box.current.blur();
  }
  function insert(words) {
    const { selectionStart: from, selectionEnd: end } = box.current;
    const before = text.slice(0, from);
    write(`${before}${before && !/\s$/.test(before) ? "\n" : ""}${words}${text.slice(end)}`, false);
    box.current.focus();
  }
  const over = [...text].length - LONGEST;
  return html`<form class=${asNote ? "reply noting" : "reply"} onSubmit=${submit}>
    <${Suggestions} id=${id} messages=${messages} onInsert=${insert} />
    <div class="kinds" role="group" aria-label=${t("kind")}>
      ${canSend && html`<button type="button" aria-pressed=${asNote ? "false" : "true"} onClick=${() => { write(text, false); box.current.focus(); }}>${t("reply")}</button>`}
      <button type="button" id="as-note" aria-pressed=${asNote ? "true" : "false"} onClick=${() => { write(text, true); box.current.focus(); }}><${Icon} name="note" size=${16} />${t("note")}</button>
      <span class="hint">${asNote ? t("noteHint") : t("replyHint")}</span></div>
    ${closed && html`<div class="notice"><p>${t("windowClosedAbout")}</p>${template ? html`<${TemplateForm} id=${id} onClose=${() => setTemplate(false)} />` : html`<button type="button" class="link" onClick=${() => setTemplate(true)}>${t("useTemplate")}</button>`}</div>`}
    ${conversation.guestId === null && html`<p class="notice">${t("erasedAbout")}</p>`}
    <div class="line"><label class="unseen" for="reply">${asNote ? t("noteText") : t("replyText")}</label>
      <textarea id="reply" ref=${box} rows="2" dir="auto" enterkeyhint="send" value=${text} placeholder=${asNote ? t("noteText") : t("replyText")} onInput=${(event) => write(event.target.value)} onKeyDown=${key} aria-describedby=${over > 0 ? "too-long" : undefined} aria-invalid=${over > 0 ? "true" : undefined}></textarea>
      ${!asNote && messages?.some((message) => "attachments" in message) && html`<${Attach} onAdd=${(file) => setFiles((before) => [...before, file])} />`}
      <button type="submit">${asNote ? t("saveNote") : t("send")}</button></div>
    ${files.length > 0 && html`<ul class="files">${files.map((file) => html`<li key=${file.id}><span dir="auto">${file.name}</span> <button type="button" class="link" onClick=${() => setFiles(files.filter((other) => other !== file))}>${t("remove")}</button></li>`)}</ul>`}
    ${over > 0 && html`<p class="problem" id="too-long" role="alert">${t("tooLong", { count: over })}</p>`}</form>`;
}

function Attach({ onAdd }) {
  const [busy, setBusy] = useState(false);
  async function picked({ target }) {
    setBusy(true);
    for (const file of target.files) {
      const body = new FormData();
      body.append("file", file);
      try {
        onAdd((await ask("POST", "/attachments", { body })).data);
      } catch (error) {
        notice(`${file.name}: ${explain(error)}`, "bad");
      }
    }
    target.value = "";
    setBusy(false);
  }
  return html`<label class="attach" aria-busy=${busy ? "true" : undefined}><span class="unseen">${t("attach")}</span><${Icon} name="clip" /><input type="file" multiple onChange=${picked} /></label>`;
}

// What a question is about is in its longer words, but not in these.
const SMALL = new Set(
  `about also been could from good have hello just like lovely more much need only please some take thank thanks that their them then there they this
  very want what when where which will with would your buenas buenos como cuando desde días donde dónde esta está estamos este favor gracias hasta hola
  muchas noches para pero podemos podría podrían puede pueden quería quisiera sobre también tardes tiene tienen usted ustedes`.split(/\s+/),
);
const words = (text) => [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [])].filter((word) => !SMALL.has(word)).slice(0, 12).join(" ").slice(0, 200);

function Suggestions({ id, messages, onInsert }) {
  const [found, setFound] = useState([]);
  const question = messages?.findLast((message) => message.direction === "inbound")?.content ?? "";
  useEffect(() => {
    const asked = words(question);
    if (!asked) {
      setFound([]);
      return undefined;
    }
    let current = true;
    const timer = setTimeout(async () => {
      if (!spare()) return;
      const answer = await ask("GET", `/knowledge?limit=3&search=${encodeURIComponent(asked)}`).catch(() => null);
      if (current && answer) setFound(answer.data);
    }, REST);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [id, question]);
  if (!found.length) return null;
  return html`<div class="suggestions"><h3 id="suggestions">${t("suggestions")}</h3><ul aria-labelledby="suggestions">${found.map((entry) => html`
    <li key=${entry.id}><button type="button" class="suggestion" onClick=${() => onInsert(entry.content)} aria-label=${t("insertEntry", { title: entry.title })}>
      <b dir="auto">${entry.title}</b><span dir="auto">${entry.content}</span></button></li>`)}</ul></div>`;
}
