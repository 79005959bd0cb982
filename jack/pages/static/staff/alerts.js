// New messages make themselves known: in the window's title, on its icon, and with a sound for those who want one.

import { t } from "../shared/page.js";
import { keep, recall } from "./local-storage.js";
import { change, state, watch } from "./store.js";
import { number } from "./format.js";

const icon = document.querySelector("link[rel=icon]");
const usual = icon.href;
let audio;

/** A window's title says how many are unread, then where one is. */
watch(() => {
  const unread = state.phase === "in" ? state.counts?.unread ?? 0 : 0;
  const where = state.phase === "in" ? t(`views.${state.route.view}`) : t("signIn");
  const title = `${unread ? `(${number(unread)}) ` : ""}${where} · ${state.hotel.name ?? document.body.dataset.hotel}`;
  if (document.title !== title) document.title = title;
  const shape = unread ? document.body.dataset.badge : usual;
  if (icon.getAttribute("href") !== shape) icon.setAttribute("href", shape);
});

export const wantsSound = () => recall("sound", false);

export function wantSound(wanted) {
  keep("sound", wanted);
  if (wanted) ring();
}

/** Tell of what guests have written. */
export function alert(events) {
  const heard = events.filter(({ type }) => type === "message.received");
  if (heard.length && wantsSound()) ring();
  if (heard.some(({ conversationId }) => conversationId !== state.route.id)) change({ said: t("newMessages") });
}

/** Two soft notes. */
function ring() {
  audio ??= new AudioContext();
  audio.resume();
  [660, 880].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const from = audio.currentTime + place * 0.14;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.12, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, from + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.4);
  });
  document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
}
