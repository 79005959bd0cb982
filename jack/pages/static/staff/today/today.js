// The hotel's day on one page: who waits, what is late, who comes and who leaves.

import { t } from "../../shared/page.js";
import { Failed, Head, Skeleton } from "../components.js";
import { calendarDay, hotelToday, number, since } from "../format.js";
import { inWords, shownFaults } from "../health.js";
import { html, useRef, useState } from "../preact.js";
import { go, linkTo } from "../router.js";
import { byHour, dayAfter, isDue, isLate, stillHereFirst, useDay } from "./today-data.js";
import { FirstSteps } from "./first-steps.js";
import { Arrival, Departure, InHouse } from "./stay-rows.js";
import { DueTask, Waiting } from "./work-rows.js";

/** @typedef {import("./today-data.js").Found} Found */

export function Today() {
  const today = hotelToday();
  const [tomorrow, setTomorrow] = useState(false);
  const [shown, setShown] = useState("waiting");
  const page = useRef(/** @type {HTMLElement | null} */ (null));
  const day = useDay(tomorrow ? dayAfter(today) : today);
  /** @param {string} name */
  function show(name) {
    setShown(name);
    const head = page.current?.querySelector(`[data-part=${name}] h2`);
    requestAnimationFrame(() => {
      /** @type {HTMLElement | null} */ (head)?.focus({ preventScroll: true });
      head?.scrollIntoView({ block: "nearest" });
    });
  }
  const props = { day, shown, today, tomorrow };
  return html`
    <div class="page todays" ref=${page}>
      <${Head} title=${`${t("views.today")}, ${calendarDay(today)}`}>
        <div class="acts">
          <button type="button" class="quiet small handover" onClick=${() => go("handover")}>
            ${t("views.handover")}
          </button>
          <button type="button" class="quiet small" onClick=${() => printAll(page.current)}>
            ${t("handover.print")}
          </button>
        </div>
      </${Head}>
      <${Faults} />
      <${Figures} day=${day} shown=${shown} onShow=${show} tomorrow=${tomorrow} />
      <${FirstSteps} day=${day} />
      <div class="columns">
        <div><${Work} ...${props} /></div>
        <div><${Stays} ...${props} onTomorrow=${setTomorrow} /></div>
      </div>
    </div>
  `;
}

/**
 * Prints the day; on paper nothing is folded.
 * @param {HTMLElement | null} page
 */
function printAll(page) {
  page?.querySelector("details")?.setAttribute("open", "");
  print();
}

/** What is out of order; nothing where all is well. */
function Faults() {
  const faults = shownFaults() ?? [];
  if (!faults.length) return null;
  return html`
    <section class="faults" aria-label=${t("handover.channels")}>
      ${faults.map(
        (fault) => html`
          <a key=${`${fault.kind}:${fault.subjectId}`} href=${linkTo("settings", PLACES[fault.kind])}>
            ${inWords(fault)}
          </a>
        `,
      )}
    </section>
  `;
}

/** Where in the settings a fault is mended. @type {Record<string, string>} */
const PLACES = {
  channel: "channels",
  mailbox: "channels.email",
  webhook: "integrations",
  backup: "backups",
  disk: "backups",
  clock: "hotel",
};

/**
 * Four numbers; each shows its part of the page.
 * @param {{ day: ReturnType<typeof useDay>, shown: string, onShow: (name: string) => void,
 *   tomorrow: boolean }} props
 */
function Figures({ day, shown, onShow, tomorrow }) {
  const { waiting, tasks, arrivals, departures } = day;
  const longest = waiting.rows?.[0]?.waitingSince;
  const late = tasks.rows?.filter(isLate).length;
  const left = departures.rows?.filter(({ status }) => status === "departed").length;
  const come = arrivals.rows?.filter(({ status }) => status !== "booked").length;
  const done = (/** @type {number | undefined} */ count) =>
    count && !tomorrow ? t("day.done", { count: number(count) }) : "";
  /** @type {[string, number | undefined, string][]} */
  const figures = [
    [
      "waiting",
      waiting.rows ? waiting.total : undefined,
      longest && t("day.longest", { time: since(longest) }),
    ],
    ["tasks", late, ""],
    ["arrivals", arrivals.rows ? arrivals.total : undefined, done(come)],
    ["departures", departures.rows ? departures.total : undefined, done(left)],
  ];
  return html`
    <ul class="figures">
      ${figures.map(
        ([name, count, about]) => html`
          <li key=${name}>
            <button
              type="button"
              class=${count && name === "tasks" ? "late" : ""}
              aria-pressed=${shown === name ? "true" : "false"}
              onClick=${() => onShow(name)}
            >
              <b>${count === undefined ? "–" : number(count)}</b>
              <span>${t(`day.figures.${name}`)}</span>
              ${about && html`<small>${about}</small>`}
            </button>
          </li>
        `,
      )}
    </ul>
  `;
}

