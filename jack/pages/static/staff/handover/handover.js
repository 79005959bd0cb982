// The handover: on one page, in the order in which one tells it. It is printed in black.

import { t } from "../../shared/page.js";
import { Failed, Head, Skeleton } from "../components.js";
import { moment } from "../format.js";
import { bind, Field, Form } from "../forms.js";
import { html, useEffect, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { linkTo } from "../router.js";
import { departmentName, notice, state } from "../store.js";

function useHandover() {
  const [found, setFound] = useState({ data: /** @type {any} */ (null), problem: "" });
  async function read() {
    try {
      const { data } = await request("GET", "/handover");
      setFound({ data, problem: "" });
    } catch (error) {
      setFound((was) => ({ ...was, problem: explain(error) }));
    }
  }
  useEffect(() => {
    read();
  }, []);
  return { ...found, reload: read };
}

export function Handover() {
  const { data, problem, reload } = useHandover();
  const content = data ? html`<${Whole} data=${data} reload=${reload} />` : null;
  return html`
    <div class="page handover">
      <${Head} title=${t("views.handover")}>
        <button type="button" class="quiet" onClick=${() => print()}>${t("handover.print")}</button>
      </${Head}>
      ${problem && !data && html`<${Failed} text=${problem} retry=${reload} />`}
      ${content ?? (!problem && html`<${Skeleton} rows=${8} />`)}
    </div>
  `;
}

/** @param {{ data: any, reload: () => Promise<void> }} props */
function Whole({ data, reload }) {
  const stays = ["arrivals", "departures", "inHouse"].filter((name) => data[name].length);
  const notes = t("handover.notes", { time: moment(data.since) });
  return html`
    <${Last} last=${data.last} reload=${reload} />
    <div class="parts">
      <${Part} title=${t("handover.waiting")} rows=${data.waiting} line=${waiting} none="nobodyWaits" />
      <${Part} title=${t("handover.overdue")} rows=${data.overdueTasks} line=${task} />
      <${Part} title=${t("handover.open")} rows=${data.openTasks} line=${task} />
      ${data.mentions.length > 0 && html`<${Part} title=${t("handover.mentions")} rows=${data.mentions} line=${note} />`}
      <${Part} title=${notes} rows=${data.notes} line=${note} />
      ${stays.map(
        (name) =>
          html`<${Part} key=${name} title=${t(`handover.${name}`)} rows=${data[name]} line=${stay} />`,
      )}
      <${Part} title=${t("handover.channels")} rows=${data.channels} line=${channel} none="allWorks" />
    </div>
    <${Sign} reload=${reload} />
  `;
}

/**
 * @param {{ title: string, rows: any[], line: (row: any) => any, none?: string }} props
 */
const Part = ({ title, rows, line, none = "nothing" }) => html`
  <section>
    <h2>${title}${rows.length > 0 && html` <span class="count">${rows.length}</span>`}</h2>
    ${
      rows.length
        ? html`<ul>
            ${rows.map((row) => html`<li key=${row.id ?? row.channel}>${line(row)}</li>`)}
          </ul>`
        : html`<p class="hint">${t(`handover.${none}`)}</p>`
    }
  </section>
`;

/**
 * A line: where it leads, what it says, and about it in small.
 * @param {string} href
 * @param {string | null} title
 * @param {string | null} text
 * @param {(string | null | false)[]} about
 */
const line = (href, title, text, about) => html`
  <a href=${href} dir="auto">${title ?? "–"}</a>
  ${text && html`<p class="said" dir="auto">${text}</p>`}
  <p class="hint">${about.filter(Boolean).join(" · ")}</p>
`;

/** @param {any} row */
const waiting = (row) =>
  line(linkTo("inbox", row.id), row.guestName, row.preview, [
    t("handover.since", { time: moment(row.waitingSince) }),
    t(`channels.${row.channel}`),
    row.assigneeName,
  ]);

/** @param {any} row */
const task = (row) =>
  line(linkTo("tasks", row.id), row.title, null, [
    row.room,
    departmentName(row.department),
    row.priority !== "normal" && t(`priorities.${row.priority}`),
    t("handover.due", { time: moment(row.dueAt) }),
    row.assigneeName,
  ]);

/** @param {any} row */
const note = (row) =>
  line(linkTo("inbox", row.conversationId), row.guestName, row.content, [
    row.authorName,
    moment(row.createdAt),
  ]);

/** @param {any} row */
const stay = (row) =>
  line(linkTo("guests", row.guestId), row.guestName, null, [
    row.room,
    `${row.arrival} – ${row.departure}`,
    row.eta,
  ]);

/** @param {any} row */
const channel = (row) =>
  line(linkTo("settings", "channels"), t(`channels.${row.channel}`), row.pausedBecause, [
    t("handover.since", { time: moment(row.pausedAt) }),
  ]);

/** @param {{ last: any, reload: () => Promise<void> }} props */
function Last({ last, reload }) {
  if (!last) return html`<p class="hint last">${t("handover.none")}</p>`;
  const names = last.readBy
    .map((/** @type {any} */ { name, at }) => `${name} (${moment(at)})`)
    .join(", ");
  const mine = last.by.id === state.me.id;
  const done = mine || last.readBy.some((/** @type {any} */ { id }) => id === state.me.id);
  async function read() {
    try {
      await request("POST", `/handover/${last.id}/read`);
      await reload();
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  return html`
    <section class="last">
      <h2>${t("handover.last")}</h2>
      <p class="text" dir="auto">${last.text}</p>
      <p class="hint">${t("handover.by", { name: last.by.name, time: moment(last.at) })}</p>
      <p class="hint">${names ? t("handover.readBy", { names }) : t("handover.unread")}</p>
      ${
        !done &&
        html`<button type="button" class="quiet" onClick=${read}>${t("handover.read")}</button>`
      }
    </section>
  `;
}

/** @param {{ reload: () => Promise<void> }} props */
function Sign({ reload }) {
  const [turn, setTurn] = useState(0);
  /**
   * @param {{ text: string }} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    await request("POST", "/handover", { body: values, key: keyFor(values) });
    notice(t("handover.signed"));
    await reload();
    setTimeout(() => setTurn(turn + 1)); // once the form has forgotten what was typed: an empty one
  }
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field}
      ...${bind(form, "text")}
      label=${t("handover.more")}
      hint=${t("handover.moreHint")}
      rows="5"
      maxlength="5000"
      required
    />
  `;
  return html`
    <${Form}
      key=${turn}
      className="sign"
      initial=${{ text: "" }}
      fields=${fields}
      send=${send}
      label=${t("handover.sign")}
    />
  `;
}
