// Beside the list, where no conversation is open: who waits longest, one click away.

import { t } from "../shared/page.js";
import { Empty } from "./components.js";
import { number, since } from "./format.js";
import { Icon } from "./icons.js";
import { previewText } from "./media-words.js";
import { html, useEffect, useState } from "./preact.js";
import { request } from "./request.js";
import { linkTo } from "./router.js";
import { state } from "./store.js";
import { waitingStep } from "./urgency.js";

const SHOWN = 5;
const PATH = `/conversations?waiting=true&sort=waiting&status=open&limit=${SHOWN}&page=1`;

/** Those who wait longest: of the list, or else read, and again when the counts have changed. */
function useWaiting() {
  const { list, counts } = state;
  const [rows, setRows] = useState(/** @type {Api.Conversation[]} */ ([]));
  const listed = list?.rows && isAllWhoWait(list.of) ? list.rows.slice(0, SHOWN) : null;
  const wanted = Boolean(list?.rows && !listed && counts?.waiting);
  useEffect(() => {
    if (wanted)
      request("GET", PATH).then(
        ({ data }) => setRows(data),
        () => {}, // what was read before stays
      );
  }, [wanted, counts]);
  return listed ?? (wanted ? rows : []);
}

/** @param {Staff.Filters | undefined} filters */
const isAllWhoWait = (filters) =>
  filters?.waiting && !Object.entries(filters).some(([name, one]) => !USUAL.has(name) && one);
const USUAL = new Set(["waiting", "status"]);

export function WhoWaits() {
  const rows = useWaiting();
  if (!rows.length) {
    return html`<${Empty} title=${t("chooseOne")}>${t("chooseOneAbout")}</${Empty}>`;
  }
  const count = state.counts?.waiting ?? rows.length;
  return html`
    <div class="who-waits">
      <h2>${t("waiting")} <span class="count">${number(count)}</span></h2>
      <ol>
        ${rows.map((row) => html`<li key=${row.id}><${One} row=${row} /></li>`)}
      </ol>
      <p class="hint">${t("chooseOneAbout")}</p>
    </div>
  `;
}

/** @param {{ row: Api.Conversation }} props */
function One({ row }) {
  const at = row.waitingSince ?? row.createdAt;
  return html`
    <a href=${linkTo("inbox", row.id)}>
      <${Icon} name=${row.channel} size=${18} />
      <span class="unseen">${t(`channels.${row.channel}`)}</span>
      <span class="what">
        <b dir="auto">${row.guest?.name ?? t("erasedGuest")}</b>
        ${row.stay?.room && html` <span class="room" dir="auto">${row.stay.room}</span>`}
        <span class="preview" dir="auto">${previewText(row)}</span>
      </span>
      <time datetime=${at} class=${`waits ${waitingStep(at)}`}>
        <span class="unseen">${t("waits", { time: since(at) })}</span>
        <span aria-hidden="true">${since(at)}</span>
      </time>
    </a>
  `;
}
