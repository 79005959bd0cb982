// New messages are shown in the window's title and icon, and by a sound for those who want one.

import { t } from "../shared/page.js";
import { setItem, getItem } from "./local-storage.js";
import { request } from "./request.js";
import { change, isAdmin, nameOf, notice, state, watch } from "./store.js";
import { number } from "./format.js";
import { linkTo } from "./router.js";

const icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
const { badge = "", hotel = "" } = document.body.dataset;
const usual = icon.href;
const TELLS = /^(conversation|task)\./;
const MOST = 3; // notices of tasks at once
const FORGOTTEN = 600_000; // tabs in the background ask once a minute at the least
/** @type {AudioContext | undefined} */
let audio;

// The title shows the number of unread messages, then the view.
watch(() => {
  const signedIn = state.phase === "in";
  const unread = signedIn ? (state.counts?.unread ?? 0) : 0;
  const view = signedIn ? t(`views.${state.route.view}`) : t("signIn");
  const count = unread ? `(${number(unread)}) ` : "";
  const title = `${count}${view} · ${state.hotel.name ?? hotel}`;
  if (document.title !== title) document.title = title;
  const href = unread ? badge : usual;
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
});

export const soundOn = () => getItem("sound", false);

/** @param {boolean} on */
export function setSoundOn(on) {
  setItem("sound", on);
  if (on) ring();
}

/**
 * Alerts the reader to what they want to be told of on the page: messages from guests, notes that
 * name them, tasks; to work that is nobody's since a member has left, and administrators to a
 * webhook that was disabled.
 * @param {Api.Event[]} events
 */
export async function alert(events) {
  for (const { type, subjectId } of events) {
    if (type === "staff.work_returned") notice(t("workReturned", { name: nameOf(subjectId) }));
    if (type === "webhook.updated" && isAdmin()) tellOfWebhook(subjectId);
  }
  const found = await toTell(events);
  const last = found.at(-1);
  if (!last) return;
  if (soundOn()) ringOnce(last.event.seq);
  const isElsewhere = (/** @type {Api.Event} */ { conversationId }) =>
    conversationId !== state.route.id;
  if (found.some(({ kind, event }) => kind.startsWith("guest_") && isElsewhere(event))) {
    change({ announcement: t("newMessages") });
  }
  found.filter(({ kind }) => kind === "mention").forEach(({ event }) => tellOfMention(event));
  for (const { kind, task } of found.filter((one) => one.task).slice(-MOST)) {
    if (task) notice(t(`told.${kind}`, task), "", null, linkTo("tasks", task.id));
  }
}

/**
 * What of it the reader is to be told, and as what. Where the script that decides it cannot be
 * loaded, as after an update of the server: all messages of guests and notes that name the reader.
 * @param {Api.Event[]} events
 * @returns {Promise<Staff.Told[]>}
 */
async function toTell(events) {
  if (!events.some(({ type }) => TELLS.test(type))) return [];
  try {
    const { told } = await import("./told/kinds.js");
    return await told(events);
  } catch {
    const kindOf = (/** @type {Api.Event} */ event) =>
      isFromGuest(event) ? "guest_other" : namesReader(event) && "mention";
    return events.flatMap((event) => {
      const kind = kindOf(event);
      return kind ? { kind, event } : [];
    });
  }
}

/**
 * Whether a guest has written, or has edited what was answered already: they wait. What a program
 * such as an auto-reply has sent has no actor.
 * @param {Api.Event} event
 */
export const isFromGuest = ({ type, actor, changed }) =>
  actor.type === "guest" &&
  (type === "conversation.message.created" || changed.includes("waitingSince"));

/**
 * Whether a colleague, or a program, has named the reader in a note.
 * @param {Api.Event} event
 */
export const namesReader = ({ type, subjectId, actorId }) =>
  type === "conversation.mentioned" && subjectId === state.me.id && actorId !== subjectId;

/** @param {Api.Event} event */
function tellOfMention({ actor, conversationId }) {
  if (!conversationId || conversationId === state.route.id) return;
  const by = actor.name ?? t("somebody");
  notice(t("mentionsYou", { name: by }), "", null, linkTo("inbox", conversationId));
}

/**
 * Says that Jack has disabled a webhook, if that is what has changed.
 * @param {string} id
 */
async function tellOfWebhook(id) {
  try {
    const { url, disabledReason } = (await request("GET", `/webhooks/${id}`)).data;
    if (!disabledReason) return;
    notice(t("webhookDisabled", { url, reason: t(`webhookStates.${disabledReason}`) }));
  } catch {
    // it has been deleted meanwhile, or is shown when the list is read
  }
}

/**
 * Rings for an event in one tab of this browser, the first that hears of it. What was rung for
 * long ago counts no more: the numbers of a restored database begin anew.
 * @param {number} seq
 */
async function ringOnce(seq) {
  const claim = () => {
    const rung = getItem("rung", { seq: 0, at: 0 });
    if (rung.seq >= seq && Date.now() - rung.at < FORGOTTEN) return;
    setItem("rung", { seq, at: Date.now() });
    ring();
  };
  await (navigator.locks ? navigator.locks.request("jack.sound", claim) : claim());
}

/** Plays two soft notes. */
function ring() {
  audio ??= new AudioContext();
  audio.resume();
  play(audio, 660, audio.currentTime);
  play(audio, 880, audio.currentTime + 0.14);
  const { dataset } = document.documentElement;
  dataset.rang = String(Number(dataset.rang ?? 0) + 1);
}

/**
 * @param {AudioContext} context
 * @param {number} pitch in hertz
 * @param {number} from in seconds
 */
function play(context, pitch, from) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(0.12, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, from + 0.35);
  tone.connect(volume).connect(context.destination);
  tone.start(from);
  tone.stop(from + 0.4);
}