/** @param {{ day: ReturnType<typeof useDay>, shown: string }} props */
function Work({ day, shown }) {
  const { waiting, tasks } = day;
  const due = { ...tasks, rows: tasks.rows?.filter(isDue) ?? null };
  const more = waiting.rows && waiting.total > waiting.rows.length;
  /** @param {Api.Task} one */
  const task = (one) => html`<${DueTask} task=${one} onChanged=${day.reload} />`;
  return html`
    <${Part}
      name="waiting"
      shown=${shown}
      title=${t("handover.waiting")}
      found=${waiting}
      line=${Waiting}
      none=${t("handover.nobodyWaits")}
      retry=${day.reload}
    >
      ${more && html`<p><a href=${linkTo("inbox")}>${t("day.all", { count: number(waiting.total) })}</a></p>`}
    </${Part}>
    <${Part}
      name="tasks"
      shown=${shown}
      title=${t("day.due")}
      found=${due}
      line=${task}
      none=${t("day.nothingDue")}
      retry=${day.reload}
    >
      <p><a href=${linkTo("tasks")}>${t("day.allTasks")}</a></p>
    </${Part}>
  `;
}

/**
 * @param {{ day: ReturnType<typeof useDay>, shown: string, tomorrow: boolean,
 *   onTomorrow: (tomorrow: boolean) => void }} props
 */
function Stays({ day, shown, tomorrow, onTomorrow }) {
  const { arrivals, departures, inHouse, tasks, reload } = day;
  const sorted = (/** @type {Found} */ found, /** @type {(stays: any[]) => any[]} */ sort) => ({
    ...found,
    rows: found.rows && sort(found.rows),
  });
  /** @param {(props: any) => any} Row */
  const line = (Row) => (/** @type {Api.Stay} */ stay) =>
    html`<${Row} stay=${stay} tasks=${tasks.rows ?? []} tomorrow=${tomorrow} onChanged=${reload} />`;
  const none = t(tomorrow ? "day.nobodyTomorrow" : "day.nobody");
  return html`
    <${Days} tomorrow=${tomorrow} onTomorrow=${onTomorrow} shown=${shown} />
    <${Part}
      name="arrivals"
      shown=${shown}
      title=${t("handover.arrivals")}
      found=${sorted(arrivals, byHour)}
      line=${line(Arrival)}
      none=${none}
      retry=${reload}
    />
    <${Part}
      name="departures"
      shown=${shown}
      title=${t("handover.departures")}
      found=${sorted(departures, stillHereFirst)}
      line=${line(Departure)}
      none=${none}
      retry=${reload}
    />
    <${InHouse} found=${inHouse} />
  `;
}

/**
 * Whose arrivals and departures are shown: today's or tomorrow's.
 * @param {{ tomorrow: boolean, onTomorrow: (tomorrow: boolean) => void, shown: string }} props
 */
const Days = ({ tomorrow, onTomorrow, shown }) => html`
  <div
    class=${["arrivals", "departures"].includes(shown) ? "days tabs shown" : "days tabs"}
    role="group"
    aria-label=${t("day.days")}
  >
    ${[false, true].map(
      (one) => html`
        <button
          key=${one}
          type="button"
          aria-pressed=${one === tomorrow ? "true" : "false"}
          onClick=${() => onTomorrow(one)}
        >
          ${t(one ? "day.tomorrow" : "today")}
        </button>
      `,
    )}
  </div>
`;

/**
 * A part of the day: its heading, and a line each. On a phone one part is shown at a time.
 * @param {{ name: string, shown: string, title: string, found: Found, line: (row: any) => any,
 *   none: string, retry: () => void, children?: any }} props
 */
function Part({ name, shown, title, found, line, none, retry, children }) {
  const { rows, problem } = found;
  const total =
    rows && rows.length > 0 && number(Math.max(rows.length, name === "waiting" ? found.total : 0));
  let content = html`<${Skeleton} rows=${4} />`;
  if (rows?.length)
    content = html`<ul>${rows.map((row) => html`<li key=${row.id} data-id=${row.id}>${line(row)}</li>`)}</ul>`;
  else if (rows) content = html`<p class="hint none">${none}</p>`;
  else if (problem) content = html`<${Failed} text=${problem} retry=${retry} />`;
  return html`
    <section class=${shown === name ? "part shown" : "part"} data-part=${name}>
      <h2 tabindex="-1">${title}${total && html` <span class="count">${total}</span>`}</h2>
      ${content} ${children}
    </section>
  `;
}
