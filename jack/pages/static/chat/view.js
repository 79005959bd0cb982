// The chat's view: messages in order, then unsent ones; the text box; the notice.

import { $, language, createElement, setText, t } from "../shared/page.js";

const log = $("log");
const text = $("text");
/** @type {Map<string, HTMLElement>} */
const shown = new Map(); // id → item, in the API's order
/** @type {Map<string, HTMLElement>} */
const unsent = new Map(); // key → item: waiting, or confirmed and not listed yet
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
let lastDay = "";
/** @type {string | null} */
let seenId = null; // the last message of theirs the hotel has read
let following = true; // scrolled to the end, and kept there

/** Whether the newest message is in sight. */
export const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 48;

/** @param {Api.Message[]} messages */
export function addMessages(messages) {
  const fresh = messages.filter((message) => !shown.has(message.id));
  fresh.forEach(append);
  receipts();
  if (following) scrollToEnd();
  else if (fresh.some((message) => message.direction === "outbound")) $("newer").hidden = false;
}

/** @param {Api.Message} message */
function append(message) {
  for (const [key, item] of unsent) {
    if (item.dataset.id === message.id) remove(key);
  }
  const when = new Date(message.createdAt);
  if (lastDay !== when.toDateString())
    log.insertBefore(createElement("li", "between", dayName(when)), firstUnsent());
  lastDay = when.toDateString();
  const item = bubble(
    message.direction === "inbound" ? null : author(message),
    message.content,
    when,
  );
  item.dataset.id = message.id;
  item.querySelector(".what")?.after(...message.attachments.map(attached));
  shown.set(message.id, item);
  log.insertBefore(item, firstUnsent());
}

/**
 * Shows the queue at the end; `stuck` when nothing can be sent.
 * @param {Chat.Queued[]} entries
 * @param {boolean} stuck
 */
export function showQueue(entries, stuck) {
  for (const [key, item] of unsent) {
    if (!item.dataset.id && !entries.some((entry) => entry.key === key)) remove(key);
  }
  for (const entry of entries) {
    const item = unsent.get(entry.key) ?? addUnsent(entry);
    const state = entry.refused ? "refused" : stuck ? "waiting" : "sending";
    if (!item.dataset.id) mark(item, state);
  }
}

/** @param {Chat.Queued} entry */
function addUnsent({ key, content, at }) {
  const item = bubble(null, content, new Date(at));
  item.dataset.key = key;
  unsent.set(key, item);
  log.append(item);
  return item;
}

/**
 * @param {string} key
 * @param {Api.Message} message
 */
export function markSent(key, message) {
  const item = unsent.get(key);
  if (!item) return;
  if (shown.has(message.id)) return void remove(key);
  item.dataset.id = message.id;
  receipts();
}

/** @param {string | null} id */
export function markSeen(id) {
  seenId = id;
  receipts();
}

export function restart() {
  for (const item of [...log.querySelectorAll("li:not(#greeting)")]) item.remove();
  shown.clear();
  unsent.clear();
  lastDay = "";
  seenId = null;
  log.append(createElement("li", "between", t("ended")));
  scrollToEnd();
  announce(t("ended"));
}

/** @param {string} words */
export function announce(words) {
  const line = createElement("p", "", words);
  $("announce").append(line);
  setTimeout(() => line.remove(), 10_000);
}

/** @param {Api.Message} message */
export const announcementOf = (message) =>
  `${author(message)}: ${[message.content, ...message.attachments.map((file) => file.name)].filter(Boolean).join(", ")}`;

/** Fits the text box's height, and says when it is full. */
export function fitTextBox() {
  if (!text.offsetHeight) return; // hidden
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
  const full = text.value.length >= text.maxLength;
  $("hint").textContent = t(full ? "full" : "hint");
  $("hint").classList.toggle("full", full);
}

export function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
  following = true;
  $("newer").hidden = true;
}

log.addEventListener(
  "scroll",
  () => {
    following = atEnd();
    if (following) $("newer").hidden = true;
  },
  { passive: true },
);
// A notice, a taller box or a keyboard must not push the end out of sight.
new ResizeObserver(() => following && scrollToEnd()).observe(log);

/**
 * Shows a notice above the messages; hides it for an empty text.
 * @param {string} words
 */
export const notice = (words) => setText($("notice"), words);

/** @param {Api.Message} message */
function author(message) {
  return message.author.name ?? document.body.dataset.hotel ?? "";
}

/**
 * @param {string | null} who null for the guest
 * @param {string} content
 * @param {Date} when
 */
function bubble(who, content, when) {
  const item = createElement("li", who ? "theirs" : "mine");
  item.append(createElement("p", who ? "who" : "unseen", who ?? t("you")));
  const what = createElement("p", "what", content);
  what.dir = "auto";
  what.hidden = !content;
  const meta = createElement("p", "meta");
  const time = createElement("time", "", clock.format(when));
  time.dateTime = when.toISOString();
  meta.append(time, createElement("span", "state"));
  item.append(what, meta);
  return item;
}

/** Shows `read` and `delivered` on the last such message only. */
function receipts() {
  const there = [...log.querySelectorAll(".mine[data-id]")];
  const read = there.findIndex((item) => item.dataset.id === seenId);
  there.forEach((item, place) => {
    const last = place === there.length - 1;
    mark(item, place === read ? "read" : last && place > read ? "delivered" : "");
  });
}

/**
 * An attachment: a button that saves it, disabled until it is stored.
 * @param {Api.Attachment} file
 */
function attached(file) {
  const button = createElement("button", "link file", file.name);
  button.type = "button";
  button.dir = "auto";
  button.disabled = !file.url;
  if (file.url) button.dataset.file = file.url;
  return button;
}

/**
 * @param {HTMLElement} item
 * @param {string} state
 */
function mark(item, state) {
  if ((item.dataset.state ?? "") === state) return;
  item.dataset.state = state;
  const place = /** @type {Element} */ (item.querySelector(".state"));
  place.textContent = state && t(state);
  if (state !== "refused") return;
  announce(t("refused"));
  const button = createElement("button", "link", t("edit"));
  button.type = "button";
  button.dataset.edit = item.dataset.key;
  place.append(" ", button);
}

/** @param {string} key */
function remove(key) {
  unsent.get(key)?.remove();
  unsent.delete(key);
}

function firstUnsent() {
  return unsent.values().next().value ?? null;
}

/** @param {Date} when */
function dayName(when) {
  const days = Math.round((midnight(new Date()) - midnight(when)) / 86_400_000);
  return days === 0 ? t("today") : days === 1 ? t("yesterday") : calendar.format(when);
}

/** @param {Date} when */
const midnight = (when) => new Date(when).setHours(0, 0, 0, 0);
