// The hotel's templates over the reply box, filled in for its guest: opened by a / there.

import { t } from "../../shared/page.js";
import { Failed, Skeleton } from "../components.js";
import { languageName } from "../format.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { describe, keysOf } from "../mentions/reply-list.js";
import { explain, request } from "../request.js";
import { linkTo } from "../router.js";
import { isAdmin } from "../store.js";
import { BUILT_IN, FilledText, variableName } from "./filled-text.js";

const MOST = 6;
const OF_GUEST = BUILT_IN.filter((name) => !["hotel_name", "staff_name"].includes(name));

/**
 * @param {Api.Channel} channel
 * @returns {Promise<Api.MessageTemplate[]>}
 */
async function read(channel) {
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const query = `channel=${channel}&limit=100&page=${page}`;
    const { data, meta } = await request("GET", `/templates?${query}`);
    found.push(...data);
    pages = meta.pages;
  }
  return found;
}

/**
 * Those that have every word that was typed; the one whose shortcut begins so comes first.
 * @param {Api.MessageTemplate[]} all
 * @param {string} typed
 */
function matching(all, typed) {
  const words = typed.toLowerCase().split(/\s+/);
  const isShort = (/** @type {Api.MessageTemplate} */ { shortcut }) =>
    Number(Boolean(typed && shortcut?.startsWith(typed.toLowerCase())));
  return all
    .filter(({ name, shortcut }) => {
      const text = `${name} ${shortcut ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted((one, other) => isShort(other) - isShort(one))
    .slice(0, MOST);
}

/**
 * What the guest of a conversation would read of each of these, as far as it is known.
 * @param {string} id
 * @param {Api.MessageTemplate[]} shown
 * @param {string} language "" for the guest's own
 * @returns {(one: Api.MessageTemplate) => Api.FilledTemplate | undefined}
 */
function useFilled(id, shown, language) {
  const [known, setKnown] = useState(/** @type {Record<string, Api.FilledTemplate>} */ ({}));
  const asked = useRef(/** @type {Set<string>} */ (new Set()));
  /** @param {Api.MessageTemplate} one */
  const tagOf = (one) => (language in one.texts ? language : "");
  /** @param {Api.MessageTemplate} one */
  const keyOf = (one) => `${one.id} ${tagOf(one)}`;
  useEffect(() => {
    for (const one of shown) {
      const key = keyOf(one);
      if (asked.current.has(key)) continue;
      asked.current.add(key);
      const body = { conversationId: id, ...(tagOf(one) && { language }) };
      request("POST", `/templates/${one.id}/preview`, { body }).then(
        ({ data }) => setKnown((was) => ({ ...was, [key]: data })),
        () => asked.current.delete(key),
      );
    }
  }, [shown.map(keyOf).join()]);
  return (one) => known[keyOf(one)];
}

/**
 * The templates for a channel; null until they are there.
 * @param {Api.Channel} channel
 */
function useTemplates(channel) {
  const [all, setAll] = useState(/** @type {Api.MessageTemplate[] | null} */ (null));
  const [problem, setProblem] = useState("");
  function load() {
    setProblem("");
    read(channel).then(setAll, (error) => setProblem(explain(error)));
  }
  useEffect(load, [channel]);
  return { all, problem, load };
}

/**
 * @typedef {{ text: string, box: { current: HTMLTextAreaElement | null },
 *   keys: { current: ((event: KeyboardEvent) => boolean) | null },
 *   write: (text: string) => void }} Draft
 */

/**
 * Which of the list is chosen, by what was typed; and whether it was closed.
 * @param {string} text
 * @param {number} count
 */
function usePlace(text, count) {
  const [moved, setMoved] = useState({ of: "", at: 0 });
  const [closed, setClosed] = useState("");
  const at = moved.of === text ? Math.min(moved.at, count - 1) : 0;
  const move = (/** @type {number} */ to) => setMoved({ of: text, at: to });
  return { at, move, isClosed: closed === text, close: () => setClosed(text) };
}

/**
 * The languages of the templates, and the one that is looked at, "" for the guest's own; `turn`
 * goes to the one after `now`.
 * @param {Api.MessageTemplate[]} all
 */
function useLanguage(all) {
  const [language, setLanguage] = useState("");
  const tags = [...new Set(all.flatMap(({ texts }) => Object.keys(texts)))];
  const turn = (/** @type {string} */ now) =>
    setLanguage(tags[(tags.indexOf(now) + 1) % tags.length]);
  return { language, several: tags.length > 1, turn };
}

/**
 * Gives the box its keys while the list is open, and tells it which option is chosen.
 * @param {Draft} draft
 * @param {((event: KeyboardEvent) => boolean) | null} onKey
 * @param {string | undefined} option
 */
function useBox({ box, keys }, onKey, option) {
  keys.current = onKey;
  useEffect(() => describe(box.current, "templates", option));
  useEffect(
    () => () => {
      keys.current = null;
      describe(box.current, "templates", undefined);
    },
    [],
  );
}

/**
 * `held.current`: Enter and Send do not send what is typed, for it chooses from the list.
 * @param {{ draft: Draft, conversation: Api.Conversation, held: { current: boolean } }} props
 */
export function Templates({ draft, conversation, held }) {
  const { text, box, write } = draft;
  const { all, problem, load } = useTemplates(conversation.channel);
  const found = matching(all ?? [], text.slice(1).trim());
  const { at, move, isClosed, close } = usePlace(text, found.length);
  const shown = isClosed ? [] : found;
  const { language, several, turn } = useLanguage(all ?? []);
  const filledOf = useFilled(conversation.id, shown, language);
  const filled = shown[at] && filledOf(shown[at]);
  /** @param {Api.MessageTemplate} one */
  function choose(one) {
    const said = filledOf(one);
    if (!said || said.missing.length) return;
    write(said.content);
    box.current?.focus();
    requestAnimationFrame(() => box.current?.setSelectionRange(1e6, 1e6));
  }
  const other = () => turn(language || (filled?.language ?? ""));
  const does = { Enter: () => choose(shown[at]), Tab: other, Escape: close };
  const onKey = shown.length ? keysOf({ count: shown.length, at, move, does }) : null;
  useBox(draft, onKey, shown[at] && `template-${shown[at].id}`);
  held.current = !isClosed && (shown.length > 0 || (!all && !problem));
  if (isClosed) return null;
  if (problem) return html`<${Failed} text=${problem} retry=${load} />`;
  if (!all) return html`<${Skeleton} rows=${3} />`;
  if (!shown.length) return html`<p class="hint">${t("templates.noneSuch")}</p>`;
  return html`
    <div class="insert">
      <${List} ...${{ shown, at, filledOf, choose }} />
      ${filled && filled.missing.length > 0 && html`<${Missing} ...${{ filled, conversation }} />`}
      <${How} language=${several && filled?.language} onTurn=${other} />
    </div>
  `;
}

/**
 * @param {{ shown: Api.MessageTemplate[], at: number,
 *   filledOf: (one: Api.MessageTemplate) => Api.FilledTemplate | undefined,
 *   choose: (one: Api.MessageTemplate) => void }} props
 */
const List = ({ shown, at, filledOf, choose }) => html`
  <ul id="templates" role="listbox" aria-label=${t("templates.title")}>
    ${shown.map(
      (one, place) => html`
        <${Line}
          key=${one.id}
          one=${one}
          filled=${filledOf(one)}
          chosen=${place === at}
          choose=${choose}
        />
      `,
    )}
  </ul>
`;

/** @param {{ language: string | false | undefined, onTurn: () => void }} props */
const How = ({ language, onTurn }) => html`
  <p class="hint">
    ${t("templates.how")}${" "}
    ${
      language &&
      html`
        <button type="button" class="link" onClick=${onTurn}>
          ${t("templates.otherLanguage", { language: languageName(language) ?? language })}
        </button>
      `
    }
  </p>
`;

/**
 * @param {{ one: Api.MessageTemplate, filled?: Api.FilledTemplate, chosen: boolean,
 *   choose: (one: Api.MessageTemplate) => void }} props
 */
const Line = ({ one, filled, chosen, choose }) => html`
  <li
    id=${`template-${one.id}`}
    role="option"
    aria-selected=${chosen ? "true" : "false"}
    aria-disabled=${filled && !filled.missing.length ? undefined : "true"}
    onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}
    onClick=${() => choose(one)}
  >
    <span class="what">
      <b dir="auto">${one.name}</b>
      ${one.shortcut && html` <code>/${one.shortcut}</code>`}
    </span>
    <span class="said" dir="auto">${filled ? html`<${FilledText} filled=${filled} />` : "…"}</span>
  </li>
`;

/**
 * What has no value for this guest, and where it is set.
 * @param {{ filled: Api.FilledTemplate, conversation: Api.Conversation }} props
 */
function Missing({ filled: { missing }, conversation: { guestId } }) {
  const ofGuest = missing.some((name) => OF_GUEST.includes(name));
  const ofHotel = missing.some((name) => !BUILT_IN.includes(name));
  return html`
    <p class="problem" role="status">
      ${t("templates.missing", { names: missing.map(variableName).join(", ") })}${" "}
      ${
        ofGuest &&
        guestId &&
        html`<a href=${linkTo("guests", guestId)}>${t("templates.atTheGuest")}</a> `
      }
      ${
        ofHotel &&
        isAdmin() &&
        html`<a href=${linkTo("settings", "variables")}>${t("templates.inSettings")}</a>`
      }
    </p>
  `;
}
