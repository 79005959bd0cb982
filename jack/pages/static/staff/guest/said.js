// Everything said with a guest, on all channels, in one line of time; and the files of all of it.

import { t } from "../../shared/page.js";
import { authorName } from "../author-name.js";
import { Failed, Skeleton } from "../components.js";
import { clock, day, moment } from "../format.js";
import { Icon } from "../icons.js";
import { lazy } from "../lazy.js";
import { useList } from "../list-data.js";
import { html, useState } from "../preact.js";
import { linkTo } from "../router.js";
import { state } from "../store.js";
import { useHeard } from "./heard.js";

const Files = lazy(async () => (await import("../media/files.js")).Files, true);

/** @param {{ guestId: string }} props */
export function Said({ guestId }) {
  const [files, setFiles] = useState(false);
  const list = useList(`/guests/${guestId}/messages`, { hasFiles: files ? "true" : "" });
  useHeard(state.heard.conversations, list.renew);
  /** @param {boolean} which @param {string} text */
  const choice = (which, text) => html`
    <button
      type="button"
      class="quiet small"
      aria-pressed=${files === which ? "true" : "false"}
      onClick=${() => setFiles(which)}
    >
      ${text}
    </button>
  `;
  return html`
    <section class="said" aria-label=${t("said.title")}>
      <h3>${t("said.title")}</h3>
      <p class="acts">${choice(false, t("said.all"))}${choice(true, t("said.files"))}</p>
      <${Stream} list=${list} none=${t(files ? "said.noFiles" : "noMessages")} />
    </section>
  `;
}

/** @param {{ list: ReturnType<typeof useList>, none: string }} props */
function Stream({ list: { rows, total, problem, reload, more }, none }) {
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${4} />`;
  if (!rows.length) return html`<p class="hint">${none}</p>`;
  return html`
    <ol class="stream">${byDay(rows)}</ol>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet small" onClick=${more}>${t("earlier")}</button>`
    }
  `;
}

/**
 * The messages, newest first, with a line above those of each day.
 * @param {Api.GuestMessage[]} rows
 */
function byDay(rows) {
  let before = "";
  return rows.map((message) => {
    const now = day(message.orderedAt);
    const begins = now !== before;
    before = now;
    return [
      begins && html`<li class="day" key=${`day ${now}`}><span>${now}</span></li>`,
      html`<${Line} key=${message.id} message=${message} />`,
    ];
  });
}

/** @param {Api.GuestMessage} message */
const kindOf = ({ type, direction }) =>
  type === "note" ? "note" : direction === "inbound" ? "theirs" : "ours";

/** @param {{ message: Api.GuestMessage }} props */
function Line({ message }) {
  const { id, conversationId, channel, author, content, details, attachments } = message;
  const kind = kindOf(message);
  const at = message.writtenAt ?? message.orderedAt;
  return html`
    <li class="spoken ${kind}" data-id=${id}>
      <p class="who">
        <${Icon} name=${kind === "note" ? "note" : channel} size=${16} />
        <b dir="auto">${authorName(author)}</b>
        <span>${t(`channels.${channel}`)}${kind === "note" && ` · ${t("noteLabel")}`}</span>
        <a href=${linkTo("inbox", conversationId, id)} title=${moment(at)}>
          <span class="unseen">${t("said.open")} </span><time datetime=${at}>${clock(at)}</time>
        </a>
      </p>
      ${details?.subject && html`<p class="text" dir="auto"><b>${details.subject}</b></p>`}
      ${content && html`<p class="text" dir="auto">${content}</p>`}
      ${attachments.length > 0 && html`<${Files} message=${message} />`}
    </li>
  `;
}
