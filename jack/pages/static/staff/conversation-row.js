// A conversation in the inbox's list: two lines, of which the second says how it stands.

import { t } from "../shared/page.js";
import { Avatar, Unread } from "./components.js";
import { brief, since, until } from "./format.js";
import { Icon } from "./icons.js";
import { Snippet } from "./message-jump.js";
import { previewText } from "./media-words.js";
import { html } from "./preact.js";
import { linkTo } from "./router.js";
import { stateText } from "./snooze.js";
import { StayLine } from "./stay.js";
import { nameOf, state } from "./store.js";
import { waitingStep, windowStep } from "./urgency.js";

/** @param {{ row: Api.Conversation }} props */
export function ConversationRow({ row }) {
  const name = row.guest?.name ?? t("erasedGuest");
  return html`
    <li class=${row.unread ? "row unread" : "row"}>
      <a
        href=${linkTo("inbox", row.id, row.match?.messageId)}
        aria-current=${state.route.id === row.id ? "true" : undefined}
        data-id=${row.id}
      >
        <${Avatar} name=${name} />
        <span class="what">
          <span class="top">
            <${Channel} name=${row.channel} />
            <span class="name" dir="auto">${name}</span>
            <${StayLine} stay=${row.stay} />
            <${Time} row=${row} />
          </span>
          <span class="second">
            <span class="preview" dir="auto">
              ${row.subject ? html`<b>${row.subject}</b> ` : ""}
              ${row.match ? html`<${Snippet} match=${row.match} />` : previewText(row)}
            </span>
            <${Marks} row=${row} />
          </span>
        </span>
      </a>
    </li>
  `;
}

/** @param {{ name: Api.Channel }} props */
const Channel = ({ name }) => html`
  <span class="mark-channel" title=${t(`channels.${name}`)}>
    <${Icon} name=${name} size=${16} />
    <span class="unseen">${t(`channels.${name}`)}</span>
  </span>
`;

/**
 * How long the guest has waited; where nobody waits, when the last message came.
 * @param {{ row: Api.Conversation }} props
 */
function Time({ row: { waitingSince, lastMessageAt, createdAt } }) {
  const at = waitingSince ?? lastMessageAt ?? createdAt;
  if (!waitingSince) return html`<time datetime=${at}>${brief(at)}</time>`;
  const time = since(waitingSince);
  return html`
    <time datetime=${at} class=${`waits ${waitingStep(at)}`} title=${t("waits", { time })}>
      <${Icon} name="clock" size=${14} />
      <span aria-hidden="true">${time}</span>
      <span class="unseen">${t("waits", { time })}</span>
    </time>
  `;
}

const isSearch = () => Boolean(state.list?.of?.search.trim()); // which looks in all states

/** @param {{ row: Api.Conversation }} props */
function Marks({ row }) {
  const { status, assignee, unread, windowExpiresAt } = row;
  const who = assignee && (assignee === state.me.id ? t("you") : nameOf(assignee));
  return html`
    <span class="marks">
      ${status !== "closed" && windowExpiresAt && html`<${WindowEnds} at=${windowExpiresAt} />`}
      ${(status !== "open" || isSearch()) && html`<span class="state">${stateText(row, true)}</span>`}
      ${
        who &&
        html`
          <span class="holder" title=${who}>
            <${Avatar} name=${nameOf(assignee)} /><span class="unseen">${who}</span>
          </span>
        `
      }
      ${unread > 0 && html`<${Unread} count=${unread} />`}
    </span>
  `;
}

/**
 * That WhatsApp soon lets nobody write freely any more.
 * @param {{ at: string }} props
 */
function WindowEnds({ at }) {
  const step = windowStep(at);
  if (!step || Date.parse(at) <= Date.now()) return null;
  return html`<span class=${`window ${step}`}>${t("windowOpen", { time: until(at) })}</span>`;
}
