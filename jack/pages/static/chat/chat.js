// The guest's chat: connects storage, connection and view.

import { Refused, save } from "../shared/api.js";
import { speak } from "./languages.js";
import { Line } from "./line.js";
import { memory } from "./memory.js";
import { onReturn, onShared, isVisible, noteActivity, storageReady, report } from "./panel.js";
import * as view from "./view.js";
import { onSubmit } from "../shared/form.js";
import { $, t } from "../shared/page.js";

const text = $("text");
const title = document.title;
let open = document.body.dataset.enabled === "yes";
let state = "";
let unseen = 0;

/** @type {Chat.Listener} */
const listener = {
  state(name) {
    if (name === "off") open = false;
    state = name || (open ? "" : "off");
    refresh();
  },
  messages(list) {
    const came = list.filter((message) => message.direction === "outbound");
    view.addMessages(list);
    for (const message of came)
      if (message.status !== "read") view.announce(view.announcementOf(message));
    count(came.filter((message) => message.status !== "read").length);
    if (came.length) noteActivity();
  },
  seen: view.markSeen,
  sent(key, message) {
    open = true;
    view.markSent(key, message);
  },
  refused: refresh,
  restarted() {
    view.restart();
    refresh();
  },
  isRead: () => isVisible() && view.atEnd(),
};
const line = new Line(listener);

function refresh() {
  const waits = memory.queue.length > 0;
  const asked = memory.token || memory.who || waits;
  view.showQueue(memory.queue, state !== "");
  view.notice(state && t(state === "off" && waits ? "offKept" : state));
  $("details").hidden = !open || Boolean(asked);
  $("composer").hidden = !open || !asked;
  view.fitTextBox();
  report({ begun: Boolean(memory.token || waits) });
}

/**
 * Shows the number of unseen messages.
 * @param {number} more
 */
function count(more) {
  unseen = isVisible() ? 0 : unseen + more;
  document.title = unseen ? `(${unseen}) ${title}` : title;
  report({ unread: unseen });
}

/** @param {string} content */
function write(content) {
  text.value = memory.draft = content;
  refresh();
}

function send() {
  const content = [...text.value].filter(storable).join("").trim();
  if (!content) return;
  memory.add(content);
  write("");
  view.scrollToEnd();
  line.wake();
}

/**
 * Not a control character or half of a surrogate pair, which pasting may bring.
 * @param {string} sign
 */
const storable = (sign) => /[\t\n]|[^\p{Cc}\p{Cs}]/u.test(sign);

/**
 * Moves a refused message back into the text box.
 * @param {string} key
 */
function edit(key) {
  const entry = memory.queue.find((one) => one.key === key);
  if (!entry) return;
  memory.drop(key);
  write([entry.content, text.value].filter(Boolean).join("\n"));
  text.focus();
}

/** @param {HTMLButtonElement} button */
async function fetchFile(button) {
  button.disabled = true;
  try {
    const { textContent: name, dataset } = button;
    await save({ url: dataset.file ?? "", name: name ?? "" }, memory.token);
  } catch {
    view.announce(t("noFile"));
    view.notice(t("noFile"));
  }
  button.disabled = false;
}

function startWriting() {
  refresh();
  line.wake();
  text.focus();
}

/** @param {Record<string, string>} values */
async function introduce({ name, email }) {
  memory.who = {
    ...(name.trim() && { name: name.trim() }),
    ...(email.trim() && { email: email.trim() }),
  };
  try {
    await line.begin();
  } catch (error) {
    if (error instanceof Refused && error.code === "VALIDATION_ERROR") memory.who = null;
    if (error instanceof Refused && error.status < 500 && error.status !== 429) throw error;
  }
  startWriting();
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Refused) || error.code !== "CONFLICT") return t("failed");
  open = false;
  state = "off";
  refresh();
  return t("off");
}

/** @type {(values: Record<string, string>) => Record<string, string>} */
const check = ({ email }) =>
  email.trim() && !/^\S+@\S+$/.test(email.trim()) ? { email: t("needEmail") } : {};

/** @param {Api.Detail} detail */
const problemText = ({ code }) => t(code === "not_an_email" ? "needEmail" : "badValue");

onSubmit($("details"), { check, send: introduce, problemText, explain });
$("skip").addEventListener("click", () => {
  memory.who = {};
  startWriting();
});
$("composer").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  send();
  text.focus();
});
text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
text.addEventListener("input", () => {
  memory.draft = text.value;
  view.fitTextBox();
});
$("newer").addEventListener("click", view.scrollToEnd);
$("log").addEventListener("click", (/** @type {any} */ { target }) => {
  if (target.dataset.edit) edit(target.dataset.edit);
  if (target.dataset.file) fetchFile(target);
});
onReturn(() => {
  count(0);
  view.fitTextBox();
});
// Another tab has sent something or begun a new chat.
addEventListener("storage", ({ key }) => {
  refresh();
  if (key?.endsWith(".token")) line.wake();
});

onShared(() => {
  refresh();
  line.wake();
});

if (document.body.dataset.hours !== "null")
  import("./hours.js").then(({ showGreeting }) => showGreeting());
await storageReady;
speak();
state = open ? "" : "off";
write(memory.draft);
line.wake();
