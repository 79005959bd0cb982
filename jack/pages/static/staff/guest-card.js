// The guest of a conversation, beside it.

import { t } from "../shared/page.js";
import { html, useEffect } from "./preact.js";
import { languageName, moment } from "./format.js";
import { loadGuest } from "./guest-data.js";
import { Icon } from "./icons.js";
import { lazy } from "./lazy.js";
import { linkTo } from "./router.js";
import { StayLine } from "./stay.js";
import { nameOf, state } from "./store.js";
import { BlockButton, BlockedHint } from "./block-guest.js";
import { Avatar, Skeleton } from "./components.js";

const GuestStays = lazy(async () => (await import("./stays/guest-stays.js")).GuestStays, true);
const REST = 400; // before the guest is read, for those who walk through the list

/** @param {{ conversation: Api.Conversation | null | undefined }} props */
export function GuestCard({ conversation }) {
  const id = conversation?.guestId;
  useEffect(() => {
    const timer = setTimeout(() => loadGuest(id), REST);
    return () => clearTimeout(timer);
  }, [id]);
  if (!conversation) return html`<${Skeleton} rows=${4} />`;
  if (!id) return html`<p class="hint pad">${t("erasedAbout")}</p>`;
  const guest = state.guests.get(id);
  const name = conversation.guest?.name;
  return html`
    <div class="guest-card">
      <div class="guest-head">
        <${Avatar} name=${name} />
        <div><h2 dir="auto">${name}</h2><a href=${linkTo("guests", id)}>${t("openGuest")}</a></div>
      </div>
      ${guest ? html`<${Profile} guest=${guest} />` : html`<${Skeleton} rows=${3} />`}
    </div>
  `;
}

/** @param {{ guest: Staff.KnownGuest }} props */
function Profile({ guest }) {
  const { email, phone, language, tags, notes, tasks } = guest;
  const facts = [
    ["email", email],
    ["phone", phone],
    ["language", language && languageName(language)],
  ].filter(([, value]) => value);
  return html`
    ${guest.stay && html`<p class="card-stay"><${StayLine} stay=${guest.stay} /></p>`}
    <${BlockedHint} guest=${guest} />
    <${Stopped} consents=${guest.consents} />
    <dl>
      ${facts.map(
        ([name, value]) => html`
          <div key=${name}><dt>${t(`fields.${name}`)}</dt><dd dir="auto">${value}</dd></div>
        `,
      )}
    </dl>
    ${
      tags.length > 0 &&
      html`
        <ul class="tags" aria-label=${t("fields.tags")}>
          ${tags.map((tag) => html`<li key=${tag} dir="auto">${tag}</li>`)}
        </ul>
      `
    }
    ${notes && html`<p class="guest-notes" dir="auto">${notes}</p>`}
    <${GuestStays} guestId=${guest.id} version=${guest} />
    <h3>${t("views.tasks")}</h3>
    ${tasks.length ? html`<${Tasks} tasks=${tasks} />` : html`<p class="hint">${t("noTasks")}</p>`}
    <p class="acts"><${BlockButton} guest=${guest} /></p>
  `;
}

/**
 * On which channels the guest has asked for no more messages.
 * @param {{ consents: Record<string, Api.Consent> }} props
 */
const Stopped = ({ consents }) =>
  Object.entries(consents)
    .filter(([, { state: said }]) => said === "withdrawn")
    .map(([channel, { at }]) => {
      const text = t("stopped", { channel: t(`channels.${channel}`), when: moment(at ?? "") });
      return html`
        <p class="doubt" key=${channel}><${Icon} name="warn" size=${16} /><span>${text}</span></p>
      `;
    });

/** @param {{ tasks: Api.Task[] }} props */
const Tasks = ({ tasks }) => html`
  <ul class="small-tasks">
    ${tasks.map(
      (task) => html`
        <li key=${task.id}>
          <a href=${linkTo("tasks", task.id)} dir="auto">${task.title}</a>
          <span class=${task.overdue ? "hint late" : "hint"}>${summary(task)}</span>
        </li>
      `,
    )}
  </ul>
`;

/** @param {Api.Task} task */
const summary = ({ status, assignee, completedAt, dueAt }) =>
  [t(`taskStatuses.${status}`), assignee && nameOf(assignee), moment(completedAt ?? dueAt)]
    .filter((part) => part !== null)
    .join(" · ");
