// The open conversation: status and assignee, messages, and the reply box.

import { t } from "../shared/page.js";
import { explain } from "./request.js";
import { updateRow } from "./conversation-list-data.js";
import { html, useEffect, useState } from "./preact.js";
import { moment, since, until } from "./format.js";
import { FindButton } from "./find-button.js";
import { Icon } from "./icons.js";
import { Reply } from "./reply.js";
import { linkTo } from "./router.js";
import { nameOf, notice, state } from "./store.js";
import { changeConversation, markRead, markUnread, open, cached } from "./conversation-cache.js";
import { useReach } from "./message-jump.js";
import { MessageLog } from "./message-log.js";
import { TaskDialog } from "./task-form.js";
import { Dialog, Empty, Failed, SmallButton } from "./components.js";
import { Option, Options } from "./forms.js";
import { GuestCard } from "./guest-card.js";
import { Snooze, stateText } from "./snooze.js";
import { Subject } from "./subject.js";
import { waitingStep, windowStep } from "./urgency.js";

/** @typedef {{ status?: Api.Conversation["status"], assignee?: string | null,
 *   snoozedUntil?: string | null }} Changes */

/**
 * Changes status or assignee, in the list as well, and says so with a way back.
 * @param {string} id
 * @param {Changes} changes
 */
export async function changeStatus(id, changes) {
  const before = cached(id).conversation;
  if (await write(id, changes)) {
    /** @type {Changes} */
    const back = {};
    if ("status" in changes || "snoozedUntil" in changes) {
      if (before?.snoozedUntil) back.snoozedUntil = before.snoozedUntil;
      else back.status = before?.status;
    }
    if ("assignee" in changes) back.assignee = before?.assignee ?? null;
    notice(told(before?.guest?.name ?? t("erasedGuest"), changes), "", () => write(id, back));
  }
}

/**
 * What has become of a guest's conversation.
 * @param {string} name
 * @param {Changes} changes
 */
function told(name, { status, assignee, snoozedUntil }) {
  if (snoozedUntil) return t("became.snoozed", { name, time: moment(snoozedUntil) });
  if (status) return t(`became.${status}`, { name });
  return assignee
    ? t("became.assigned", { name, who: nameOf(assignee) })
    : t("became.nobodys", { name });
}

/**
 * Writes a change; whether that succeeded.
 * @param {string} id
 * @param {Changes} changes
 */
async function write(id, changes) {
  try {
    updateRow(await changeConversation(id, changes));
    return true;
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) notice(explain(error), "bad");
    return false;
  }
}

/** @param {{ id: string }} props */
export function Conversation({ id }) {
  const { conversation, messages, older, problem } = cached(id);
  const [task, setTask] = useState(/** @type {Api.Message | null} */ (null));
  const [card, setCard] = useState(false);
  const empty = messages === null;
  useEffect(() => {
    if (empty && !problem) open(id);
  }, [empty]);
  useEffect(() => {
    if (conversation?.unread && messages) markRead(id);
  }, [conversation?.unread, messages?.length, document.hidden]);
  useReach(id, !empty);
  if (problem && !messages) return html`<${Unread} id=${id} problem=${problem} />`;
  const name = conversation ? (conversation.guest?.name ?? t("erasedGuest")) : "";
  return html`
    <section class="conversation" aria-label=${name}>
      <${Bar} name=${name} conversation=${conversation} onCard=${() => setCard(true)} />
      <${MessageLog} id=${id} messages=${messages} older=${older} onTask=${setTask} />
      ${
        conversation &&
        html`<${Reply} key=${id} conversation=${conversation} messages=${messages} />`
      }
      ${
        task &&
        html`
          <${TaskDialog}
            conversation=${conversation}
            message=${task}
            onClose=${() => setTask(null)}
          />
        `
      }
      ${
        card &&
        html`<${GuestDialog} conversation=${conversation} onClose=${() => setCard(false)} />`
      }
    </section>
  `;
}

/** @param {{ conversation: Api.Conversation | null, onClose: () => void }} props */
const GuestDialog = ({ conversation, onClose }) => html`
  <${Dialog} title=${t("guest")} onClose=${onClose}>
    <${GuestCard} conversation=${conversation} />
  </${Dialog}>
`;

/**
 * A conversation that could not be read.
 * @param {{ id: string, problem: any }} props
 */
