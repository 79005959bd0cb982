// Whose a stay is that came without a guest, as from a calendar: one who is known, or a new one.

import { t } from "../../shared/page.js";
import { Dialog, Search } from "../components.js";
import { useList } from "../list-data.js";
import { html, useState } from "../preact.js";
import { explain, newId, request } from "../request.js";
import { notice } from "../store.js";

const SHOWN = 8;

/** @param {{ stay: Api.Stay, onClose: () => void, onNamed: () => void }} props */
export function NameGuest({ stay, onClose, onNamed }) {
  const [search, setSearch] = useState("");
  const { rows } = useList("/guests", { search });
  const [busy, setBusy] = useState(false);
  /** @param {() => Promise<string>} find the id of the guest */
  async function join(find) {
    if (busy) return;
    setBusy(true);
    try {
      await request("PATCH", `/stays/${stay.id}`, { body: { guestId: await find() } });
      onClose();
      onNamed();
    } catch (error) {
      setBusy(false);
      notice(explain(error), "bad");
    }
  }
  return html`
    <${Dialog} title=${t("stays.whose")} onClose=${onClose}>
      <${Search} label=${t("searchGuests")} value=${search} onSearch=${setSearch} />
      <${Found}
        rows=${search ? (rows ?? []) : []}
        choose=${(/** @type {string} */ id) => join(async () => id)}
      />
      ${
        search.trim() &&
        html`
          <div class="buttons">
            <button type="button" onClick=${() => join(() => made(search.trim()))}>
              ${t("stays.newGuest", { name: search.trim() })}
            </button>
          </div>
        `
      }
    </${Dialog}>
  `;
}

/**
 * The id of a new guest of this name.
 * @param {string} name
 */
async function made(name) {
  const { data } = await request("POST", "/guests", { body: { name }, key: newId() });
  return data.id;
}

/** @param {{ rows: Api.Guest[], choose: (id: string) => void }} props */
const Found = ({ rows, choose }) => html`
  <ul class="plain-list">
    ${rows.slice(0, SHOWN).map(
      ({ id, name, email, phone }) => html`
        <li key=${id}>
          <button type="button" class="quiet small" dir="auto" onClick=${() => choose(id)}>
            ${[name, email ?? phone].filter(Boolean).join(" · ")}
          </button>
        </li>
      `,
    )}
  </ul>
`;
