// A conversation: who has it, what was said, and the box to answer in.

import { t } from "../shared/page.js";
import { explain } from "./request.js";
import { place } from "./conversation-list-data.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { day, since, until } from "./format.js";
import { Icon } from "./icons.js";
import { Message, Waiting } from "./message.js";
import { Reply } from "./reply.js";
import { to } from "./router.js";
import { waiting } from "./send-queue.js";
import { notice, state } from "./store.js";
import { alter, earlier, markRead, open, talk } from "./conversation-cache.js";
import { TaskDialog } from "./task-form.js";
import { Dialog, Empty, Failed, Option, Skeleton } from "./components.js";
import { GuestCard } from "./guest-card.js";

const NEAR = 80;

/** Change status or assignee, in the list as well. */
export async function move(id, changes) {
  try {
    place(await alter(id, changes));
  } catch (error) {
    if (error.status !== 401) notice(explain(error), "bad");
  }
}

const showEarlier = (id) => earlier(id).catch((error) => error.status !== 401 && notice(explain(error), "bad"));

export function Talk({ id }) {
  const { conversation, messages, older, problem } = talk(id);
  const [task, setTask] = useState(null);
  const [card, setCard] = useState(false);
  const empty = messages === null;
  useEffect(() => { if (empty && !problem) open(id); }, [empty]);
  useEffect(() => { if (conversation?.unread && messages) markRead(id); }, [conversation?.unread, messages?.length, document.hidden]);
  if (problem && !messages) {
    return html`<section class="talk">${problem.status === 404 ? html`<${Empty} title=${t("gone")} />` : html`<${Failed} text=${explain(problem)} retry=${() => { talk(id).problem = null; open(id); }} />`}</section>`;
  }
  const name = conversation ? conversation.guest?.name ?? t("erasedGuest") : "";
  return html`<section class="talk" aria-label=${name}>
    <${Bar} id=${id} name=${name} conversation=${conversation} onCard=${() => setCard(true)} />
    <${Log} id=${id} messages=${messages} older=${older} onTask=${(message) => setTask({ message })} />
    ${conversation && html`<${Reply} key=${id} id=${id} conversation=${conversation} messages=${messages} />`}
    ${task && html`<${TaskDialog} conversation=${conversation} message=${task.message} onClose=${() => setTask(null)} />`}
    ${card && html`<${Dialog} title=${t("guest")} onClose=${() => setCard(false)}><${GuestCard} conversation=${conversation} /></${Dialog}>`}
  </section>`;
}

function Bar({ id, name, conversation, onCard }) {
  const c = conversation;
  const people = state.staff.filter((member) => member.active || member.id === c?.assignee);
  return html`<header class="bar">
    <a class="icon back" href=${to("inbox")} aria-label=${t("back")}><${Icon} name="back" /></a>
    <div class="title"><h2 dir="auto" tabindex="-1">${name || " "}</h2>
      <p>${c && html`<span>${t(`channels.${c.channel}`)}</span>${c.waitingSince && html`<span class="waits"> · ${t("waits", { time: since(c.waitingSince) })}</span>`}${c.status !== "open" && html`<span> · ${t(`statuses.${c.status}`)}</span>`}${c.windowExpiresAt && html`<${Window} at=${c.windowExpiresAt} />`}`}</p></div>
    ${c && html`<button type="button" class="quiet small tocard" onClick=${onCard}>${t("guest")}</button><div class="acts">
      ${c.assignee !== state.me.id && html`<button type="button" class="quiet small" onClick=${() => move(id, { assignee: state.me.id })}>${t("take")}</button>`}
      <select class="small" aria-label=${t("assignee")} value=${c.assignee ?? ""} onChange=${(event) => move(id, { assignee: event.target.value || null })}>
        <${Option} value="">${t("nobody")}</${Option}>${people.map((member) => html`<${Option} key=${member.id} value=${member.id}>${member.name}</${Option}>`)}</select>
      ${c.status === "open" && html`<button type="button" class="quiet small" onClick=${() => move(id, { status: "pending" })}>${t("makePending")}</button>`}
      ${c.status === "closed" ? html`<button type="button" class="quiet small" onClick=${() => move(id, { status: "open" })}>${t("reopen")}</button>` : html`<button type="button" class="quiet small" onClick=${() => move(id, { status: "closed" })}>${t("closeIt")}</button>`}
      ${c.status === "pending" && html`<button type="button" class="quiet small" onClick=${() => move(id, { status: "open" })}>${t("reopen")}</button>`}</div>`}
  </header>`;
}

const Window = ({ at }) => html`<span class=${new Date(at) > Date.now() ? "window" : "window late"}> · ${new Date(at) > Date.now() ? t("windowOpen", { time: until(at) }) : t("windowClosed")}</span>`;

function Log({ id, messages, older, onTask }) {
  const box = useRef(null);
  const bottom = useRef(true);
  const height = useRef(0);
  const [newer, setNewer] = useState(false);
  const own = waiting(id);
  const last = `${messages?.at(-1)?.id}${own.length}`;
  const first = messages?.[0]?.id;
  const drawn = useRef(null);
  useLayoutEffect(() => {
    const log = box.current;
    if (!log || !messages) return;
    if (drawn.current && drawn.current !== first) log.scrollTop += Math.max(0, log.scrollHeight - height.current);
    else if (bottom.current) log.scrollTop = log.scrollHeight;
    else setNewer(true);
    drawn.current = first;
    height.current = log.scrollHeight;
  }, [last, first]);
  useLayoutEffect(() => {
    const seen = new ResizeObserver(() => { if (bottom.current && box.current) box.current.scrollTop = box.current.scrollHeight; });
    if (box.current) seen.observe(box.current);
    return () => seen.disconnect();
  }, [messages === null]);
  if (!messages) return html`<div class="log"><${Skeleton} rows=${5} /></div>`;
  function scrolled({ target }) {
    bottom.current = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR;
    if (bottom.current) setNewer(false);
  }
  let before = "";
  const days = (message) => {
    const now = day(message.createdAt);
    const line = now === before ? null : html`<li class="day" key=${`day ${now}`}><span>${now}</span></li>`;
    before = now;
    return line;
  };
  return html`<div class="log-box"><ol class="log" ref=${box} onScroll=${scrolled} tabindex="0" aria-label=${t("messages")}>
    ${older && html`<li class="more" key="more"><button type="button" class="quiet small" onClick=${() => showEarlier(id)}>${t("earlier")}</button></li>`}
    ${!messages.length && !own.length && html`<li key="none" class="day"><span>${t("noMessages")}</span></li>`}
    ${messages.map((message) => [days(message), html`<${Message} key=${message.id} message=${message} onTask=${onTask} />`])}
    ${own.map((one) => html`<${Waiting} key=${one.key} one=${one} />`)}</ol>
    ${newer && html`<button type="button" class="newer" onClick=${() => { box.current.scrollTop = box.current.scrollHeight; setNewer(false); }}>${t("newMessages")}</button>`}</div>`;
}
