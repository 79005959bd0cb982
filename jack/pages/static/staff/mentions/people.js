// Colleagues to name in a note, offered after an @.

import { t } from "../../shared/page.js";
import { Avatar } from "../components.js";
import { html, useEffect, useState } from "../preact.js";
import { describe, keysOf } from "./reply-list.js";
import { state } from "../store.js";

const MOST = 6;

/** @param {string} text */
const folded = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();

/**
 * What has been typed after the last @ before the caret; null where no name is being typed.
 * @param {string} before
 */
const typedName = (before) => /(?<![\p{L}\p{N}])@([^@\n]{0,40})$/u.exec(before)?.[1] ?? null;

/**
 * The colleagues whose name, or a later word of it, begins like this.
 * @param {string} typed
 */
function matching(typed) {
  const start = folded(typed);
  const fits = (/** @type {string} */ name) =>
    name.startsWith(start) || name.split(/\s+/).some((word) => word.startsWith(start));
  return state.staff
    .filter(({ id, active, name }) => active && id !== state.me.id && fits(folded(name)))
    .slice(0, MOST);
}

/**
 * @param {object} props
 * @param {{ text: string, box: { current: HTMLTextAreaElement | null },
 *   keys: { current: ((event: KeyboardEvent) => boolean) | null },
 *   write: (text: string) => void }} props.draft
 */
export function People({ draft: { text, box, keys, write } }) {
  const caret = box.current?.selectionStart ?? text.length;
  const typed = typedName(text.slice(0, caret));
  const [moved, setMoved] = useState({ of: "", at: 0 });
  const [closed, setClosed] = useState("");
  const before = text.slice(0, caret);
  const people = typed === null || closed === before ? [] : matching(typed);
  const at = moved.of === before ? Math.min(moved.at, people.length - 1) : 0;
  /** @param {Api.StaffMember} one */
  function choose(one) {
    const start = `${before.slice(0, caret - (typed ?? "").length)}${one.name} `;
    write(start + text.slice(caret).replace(/^ /, ""));
    requestAnimationFrame(() => box.current?.setSelectionRange(start.length, start.length));
    box.current?.focus();
  }
  const move = (/** @type {number} */ to) => setMoved({ of: before, at: to });
  const close = () => setClosed(before);
  const take = () => choose(people[at]);
  const does = { Enter: take, Tab: take, Escape: close };
  keys.current = people.length ? keysOf({ count: people.length, at, move, does }) : null;
  useEffect(() => describe(box.current, "people", people[at] && `person-${people[at].id}`));
  useEffect(
    () => () => {
      keys.current = null;
      describe(box.current, "people", undefined);
    },
    [],
  );
  if (!people.length) return null;
  return html`
    <ul class="people" id="people" role="listbox" aria-label=${t("colleagues")}>
      ${people.map(
        (one, index) => html`
          <${Person} key=${one.id} one=${one} chosen=${index === at} choose=${choose} />
        `,
      )}
    </ul>
  `;
}

/**
 * @param {{ one: Api.StaffMember, chosen: boolean, choose: (one: Api.StaffMember) => void }} props
 */
const Person = ({ one, chosen, choose }) => html`
  <li
    id=${`person-${one.id}`}
    role="option"
    aria-selected=${chosen ? "true" : "false"}
    onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}
    onClick=${() => choose(one)}
  >
    <${Avatar} name=${one.name} />
    <span dir="auto">${one.name}</span>
  </li>
`;
