// Lines of the day: who arrives, who leaves, who is in the hotel.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { calendarDay, number } from "../format.js";
import { Icon } from "../icons.js";
import { html, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { go, linkTo } from "../router.js";
import { nightsText } from "../stay.js";
import { move } from "../stays/moving.js";
import { NameGuest } from "../stays/name-guest.js";
import { notice } from "../store.js";

/**
 * @typedef {{ stay: Api.Stay, tasks: Api.Task[], tomorrow: boolean,
 *   onChanged: () => void }} Props
 */

/** @param {Props} props */
export function Arrival({ stay, tasks, tomorrow, onChanged }) {
  const here = stay.status !== "booked";
  return html`
    <${Line} stay=${stay} tasks=${tasks} done=${here} onChanged=${onChanged} about=${[nightsText(stay), people(stay), stay.source]}>
      <time>${stay.eta ?? t("day.noHour")}</time>
      ${here && html`<${Done} status=${stay.status} />`}
      ${
        !here &&
        !tomorrow &&
        html`<${SmallButton} label=${t("stays.checkIn")} onClick=${() => move(stay, "in_house", onChanged)} />`
      }
    </${Line}>
  `;
}

/** @param {Props} props */
export function Departure({ stay, tasks, tomorrow, onChanged }) {
  const gone = stay.status === "departed";
  const about = [t("day.since", { day: calendarDay(stay.arrival) }), people(stay), stay.source];
  return html`
    <${Line} stay=${stay} tasks=${tasks} done=${gone} about=${about} onChanged=${onChanged}>
      ${gone && html`<${Done} status=${stay.status} />`}
      ${
        !gone &&
        !tomorrow &&
        html`<${SmallButton} label=${t("stays.checkOut")} onClick=${() => move(stay, "departed", onChanged)} />`
      }
    </${Line}>
  `;
}

/** @param {{ status: string }} props */
const Done = ({ status }) => html`
  <span class="done"><${Icon} name="check" size=${14} /> ${t(`stays.statuses.${status}`)}</span>
`;

/** @param {Api.Stay} stay */
const people = ({ adults, children }) =>
  t("stays.people", { people: children ? `${adults}+${children}` : `${adults}` });

/**
 * @param {{ stay: Api.Stay, tasks: Api.Task[], done: boolean, about: (string | null)[],
 *   onChanged: () => void, children: any }} props
 */
function Line({ stay, tasks, done, about, onChanged, children }) {
  const { guest, room, notes } = stay;
  const own = tasks.filter((task) => task.guestId && task.guestId === guest?.id);
  return html`
    <div class=${done ? "line over" : "line"}>
      <span class="room" dir="auto">${room ?? "–"}${!room && html`<span class="unseen">${t("day.noRoom")}</span>`}</span>
      <span class="what">
        ${guest ? html`<${Name} guest=${guest} />` : html`<${Unnamed} stay=${stay} onChanged=${onChanged} />`}
        <span class="about">${about.filter(Boolean).join(" · ")}</span>
        ${notes && html`<span class="said" dir="auto">${notes.split("\n")[0]}</span>`}
      </span>
      <span class="side">${children}</span>
      ${guest && html`<${Write} guest=${guest} />`}
      ${own.length > 0 && html`<${OwnTasks} tasks=${own} />`}
    </div>
  `;
}

/** @param {{ tasks: Api.Task[] }} props */
const OwnTasks = ({ tasks }) => html`
  <span class="own-tasks">
    ${tasks.map(
      ({ id, title }) => html`
        <a key=${id} class="with-task" href=${linkTo("tasks", id)}>
          <${Icon} name="tasks" size=${14} /> <span dir="auto">${title}</span>
        </a>
      `,
    )}
  </span>
`;

/** @param {{ guest: Api.Stay["guest"] }} props */
const Name = ({ guest }) =>
  guest
    ? html`<a class="name" href=${linkTo("guests", guest.id)} dir="auto">${guest.name}</a>`
    : html`<span class="name">${t("day.noGuest")}</span>`;

/**
 * A stay that nobody is named for yet, as from a calendar.
 * @param {{ stay: Api.Stay, onChanged: () => void }} props
 */
function Unnamed({ stay, onChanged }) {
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return html`
    <button type="button" class="link" onClick=${() => setAsking(true)}>${t("day.noGuest")}</button>
    ${asking && html`<${NameGuest} stay=${stay} onClose=${close} onNamed=${onChanged} />`}
  `;
}

/** @param {{ guest: { id: string, name: string } }} props */
const Write = ({ guest }) => html`
  <button
    type="button"
    class="icon write"
    aria-label=${t("day.write", { name: guest.name })}
    title=${t("day.write", { name: guest.name })}
    onClick=${() => write(guest.id)}
  >
    <${Icon} name="inbox" size=${18} />
  </button>
`;

/**
 * Opens the guest's latest conversation; where there is none yet, the guest, who can be written to.
 * @param {string} guestId
 */
async function write(guestId) {
  try {
    const { data } = await request("GET", `/conversations?guestId=${guestId}&limit=1`);
    if (data.length) go("inbox", data[0].id);
    else go("guests", guestId);
  } catch (error) {
    notice(explain(error), "bad");
  }
}

/**
 * Who is in the hotel, by room; folded until it is asked for.
 * @param {{ found: import("./today-data.js").Found }} props
 */
export function InHouse({ found: { rows } }) {
  if (!rows) return null;
  return html`
    <section class="part staying">
      <details>
        <summary>
          <h2>${t("handover.inHouse")} <span class="count">${number(rows.length)}</span></h2>
        </summary>
        <ul>
          ${rows.map(
            (stay) => html`
              <li key=${stay.id}>
                <span class="room" dir="auto">${stay.room ?? "–"}</span>
                <${Name} guest=${stay.guest} />
                <span class="about">${t("stays.leavesOn", { day: calendarDay(stay.departure) })}</span>
              </li>
            `,
          )}
        </ul>
      </details>
    </section>
  `;
}
