// What is known of the guest of a conversation, beside it.

import { t } from "../../shared/page.js";
import { BlockButton } from "../block-guest.js";
import { languageName } from "../format.js";
import { html } from "../preact.js";
import { GuestStays } from "../stays/guest-stays.js";
import { Care } from "./care.js";
import { TaskLines } from "./task-lines.js";

/** @param {{ guest: Staff.KnownGuest }} props */
export function Profile({ guest }) {
  const { email, phone, language, tags, notes, tasks } = guest;
  const facts = [
    ["email", email],
    ["phone", phone],
    ["language", language && languageName(language)],
  ].filter(([, value]) => value);
  return html`
    <${Care} guest=${guest} />
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
    ${tasks.length ? html`<${TaskLines} tasks=${tasks} />` : html`<p class="hint">${t("noTasks")}</p>`}
    <p class="acts"><${BlockButton} guest=${guest} /></p>
  `;
}