function Unread({ id, problem }) {
  function retry() {
    cached(id).problem = null;
    open(id);
  }
  return html`
    <section class="conversation">
      ${
        problem.status === 404
          ? html`<${Empty} title=${t("gone")} />`
          : html`<${Failed} text=${explain(problem)} retry=${retry} />`
      }
    </section>
  `;
}

/**
 * @param {{ name: string, conversation: Api.Conversation | null, onCard: () => void }} props
 */
const Bar = ({ name, conversation, onCard }) => html`
  <header class="bar">
    <a class="icon back" href=${linkTo("inbox")} aria-label=${t("back")}><${Icon} name="back" /></a>
    <div class="title">
      <h2 dir="auto" tabindex="-1">${name || " "}</h2>
      <p>${conversation && html`<${Facts} conversation=${conversation} />`}</p>
      ${conversation && html`<${Subject} conversation=${conversation} />`}
    </div>
    ${
      conversation &&
      html`
        <${FindButton} key=${conversation.id} id=${conversation.id} />
        <${UnreadButton} id=${conversation.id} />
        <${Snooze}
          conversation=${conversation}
          onChange=${(/** @type {Changes} */ changes) => changeStatus(conversation.id, changes)}
        />
        <button
          type="button"
          class="icon tocard"
          title=${t("guest")}
          aria-label=${t("guest")}
          onClick=${onCard}
        >
          <${Icon} name="guests" />
        </button>
        <${Actions} conversation=${conversation} />
      `
    }
  </header>
`;

/** @param {{ id: string }} props */
const UnreadButton = ({ id }) => html`
  <button
    type="button"
    class="icon"
    title=${t("markUnread")}
    aria-label=${t("markUnread")}
    onClick=${() => markUnread(id)}
  >
    <${Icon} name="unread" />
  </button>
`;

/** @param {{ conversation: Api.Conversation }} props */
const Facts = ({ conversation }) => html`
  <span>${t(`channels.${conversation.channel}`)}</span>
  ${conversation.waitingSince && html`<${Waiting} at=${conversation.waitingSince} />`}
  ${conversation.status !== "open" && html`<span> · ${stateText(conversation)}</span>`}
  ${conversation.windowExpiresAt && html`<${ReplyWindow} at=${conversation.windowExpiresAt} />`}
`;

/**
 * How long the guest has been waiting.
 * @param {{ at: string }} props
 */
function Waiting({ at }) {
  const text = t("waits", { time: since(at) });
  return html`<span> · <span class=${`waits ${waitingStep(at)}`}>${text}</span></span>`;
}

/**
 * How long WhatsApp still allows a reply.
 * @param {{ at: string }} props
 */
function ReplyWindow({ at }) {
  const isOpen = Date.parse(at) > Date.now();
  const text = isOpen ? t("windowOpen", { time: until(at) }) : t("windowClosed");
  return html`<span> · <span class=${`window ${windowStep(at)}`}>${text}</span></span>`;
}

/** @param {{ conversation: Api.Conversation }} props */
function Actions({ conversation: { id, status, assignee } }) {
  const people = state.staff.filter((member) => member.active || member.id === assignee);
  /** @param {Api.Conversation["status"]} wanted */
  const become = (wanted) => () => changeStatus(id, { status: wanted });
  const take = () => changeStatus(id, { assignee: state.me.id });
  /** @param {Event & { target: HTMLSelectElement }} event */
  const assign = (event) => changeStatus(id, { assignee: event.target.value || null });
  const reopen = html`<${SmallButton} label=${t("reopen")} onClick=${become("open")} />`;
  const close = html`<${SmallButton} label=${t("closeIt")} onClick=${become("closed")} />`;
  const pending = html`
    <${SmallButton} label=${t("makePending")} onClick=${become("pending")} />
  `;
  return html`
    <div class="acts">
      ${assignee !== state.me.id && html`<${SmallButton} label=${t("take")} onClick=${take} />`}
      <select class="small" aria-label=${t("assignee")} value=${assignee ?? ""} onChange=${assign}>
        <${Option} value="">${t("nobody")}</${Option}>
        <${Options} items=${people.map((member) => [member.id, member.name])} />
      </select>
      ${status === "open" && pending}
      ${status === "closed" ? reopen : close}
      ${status === "pending" && reopen}
    </div>
  `;
}
