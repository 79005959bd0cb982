// Reports: what there was to do in a period, and in the one before. For managers.

import { t } from "../../shared/page.js";
import { Empty, Failed, Head, Skeleton } from "../components.js";
import { saveFile } from "../files/file-jobs.js";
import { number } from "../format.js";
import { Field, Option, Options } from "../forms.js";
import { html, useEffect, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { CHANNELS, departmentName, mayManage, state } from "../store.js";
import { Bars, Chart, Heat, Lines } from "./charts.js";
import { dayText, duration, PERIODS, weekdays } from "./days.js";

const STEPS = ["day", "week", "month"];
const OWN = "own";

/** @typedef {import("./days.js").Asked} Asked */

/** @param {Asked} asked */
const queryOf = (asked) => new URLSearchParams(asked);

/** @param {Asked} asked */
function useOverview(asked) {
  const [found, setFound] = useState({ data: /** @type {any} */ (null), problem: "" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    request("GET", `/reports/overview?${queryOf(asked)}`).then(
      ({ data }) => !gone && setFound({ data, problem: "" }),
      (error) => !gone && setFound({ data: null, problem: explain(error) }),
    );
    return () => {
      gone = true;
    };
  }, [asked.from, asked.to, asked.by, turn]);
  return { ...found, reload: () => setTurn(turn + 1) };
}

const NotForMe = () => html`
  <div class="page">
    <${Head} title=${t("views.reports")} />
    <${Empty} title=${t("forbidden")} />
  </div>
`;

export function Reports() {
  const [name, setName] = useState("fourWeeks");
  const [asked, setAsked] = useState(PERIODS.fourWeeks);
  const overview = useOverview(asked);
  if (!mayManage()) return html`<${NotForMe} />`;
  /** @param {string} chosen */
  function choose(chosen) {
    setName(chosen);
    if (PERIODS[chosen]) setAsked(PERIODS[chosen]());
  }
  const file = `report-${asked.from}-${asked.to}.csv`;
  const save = () => saveFile(`/reports/overview?${queryOf(asked)}&format=csv`, file);
  return html`
    <div class="page reports">
      <${Head} title=${t("views.reports")}>
        <button type="button" class="quiet" onClick=${save}>${t("reports.csv")}</button>
      </${Head}>
      <${Picker} name=${name} asked=${asked} onName=${choose} onAsked=${setAsked} />
      <${Found} overview=${overview} />
    </div>
  `;
}

/**
 * @param {{ name: string, asked: Asked, onName: (name: string) => void,
 *   onAsked: (asked: Asked) => void }} props
 */
function Picker({ name, asked, onName, onAsked }) {
  /** @param {keyof Asked} part */
  const field = (part) => ({
    name: `report-${part}`,
    label: t(`reports.${part}`),
    value: asked[part],
    onInput: (/** @type {string} */ value) => value && onAsked({ ...asked, [part]: value }),
  });
  const own = html`
    <${Field} ...${field("from")} type="date" max=${asked.to} />
    <${Field} ...${field("to")} type="date" min=${asked.from} />
  `;
  return html`
    <div class="audit-filters">
      <${Field} name="report-period" label=${t("reports.period")} value=${name} onInput=${onName}>
        <${Options} items=${Object.keys(PERIODS).map((one) => [one, t(`reports.periods.${one}`)])} />
        <${Option} value=${OWN}>${t("reports.periods.own")}</${Option}>
      </${Field}>
      ${name === OWN && own}
      <${Field} ...${field("by")}>
        <${Options} items=${STEPS.map((step) => [step, t(`reports.steps.${step}`)])} />
      </${Field}>
    </div>
  `;
}

/** @param {{ overview: ReturnType<typeof useOverview> }} props */
function Found({ overview: { data, problem, reload } }) {
  if (problem) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${6} />`;
  return html`
    <${Numbers} data=${data} />
    <div class="charts">
      <${OverTime} data=${data} />
      <${Hours} hours=${data.byHourOfWeek} />
      <${Channels} data=${data} />
      <${Departments} rows=${data.tasks.byDepartment} />
    </div>
  `;
}

/** @param {{ data: any }} props */
function Numbers({ data }) {
  const { from, to } = data.previous.period;
  const before = { from: dayText(from), to: dayText(to) };
  /** @param {string} name @param {any} now @param {any} then */
  const line = (name, now, then, more = "") => html`
    <div key=${name}>
      <dt>${t(`reports.${name}`)}</dt>
      <dd>${now}</dd>
      <dd class="hint">${more} ${t("reports.before", { value: then })}</dd>
    </div>
  `;
  const [now, then] = [data.firstAnswerSeconds, data.previous.firstAnswerSeconds];
  const count = (/** @type {(one: any) => number} */ of) =>
    [data, data.previous].map(of).map(number);
  const [opened, openedBefore] = count(({ conversations }) => conversations.opened);
  const [waited, waitedBefore] = count((one) => one.waitedOver15Minutes);
  const [late, lateBefore] = count(({ tasks }) => tasks.late);
  const slow = `${t("reports.nineInTen", { value: duration(now.p90) })} · `;
  return html`
    <dl class="figures">
      ${line("opened", opened, openedBefore)}
      ${line("firstAnswer", duration(now.median), duration(then.median), slow)}
      ${line("waited", waited, waitedBefore)} ${line("late", late, lateBefore)}
    </dl>
    <p class="hint">${t("reports.compared", before)}</p>
  `;
}

/** @param {{ data: any }} props */
function OverTime({ data }) {
  const labels = data.series.map((/** @type {any} */ { date }) => dayText(date, data.by));
  const title = t("reports.messages");
  const [from, to] = [t("reports.inbound"), t("reports.outbound")];
  /** @param {string} way */
  const values = (way) => data.series.map((/** @type {any} */ { messages }) => messages[way]);
  const series = [
    { name: from, values: values("inbound"), class: "first" },
    { name: to, values: values("outbound"), class: "second" },
  ];
  const head = [t("reports.day"), from, to, t("reports.opened"), t("reports.closed")];
  const rows = data.series.map(
    (/** @type {any} */ { messages, conversations }, /** @type {number} */ at) => [
      labels[at],
      number(messages.inbound),
      number(messages.outbound),
      number(conversations.opened),
      number(conversations.closed),
    ],
  );
  return html`
    <${Chart} title=${title} head=${head} rows=${rows}>
      <${Bars} title=${title} labels=${labels} series=${series} />
    </${Chart}>
  `;
}

/** @param {{ hours: number[][] }} props */
function Hours({ hours }) {
  const title = t("reports.hours", { zone: state.hotel.timeZone ?? "UTC" });
  const days = weekdays();
  const head = [t("reports.hour"), ...days];
  const rows = Array.from({ length: 24 }, (_, hour) => [
    `${hour}:00`,
    ...hours.map((day) => number(day[hour])),
  ]);
  return html`
    <${Chart} title=${title} head=${head} rows=${rows}>
      <${Heat} title=${title} days=${days} hours=${hours} />
    </${Chart}>
  `;
}

/** @param {{ data: any }} props */
function Channels({ data }) {
  const title = t("reports.byChannel");
  const { conversations, messages } = data;
  const head = [
    t("reports.channel"),
    t("reports.opened"),
    t("reports.inbound"),
    t("reports.outbound"),
  ];
  const rows = CHANNELS.map((channel) => [
    t(`channels.${channel}`),
    number(conversations.byChannel[channel]),
    number(messages.byChannel[channel].inbound),
    number(messages.byChannel[channel].outbound),
  ]);
  const bars = CHANNELS.map((channel) => ({
    name: t(`channels.${channel}`),
    value: conversations.byChannel[channel],
  }));
  return html`
    <${Chart} title=${title} head=${head} rows=${rows}><${Lines} title=${title} rows=${bars} /></${Chart}>
  `;
}

/** @param {{ rows: any[] }} props */
function Departments({ rows: found }) {
  const title = t("reports.byDepartment");
  const names = ["created", "completed", "late"];
  const head = [t("fields.department"), ...names.map((name) => t(`reports.tasks.${name}`))];
  const rows = found.map((row) => [
    departmentName(row.department),
    ...names.map((name) => number(row[name])),
  ]);
  const bars = found.map(({ department, created, late }) => ({
    name: departmentName(department),
    value: created,
    text: late
      ? `${number(created)} (${t("reports.ofThemLate", { late: number(late) })})`
      : undefined,
  }));
  return html`
    <${Chart} title=${title} head=${head} rows=${rows}>
      ${
        found.length
          ? html`<${Lines} title=${title} rows=${bars} />`
          : html`<p class="hint">${t("reports.noTasks")}</p>`
      }
    </${Chart}>
  `;
}
