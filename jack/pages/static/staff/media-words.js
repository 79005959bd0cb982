// Files in words: "Voice note, 0:12", "3 photos".

import { t } from "../shared/page.js";
import { number } from "./format.js";

/**
 * A length: 0:12, 1:04:09.
 * @param {number} seconds
 */
export function length(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const start = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${start}:${two(whole % 60)}`;
}

/** @param {Omit<Api.PreviewMedia, "caption">} media */
export function mediaWords({ kind, count, seconds, name }) {
  const words = count === 1 ? t(`media.${kind}`) : t(`medias.${kind}`, { count: number(count) });
  return [words, seconds === null ? "" : length(seconds), name].filter(Boolean).join(", ");
}

/**
 * What the list says of a conversation's last message.
 * @param {Api.Conversation} row
 */
export function previewText({ preview, previewMedia }) {
  if (!previewMedia) return preview ?? "";
  const words = mediaWords(previewMedia);
  return previewMedia.caption ? `${words}: ${previewMedia.caption}` : words;
}

/**
 * @param {Api.Attachment} file
 * @param {boolean} voice whether its message says that it is a voice note
 * @returns {Api.PreviewMedia["kind"]}
 */
export function kindOf({ mime }, voice = false) {
  if (mime.startsWith("image/")) return "photo";
  if (mime.startsWith("video/")) return "video";
  if (!mime.startsWith("audio/")) return "file";
  return voice || mime.startsWith("audio/ogg") ? "voice" : "audio";
}
