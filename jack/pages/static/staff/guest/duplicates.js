// Guests who may be the same person, and the merge of two, which can be undone.

import { t } from "../../shared/page.js";
import { explain, idempotencyKeys, request } from "../request.js";
import { html, useEffect, useState } from "../preact.js";
import { linkTo } from "../router.js";
import { mayManage, notice, state } from "../store.js";
import { ConfirmDialog, fieldLabel } from "../forms.js";

/**
 * @param {string} id
 * @returns {[Api.Duplicate[], (found: Api.Duplicate[]) => void]}
 */
function useDuplicates(id) {
  const [found, setFound] = useState(/** @type {Api.Duplicate[]} */ ([]));
  useEffect(() => {
    request("GET", `/guests/${id}/duplicates`).then(
      ({ data }) => setFound(data),
      () => setFound([]),
    );
  }, [id]);
  return [found, setFound];
}

/** @param {{ guest: Api.Guest, onMerged: () => void }} props */
export function Duplicates({ guest, guest: { id }, onMerged }) {
  const [found, setFound] = useDuplicates(id);
  const [chosen, setChosen] = useState(/** @type {Api.Duplicate | null} */ (null));
  const [mergeId, setMergeId] = useState("");
  const [keyFor] = useState(idempotencyKeys);
  function undone() {
    setMergeId("");
    onMerged();
  }
  if (mergeId) return html`<${Undo} id=${id} mergeId=${mergeId} onUndone=${undone} />`;
  if (!found.length) return null;
  async function merge() {
    const guestId = chosen?.guest.id;
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
          (one) => html`
            <${Duplicate} key=${one.guest.id} here=${guest} one=${one} onMerge=${setChosen} />
          `,
        )}
      </ul>
    </div>
    ${
      chosen &&
      html`
        <${Confirm} here=${guest} one=${chosen} send=${merge} onClose=${() => setChosen(null)} />
      `
    }
  `;
}

/**
 * @param {{ here: Api.Guest, one: Api.Duplicate, send: () => Promise<void>,
 *   onClose: () => void }} props
 */
const Confirm = ({ here, one, ...dialog }) => html`
  <${ConfirmDialog}
    title=${t("merge")}
    text=${t("mergeAbout", { name: one.guest.name })}
    ...${dialog}
  >
    <${BothSides} here=${here} other=${one.guest} />
    <${Evidence} one=${one} />
  </${ConfirmDialog}>
`;

/**
 * @param {{ here: Api.Guest, one: Api.Duplicate, onMerge: (one: Api.Duplicate) => void }} props
 */
function Duplicate({ here, one, onMerge }) {
  const { guest } = one;
  const button = html`
    <p>
      <button type="button" class="quiet small" onClick=${() => onMerge(one)}>${t("merge")}</button>
    </p>
  `;
  return html`
    <li>
      <${BothSides} here=${here} other=${guest} />
      <${Evidence} one=${one} />
      ${mayManage() && button}
    </li>
  `;
}

const SIDES = /** @type {const} */ (["name", "email", "phone"]);

/**
 * The two, side by side: what is the same in both is set in bold.
 * @param {{ here: Api.Guest, other: Api.Guest }} props
 */
const BothSides = ({ here, other }) => html`
  <table class="both-sides">
    <thead>
      <tr>
        <td></td>
        <th scope="col">${t("sides.here")}</th>
        <th scope="col"><a href=${linkTo("guests", other.id)}>${t("sides.other")}</a></th>
      </tr>
    </thead>
    <tbody>
      ${SIDES.map(
        (name) => html`
          <tr key=${name} class=${here[name] && here[name] === other[name] ? "same" : ""}>
            <th scope="row">${fieldLabel(name)}</th>
            <td><bdi>${here[name] ?? "–"}</bdi></td>
            <td><bdi>${other[name] ?? "–"}</bdi></td>
          </tr>
        `,
      )}
    </tbody>
  </table>
`;

/**
 * What speaks for one person, and what of it is not proven.
 * @param {{ one: Api.Duplicate }} props
 */
const Evidence = ({ one: { guest, evidence, unproven } }) => html`
  <ul class="evidence">
    ${evidence.map(
      ({ reason, proven }) => html`
        <li key=${reason}>${t(`evidence.${reason}${proven ? "_proven" : ""}`)}</li>
      `,
    )}
    ${unproven.map(
      (id) => html`
        <li key=${id} class="unproven">
          ${t(id === guest.id ? "unprovenOther" : "unprovenThis", { name: guest.name })}
        </li>
      `,
    )}
  </ul>
`;

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
