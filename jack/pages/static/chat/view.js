// How the chat looks: what was said, in order, then what is still on its way; the box to write in; what is to be told.

import { $, language, make, say, t } from "../shared/page.js";

const log = $("log");
const text = $("text");
const said = new Map(); // id → item, as Jack lists them
const leaving = new Map(); // key → item: waiting, or confirmed and not listed yet
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
let lastDay = null;
let seenId = null; // up to this one of theirs the hotel has read
let following = true; // the guest is at the end, and stays there whatever comes or moves

/** Whether the guest sees the latest. */
export const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 48;

/** Shows messages that came, after those that were there. */
export function list(messages) {
  const fresh = messages.filter((message) => !said.has(message.id));
  fresh.forEach(append);
  receipts();
  if (following) toEnd();
  else if (fresh.some((message) => message.direction === "outbound")) $("newer").hidden = false;
}

function append(message) {
  for (const [key, item] of leaving) {
    if (item.dataset.id === message.id) remove(leaving, key);
  }
  const when = new Date(message.createdAt);
  if (lastDay !== when.toDateString()) log.insertBefore(dayLine(when), firstLeaving());
  lastDay = when.toDateString();
  const item = bubble(message.direction === "inbound" ? null : author(message), message.content, when);
  item.dataset.id = message.id;
  item.querySelector(".what").after(...message.attachments.map(attached));
  said.set(message.id, item);
  log.insertBefore(item, firstLeaving());
}

/** Shows what waits to be sent, under everything else; `stuck` when it does not get through at the moment. */
export function waiting(entries, stuck) {
  for (const [key, item] of leaving) {
    if (!item.dataset.id && !entries.some((entry) => entry.key === key)) remove(leaving, key);
  }
  for (const entry of entries) {
    const item = leaving.get(entry.key) ?? depart(entry);
    const state = entry.refused ? "refused" : stuck ? "waiting" : "sending";
    if (!item.dataset.id) mark(item, state);
  }
}

function depart({ key, content, at }) {
  const item = bubble(null, content, new Date(at));
  item.dataset.key = key;
  leaving.set(key, item);
  log.append(item);
  return item;
}

/** Jack has it. */
export function confirm(key, message) {
  const item = leaving.get(key);
  if (!item) return;
  if (said.has(message.id)) return void remove(leaving, key);
  item.dataset.id = message.id;
  receipts();
}

/** The hotel has read the guest's messages up to this one. */
export function seen(id) {
  seenId = id;
  receipts();
}

/** Forgets what was shown: the chat is another one. */
export function restart() {
  for (const item of [...log.querySelectorAll("li:not(#greeting)")]) item.remove();
  said.clear();
  leaving.clear();
  lastDay = seenId = null;
  log.append(make("li", "between", t("ended")));
  toEnd();
  announce(t("ended"));
}

/** Tells people who listen rather than look. */
export function announce(words) {
  const line = make("p", "", words);
  $("announce").append(line);
  setTimeout(() => line.remove(), 10_000);
}

/** What a message is announced as. */
export const spoken = (message) =>
  `${author(message)}: ${[message.content, ...message.attachments.map((file) => file.name)].filter(Boolean).join(", ")}`;

/** The box is as high as what is in it, and says when it is full. */
export function fit() {
  if (!text.offsetHeight) return; // it is not there to be measured
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
  const full = text.value.length >= text.maxLength;
  $("hint").textContent = t(full ? "full" : "hint");
  $("hint").classList.toggle("full", full);
}

/** To the latest message. */
export function toEnd() {
  log.scrollTop = log.scrollHeight;
  following = true;
  $("newer").hidden = true;
}

log.addEventListener("scroll", () => {
  following = atEnd();
  if (following) $("newer").hidden = true;
}, { passive: true });
// A notice, a taller box or a keyboard on the screen must not push the end out of sight.
new ResizeObserver(() => following && toEnd()).observe(log);

/** A line above the messages; none for an empty text. */
export const notice = (words) => say($("notice"), words);

function author(message) {
  return message.author.name ?? document.body.dataset.hotel;
}

function bubble(who, content, when) {
  const item = make("li", who ? "theirs" : "mine");
  item.append(make("p", who ? "who" : "unseen", who ?? t("you")));
  const what = make("p", "what", content);
  what.dir = "auto";
  what.hidden = !content;
  const meta = make("p", "meta");
  const time = make("time", "", clock.format(when));
  time.dateTime = when.toISOString();
  meta.append(time, make("span", "state"));
  item.append(what, meta);
  return item;
}

/** Only the last that was read and the last that was delivered say so: all before them are read and delivered too. */
function receipts() {
  const there = [...log.querySelectorAll(".mine[data-id]")];
  const read = there.findIndex((item) => item.dataset.id === seenId);
  there.forEach((item, place) => {
    const last = place === there.length - 1;
    mark(item, place === read ? "read" : last && place > read ? "delivered" : "");
  });
}

/** A file of a message: a button that saves it, once it is here. */
function attached(file) {
  const button = make("button", "link file", file.name);
  button.type = "button";
  button.dir = "auto";
  button.disabled = !file.url;
  if (file.url) button.dataset.file = file.url;
  return button;
}

function mark(item, state) {
  if ((item.dataset.state ?? "") === state) return;
  item.dataset.state = state;
  const place = item.querySelector(".state");
  place.textContent = state && t(state);
  if (state !== "refused") return;
  announce(t("refused"));
  const button = make("button", "link", t("edit"));
  button.type = "button";
  button.dataset.edit = item.dataset.key;
  place.append(" ", button);
}

function remove(from, key) {
  from.get(key).remove();
  from.delete(key);
}

function firstLeaving() {
  return leaving.values().next().value ?? null;
}

function dayLine(when) {
  return make("li", "between", dayName(when));
}

function dayName(when) {
  const days = Math.round((midnight(new Date()) - midnight(when)) / 86_400_000);
  return days === 0 ? t("today") : days === 1 ? t("yesterday") : calendar.format(when);
}

const midnight = (when) => new Date(when).setHours(0, 0, 0, 0);
