// The guest's chat: puts memory, line and view together.

import { Refused, save } from "../shared/api.js";
import { greet } from "./hours.js";
import { Line } from "./line.js";
import { memory } from "./memory.js";
import { met, tell } from "./panel.js";
import { onReturn, shown, stir } from "./presence.js";
import * as view from "./view.js";
import { onSubmit } from "../shared/form.js";
import { $, t } from "../shared/page.js";

const text = $("text");
const title = document.title;
let open = document.body.dataset.enabled === "yes";
let state = "";
let unseen = 0;

const line = new Line({
  state(name) {
    if (name === "off") open = false;
    state = name || (open ? "" : "off");
    refresh();
  },
  messages(list) {
    const came = list.filter((message) => message.direction === "outbound");
    view.list(list);
    for (const message of came) if (message.status !== "read") view.announce(view.spoken(message));
    count(came.filter((message) => message.status !== "read").length);
    if (came.length) stir();
  },
  seen: view.seen,
  sent(key, message) {
    open = true;
    view.confirm(key, message);
  },
  refused: refresh,
  restarted() {
    view.restart();
    refresh();
  },
  isRead: () => shown() && view.atEnd(),
});

/** Everything that depends on how things stand. */
function refresh() {
  const waits = memory.queue.length > 0;
  const asked = memory.token || memory.who || waits;
  view.waiting(memory.queue, state !== "");
  view.notice(state && t(state === "off" && waits ? "offKept" : state));
  $("details").hidden = !open || Boolean(asked);
  $("composer").hidden = !open || !asked;
  view.fit();
  tell({ begun: Boolean(memory.token || waits) });
}

/** In the window's title and on the site's button, how many messages came that the guest has not seen. */
function count(more) {
  unseen = shown() ? 0 : unseen + more;
  document.title = unseen ? `(${unseen}) ${title}` : title;
  tell({ unread: unseen });
}

function write(content) {
  text.value = memory.draft = content;
  refresh();
}

function send() {
  const content = [...text.value].filter(storable).join("").trim();
  if (!content) return;
  memory.add(content);
  write("");
  view.toEnd();
  line.wake();
}

/** Control characters and halves of characters come in by pasting, and mean nothing. */
const storable = (sign) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|^[\ud800-\udfff]$/.test(sign);

/** The refused message goes back into the box. */
function edit(key) {
  const entry = memory.queue.find((one) => one.key === key);
  if (!entry) return;
  memory.drop(key);
  write([entry.content, text.value].filter(Boolean).join("\n"));
  text.focus();
}

async function fetchFile(button) {
  button.disabled = true;
  try {
    await save({ url: button.dataset.file, name: button.textContent }, memory.token);
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

async function introduce({ name, email }) {
  memory.who = { ...(name.trim() && { name: name.trim() }), ...(email.trim() && { email: email.trim() }) };
  try {
    await line.begin();
  } catch (error) {
    if (error instanceof Refused && error.status === 400) memory.who = null;
    if (error instanceof Refused && error.status < 500 && error.status !== 429) throw error;
  }
  startWriting();
}

function explain(error) {
  if (error.status === 409) {
    open = false;
    state = "off";
    refresh();
  }
  return t(error.status === 409 ? "off" : "failed");
}

onSubmit($("details"), {
  check: ({ email }) => (email.trim() && !/^\S+@\S+$/.test(email.trim()) ? { email: t("needEmail") } : {}),
  send: introduce,
  explain,
});
$("skip").addEventListener("click", () => {
  memory.who = {};
  startWriting();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
  text.focus();
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
text.addEventListener("input", () => {
  memory.draft = text.value;
  view.fit();
});
$("newer").addEventListener("click", view.toEnd);
$("log").addEventListener("click", ({ target }) => {
  if (target.dataset.edit) edit(target.dataset.edit);
  if (target.dataset.file) fetchFile(target);
});
onReturn(() => {
  count(0);
  view.fit();
});
// Another tab of this chat has written something, or begun a new one.
addEventListener("storage", ({ key }) => {
  refresh();
  if (key?.endsWith(".token")) line.wake();
});

greet();
await met;
state = open ? "" : "off";
write(memory.draft);
line.wake();
