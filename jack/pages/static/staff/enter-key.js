// What the Enter key does in the reply box: a choice of each member of staff.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { Field, Options } from "./forms.js";
import { getItem, setItem } from "./local-storage.js";

const CHOICES = ["chats", "always", "never"];
const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** @returns {string} */
const chosen = () => getItem("enter", "chats");

/**
 * Whether Enter sends: usually on chat channels, while a mail has lines.
 * @param {Api.Channel} channel
 */
export const enterSends = (channel) =>
  chosen() === "always" || (chosen() === "chats" && channel !== "email");

/**
 * What sends, in words.
 * @param {Api.Channel} channel
 */
export const sendHint = (channel) =>
  enterSends(channel) ? t("replyHint") : t("modifiedEnterSends", { key: MAC ? "⌘" : t("ctrl") });

/**
 * Whether this key press sends.
 * @param {KeyboardEvent} event
 * @param {Api.Channel} channel
 */
export function sends(event, channel) {
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || composing) return false;
  return event.ctrlKey || event.metaKey || enterSends(channel);
}

export function EnterChoice() {
  const [value, setValue] = useState(chosen());
  /** @param {string} wanted */
  function choose(wanted) {
    setItem("enter", wanted);
    setValue(wanted);
  }
  return html`
    <${Field} label=${t("enterKey.label")} name="enter-key" value=${value} onInput=${choose}>
      <${Options} items=${CHOICES.map((one) => [one, t(`enterKey.${one}`)])} />
    </${Field}>
  `;
}
