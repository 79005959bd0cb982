// Who else looks at the open conversation, or writes in it; and that this member does.

import { t } from "../shared/page.js";
import { update } from "./conversation-cache.js";
import { html, useEffect, useRef } from "./preact.js";
import { hasSpareCalls, request } from "./request.js";
import { state } from "./store.js";

const AGAIN = 8000; // it counts for 20 s
const PAUSE = 10_000; // who has typed nothing for so long writes no more

/**
 * Tells the API every few seconds that this member looks at a conversation, or writes in it, while
 * the page is seen; what comes back says who else does.
 * @param {string} id
 * @param {string} text what stands in the reply box
 */
export function usePresence(id, text) {
  const typed = useRef({ text, at: 0 });
  const tell = useRef(() => {});
  tell.current = async () => {
    if (document.hidden || state.locked || !hasSpareCalls()) return;
    const writing = Date.now() - typed.current.at < PAUSE;
    const body = { state: writing ? "writing" : "viewing" };
    const path = `/conversations/${id}/presence`;
    const answer = await request("PUT", path, { body }).catch(() => null);
    if (answer) update(answer.data);
  };
  useEffect(() => {
    tell.current();
    const timer = setInterval(() => tell.current(), AGAIN);
    return () => clearInterval(timer);
  }, [id]);
  useEffect(() => {
    if (text === typed.current.text) return;
    const began = Date.now() - typed.current.at >= PAUSE;
    typed.current = { text, at: text ? Date.now() : 0 };
    if (began || !text) tell.current();
  }, [text]);
}

/** @param {{ conversation: Api.Conversation }} props */
export const Present = ({ conversation: { presence } }) => html`
  <div aria-live="polite">
    ${presence
      .filter(({ id }) => id !== state.me.id)
      .map(
        ({ id, name, state: doing }) => html`
          <p key=${id} class="present hint" dir="auto">${t(`presence.${doing}`, { name })}</p>
        `,
      )}
  </div>
`;
