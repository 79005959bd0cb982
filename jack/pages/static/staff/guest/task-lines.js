// Tasks for a guest, in a line each.

import { t } from "../../shared/page.js";
import { moment } from "../format.js";
import { html } from "../preact.js";
import { linkTo } from "../router.js";
import { nameOf } from "../store.js";

/** @param {{ tasks: Api.Task[] }} props */
export const TaskLines = ({ tasks }) => html`
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
