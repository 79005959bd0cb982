// Blocking a guest: what they write is kept, and notifies nobody.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html } from "./preact.js";
import { Icon } from "./icons.js";
import { SmallButton } from "./components.js";
import { notice, state } from "./store.js";

/**
 * Blocks a guest, or no longer, and says so with a way back.
 * @param {Api.Guest} guest
 * @param {boolean} blocked
 * @param {() => void} onChanged
 */
async function setBlocked(guest, blocked, onChanged) {
  try {
    const { data } = await request("PATCH", `/guests/${guest.id}`, { body: { blocked } });
    const known = state.guests.get(guest.id);
    if (known) Object.assign(known, { blocked: data.blocked });
    const text = t(blocked ? "wasBlocked" : "wasUnblocked", { name: data.name });
    notice(text, "", () => setBlocked(data, !blocked, onChanged));
    onChanged();
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) notice(explain(error), "bad");
  }
}

/** @param {{ guest: Api.Guest, onChanged?: () => void }} props */
export const BlockButton = ({ guest, onChanged = () => {} }) => html`
  <${SmallButton}
    label=${t(guest.blocked ? "unblock" : "block")}
    onClick=${() => setBlocked(guest, !guest.blocked, onChanged)}
    danger=${!guest.blocked}
  />
`;

/** @param {{ guest: Api.Guest }} props */
export const BlockedHint = ({ guest }) =>
  guest.blocked &&
  html`<p class="doubt"><${Icon} name="warn" size=${16} /><span>${t("isBlocked")}</span></p>`;
