// The messages of a conversation, oldest first, then those in the send queue.

import { t } from "../shared/page.js";
import { explain } from "./request.js";
import { html, useLayoutEffect, useRef, useState } from "./preact.js";
import { day } from "./format.js";
import { Message, QueuedMessage } from "./message.js";
import { queuedFor } from "./send-queue.js";
import { notice } from "./store.js";
import { loadEarlier } from "./conversation-cache.js";
import { useFound } from "./message-jump.js";
import { lastSaid } from "./last-said.js";
import { Skeleton, SmallButton } from "./components.js";

const NEAR = 80; // pixels from the end that count as the end

/** @param {string} id */
const showEarlier = (id) =>
  loadEarlier(id).catch((error) => error.status !== 401 && notice(explain(error), "bad"));

/**
 * Calls this whenever a log, or what is in it, has another size; returns what ends that.
 * @param {HTMLElement} log
 * @param {() => void} call
 */
function onGrowth(log, call) {
  const sizes = new ResizeObserver(call);
  const contents = new MutationObserver(call); // a player comes
  sizes.observe(log);
  contents.observe(log, { childList: true, subtree: true });
  log.addEventListener("load", call, true); // a picture has come
  return () => {
    sizes.disconnect();
    contents.disconnect();
    log.removeEventListener("load", call, true);
  };
}

/**
 * Keeps the log at its end, and what is read in place when earlier messages come.
 * @param {Api.Message[] | null} messages
 * @param {Staff.Queued[]} own
 */
function useScroll(messages, own) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const atEnd = useRef(true);
  const end = useRef(0); // where `toEnd` has last scrolled to
  const height = useRef(0);
  const drawn = useRef(/** @type {string | undefined} */ (undefined));
  const [newer, setNewer] = useState(false);
  const first = messages?.[0]?.id;
  useLayoutEffect(() => {
    const log = box.current;
    if (!log || !messages) return;
    if (drawn.current && drawn.current !== first) {
      log.scrollTop += Math.max(0, log.scrollHeight - height.current);
    } else if (atEnd.current) toEnd();
    else setNewer(true);
    drawn.current = first;
    height.current = log.scrollHeight;
  }, [`${lastSaid(messages)?.id}${messages?.length}${own.length}`, first]);
  useFound(box, atEnd, messages);
  useLayoutEffect(() => {
    const stay = () => atEnd.current && toEnd();
    return box.current ? onGrowth(box.current, stay) : undefined;
  }, [messages === null]);
  function toEnd() {
    if (!box.current) return;
    box.current.scrollTop = box.current.scrollHeight;
    end.current = box.current.scrollTop;
  }
  /** @param {Event & { target: HTMLElement }} event */
  function onScroll({ target }) {
    const near = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR;
    // What has been scrolled by `toEnd` is told later, when more may have come.
    if (near || target.scrollTop !== end.current) atEnd.current = near;
    if (atEnd.current) setNewer(false);
  }
  function showNewer() {
    toEnd();
    setNewer(false);
  }
  return { box, newer, onScroll, showNewer };
}

/**
 * Messages with a line before the first of each day.
 * @param {Api.Message[]} messages
 * @param {(message: Api.Message) => void} onTask
 */
function byDay(messages, onTask) {
  let before = "";
  return messages.map((message) => {
    const now = day(message.orderedAt);
    const line = html`<li class="day" key=${`day ${now}`}><span>${now}</span></li>`;
    const begins = now !== before;
    before = now;
    return [
      begins ? line : null,
      html`<${Message} key=${message.id} message=${message} onTask=${onTask} />`,
    ];
  });
}

/**
 * @param {{ id: string, messages: Api.Message[] | null, older: boolean,
 *   onTask: (message: Api.Message) => void }} props
 */
export function MessageLog({ id, messages, older, onTask }) {
  const own = queuedFor(id);
  const { box, newer, onScroll, showNewer } = useScroll(messages, own);
  if (!messages) return html`<div class="log"><${Skeleton} rows=${5} /></div>`;
  const empty = !messages.length && !own.length;
  return html`
    <div class="log-box">
      <ol class="log" ref=${box} onScroll=${onScroll} tabindex="0" aria-label=${t("messages")}>
        ${
          older &&
          html`
            <li class="more" key="more">
              <${SmallButton} label=${t("earlier")} onClick=${() => showEarlier(id)} />
            </li>
          `
        }
        ${empty && html`<li key="none" class="day"><span>${t("noMessages")}</span></li>`}
        ${byDay(messages, onTask)}
        ${own.map((one) => html`<${QueuedMessage} key=${one.key} one=${one} />`)}
      </ol>
      ${
        newer &&
        html`
          <button type="button" class="newer" onClick=${showNewer}>${t("newMessages")}</button>
        `
      }
    </div>
  `;
}
