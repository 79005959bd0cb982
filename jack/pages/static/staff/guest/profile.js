// What is known of the guest of a conversation, beside it.

import { t } from "../../shared/page.js";
import { BlockButton, BlockedHint } from "../block-guest.js";
import { languageName, moment } from "../format.js";
import { Icon } from "../icons.js";
import { html } from "../preact.js";
import { linkTo } from "../router.js";
import { nameOf } from "../store.js";
import { GuestStays } from "../stays/guest-stays.js";

/** @param {{ guest: Staff.KnownGuest }} props */
export function Profile({ guest }) {
  const { email, phone, language, tags, notes, tasks } = guest;
  const facts = [
    ["email", email],
    ["phone", phone],
    ["language", language && languageName(language)],
  ].filter(([, value]) => value);
  return html`
    <${BlockedHint} guest=${guest} />
    <${Stopped} consents=${guest.consents} />
    <${GuestStays} guestId=${guest.id} version=${guest} />
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
