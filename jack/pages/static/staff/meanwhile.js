// Whether a colleague has answered since one began to write: Send asks once, and shows it.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { state } from "./store.js";

/**
 * What colleagues, or programs, have answered the guest since this draft was begun.
 * @param {Api.Message[] | null} messages
 * @param {string | null} after the latest message when it was begun
 */
function answersSince(messages, after) {
  const place = (messages ?? []).findIndex(({ id }) => id === after);
  if (!messages || place < 0) return [];
  return messages
    .slice(place + 1)
    .filter(
      ({ direction, type, author, status }) =>
        direction === "outbound" &&
        type !== "note" &&
        author.id !== state.me.id &&
        !["scheduled", "cancelled"].includes(status),
    );
}

/**
 * `mayGo()` is false once for each answer that has come meanwhile; `answer` is the one to show.
 * @param {Api.Message[] | null} messages
 * @param {string | null} after
 */
export function useMeanwhile(messages, after) {
  const asked = useRef(/** @type {string | null} */ (null));
  const [shown, show] = useState(/** @type {string | null} */ (null));
  const answer = answersSince(messages, after).at(-1) ?? null;
  function mayGo() {
    if (!answer || asked.current === answer.id) return true;
    asked.current = answer.id;
    show(answer.id);
    return false;
  }
  return { mayGo, answer: answer && answer.id === shown ? answer : null };
}

/** @param {{ answer: Api.Message }} props */
export const Meanwhile = ({ answer: { author, content } }) => html`
  <div class="notice bad meanwhile" role="alert">
    <p><b dir="auto">${t("answeredMeanwhile", { name: author.name ?? t("system") })}</b></p>
    <p class="text" dir="auto">${content}</p>
  </div>
`;
