// What is open with a guest: their conversations and tasks that are not over; closed ones folded.

import { t } from "../../shared/page.js";
import { Failed, Skeleton } from "../components.js";
import { brief } from "../format.js";
import { Icon } from "../icons.js";
import { useList } from "../list-data.js";
import { html } from "../preact.js";
import { linkTo } from "../router.js";
import { state } from "../store.js";
import { useHeard } from "./heard.js";
import { TaskLines } from "./task-lines.js";

const UNDONE = ["open", "in_progress", "blocked"];

/** @param {{ guestId: string }} props */
export function Open({ guestId }) {
  const conversations = useList("/conversations", { guestId });
  const tasks = useList("/tasks", { guestId, status: UNDONE });
  useHeard(state.heard.conversations, conversations.reload);
  useHeard(state.heard.tasks, tasks.reload);
  /** @type {Api.Conversation[]} */
  const all = conversations.rows ?? [];
  const closed = all.filter(({ status }) => status === "closed");
  const open = all.filter(({ status }) => status !== "closed");
  const known = conversations.rows && tasks.rows;
  const problem = conversations.problem || tasks.problem;
  function again() {
    conversations.reload();
    tasks.reload();
  }
  return html`
    <section class="open-of-guest" aria-label=${t("openOfGuest.title")}>
      <h3>${t("openOfGuest.title")}</h3>
      ${open.length > 0 && html`<ul class="plain-list">${open.map(line)}</ul>`}
      ${tasks.rows?.length ? html`<${TaskLines} tasks=${tasks.rows} />` : null}
      ${known && !open.length && !tasks.rows?.length && html`<p class="hint">${t("openOfGuest.none")}</p>`}
      ${!known && problem && html`<${Failed} text=${problem} retry=${again} />`}
      ${!known && !problem && html`<${Skeleton} rows=${2} />`}
      ${
        closed.length > 0 &&
        html`
          <details>
            <summary>${t("openOfGuest.closed", { count: closed.length })}</summary>
            <ul class="plain-list">${closed.map(line)}</ul>
          </details>
        `
      }
    </section>
  `;
}

/** @param {Api.Conversation} row */
const line = ({ id, channel, status, lastMessageAt, createdAt, preview }) => html`
  <li key=${id}>
    <a href=${linkTo("inbox", id)}>
      <${Icon} name=${channel} size=${16} />
      ${` ${t(`channels.${channel}`)} · ${brief(lastMessageAt ?? createdAt)}`}
    </a>
    ${status === "pending" && html`<span class="hint"> · ${t("statuses.pending")}</span>`}
    ${" "}
    <span class="preview" dir="auto">${preview}</span>
  </li>
`;
