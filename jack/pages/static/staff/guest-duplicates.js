// Guests who may be the same person, and the merge of two, which can be undone.

import { t } from "../shared/page.js";
import { explain, idempotencyKeys, request } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { linkTo } from "./router.js";
import { mayManage, notice, state } from "./store.js";
import { ConfirmDialog } from "./forms.js";

/**
 * @param {string} id
 * @returns {[Api.Guest[], (guests: Api.Guest[]) => void]}
 */
function useDuplicates(id) {
  const [found, setFound] = useState(/** @type {Api.Guest[]} */ ([]));
  useEffect(() => {
    request("GET", `/guests/${id}/duplicates`).then(
      ({ data }) => setFound(data.map((/** @type {any} */ one) => one.guest ?? one)),
      () => setFound([]),
    );
  }, [id]);
  return [found, setFound];
}

/** @param {{ id: string, onMerged: () => void }} props */
export function Duplicates({ id, onMerged }) {
  const [found, setFound] = useDuplicates(id);
  const [chosen, setChosen] = useState(/** @type {Api.Guest | null} */ (null));
  const [mergeId, setMergeId] = useState("");
  const [keyFor] = useState(idempotencyKeys);
  function undone() {
    setMergeId("");
    onMerged();
  }
  if (mergeId) return html`<${Undo} id=${id} mergeId=${mergeId} onUndone=${undone} />`;
  if (!found.length) return null;
  async function merge() {
    const guestId = chosen?.id;
    const key = keyFor(guestId);
    const { data } = await request("POST", `/guests/${id}/merge`, { body: { guestId }, key });
    state.guests.clear();
    setChosen(null);
    setFound(found.filter((other) => other !== chosen));
    if (data.mergeId) setMergeId(data.mergeId);
    onMerged();
  }
  return html`
    <div class="notice">
      <p>${t("duplicates")}</p>
      <ul class="plain-list">
        ${found.map(
          (other) => html`<${Duplicate} key=${other.id} guest=${other} onMerge=${setChosen} />`,
        )}
      </ul>
    </div>
    ${chosen && html`<${Confirm} guest=${chosen} send=${merge} onClose=${() => setChosen(null)} />`}
  `;
}

/** @param {{ guest: Api.Guest, send: () => Promise<void>, onClose: () => void }} props */
const Confirm = ({ guest: { name }, ...dialog }) => html`
  <${ConfirmDialog} title=${t("merge")} text=${t("mergeAbout", { name })} ...${dialog} />
`;

/** @param {{ guest: Api.Guest, onMerge: (guest: Api.Guest) => void }} props */
function Duplicate({ guest, onMerge }) {
  const button = html`
    <button type="button" class="link" onClick=${() => onMerge(guest)}>${t("merge")}</button>
  `;
  return html`
    <li>
      <a href=${linkTo("guests", guest.id)} dir="auto">${guest.name}</a>
      ${" "}
      ${mayManage() && button}
    </li>
  `;
}

/** @param {{ id: string, mergeId: string, onUndone: () => void }} props */
function Undo({ id, mergeId, onUndone }) {
  const [keyFor] = useState(idempotencyKeys);
  async function undo() {
    try {
      await request("POST", `/guests/${id}/merges/${mergeId}/undo`, { key: keyFor(mergeId) });
      onUndone();
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  return html`
    <p class="notice" role="status">
      ${t("merged")} <button type="button" class="link" onClick=${undo}>${t("undo")}</button>
    </p>
  `;
}
