// What is known of the guest of a conversation, beside it; changed there, one thing at a time.

import { t } from "../../shared/page.js";
import { BlockButton } from "../block-guest.js";
import { loadGuest } from "../guest-data.js";
import { html } from "../preact.js";
import { notice } from "../store.js";
import { GuestStays } from "../stays/guest-stays.js";
import { Care } from "./care.js";
import { Fact, Facts } from "./fact.js";
import { TaskLines } from "./task-lines.js";

/**
 * What a pencil needs. What has been written is shown as it was answered; else it is read again.
 * @param {Staff.KnownGuest} guest
 */
function changeable(guest) {
  /** @param {Api.Answer} [answer] */
  async function onChanged(answer) {
    if (answer) Object.assign(guest, answer.data, { tag: answer.tag });
    else guest.stale = "all";
    await loadGuest(guest.id);
    if (answer) notice(t("saved"));
  }
  return { guest, tag: guest.tag, onChanged };
}

/** @param {{ guest: Staff.KnownGuest, children: any }} props */
export const Named = ({ guest, children }) => html`
  <${Fact} key=${guest.id} ...${changeable(guest)} name="name">${children}</${Fact}>
`;

/** @param {{ guest: Staff.KnownGuest }} props */
export function Profile({ guest }) {
  const { id, tasks } = guest;
  return html`
    <${Care} guest=${guest} />
    <${GuestStays} key=${`stays ${id}`} guestId=${id} version=${guest} />
    <${Facts} key=${`facts ${id}`} ...${changeable(guest)} />
    <h3>${t("views.tasks")}</h3>
    ${tasks.length ? html`<${TaskLines} tasks=${tasks} />` : html`<p class="hint">${t("noTasks")}</p>`}
    <p class="acts"><${BlockButton} guest=${guest} /></p>
  `;
}
