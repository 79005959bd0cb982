// The guest of a conversation, beside it.

import { t } from "../shared/page.js";
import { html, useEffect } from "./preact.js";
import { loadGuest } from "./guest-data.js";
import { lazy } from "./lazy.js";
import { linkTo } from "./router.js";
import { state } from "./store.js";
import { Avatar, Skeleton } from "./components.js";

const Profile = lazy(async () => (await import("./guest/profile.js")).Profile, "guest/guest.css");
const Named = lazy(async () => (await import("./guest/profile.js")).Named, true);
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
  const name = guest?.name ?? conversation.guest?.name;
  const title = html`<h2 dir="auto">${name}</h2>`;
  return html`
    <div class="guest-card">
      <div class="guest-head">
        <${Avatar} name=${name} />
        <div>
          ${guest ? html`<${Named} guest=${guest}>${title}</${Named}>` : title}
          <a href=${linkTo("guests", id)}>${t("openGuest")}</a>
        </div>
      </div>
      ${guest ? html`<${Profile} guest=${guest} />` : html`<${Skeleton} rows=${3} />`}
    </div>
  `;
}
