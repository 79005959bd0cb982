// Entries of the knowledge base that match the guest's last message.

import { t } from "../shared/page.js";
import { hasSpareCalls, request } from "./request.js";
import { getItem, setItem } from "./local-storage.js";
import { html, useEffect, useState } from "./preact.js";
import { state } from "./store.js";

const REST = 500;
const MOST = 3;
// Words of four letters and more that say nothing about a question's subject.
const COMMON = new Set([
  ..."about also been could from good have hello just like lovely more much need only".split(" "),
  ..."please some take thank thanks that their them then there they this very want what".split(" "),
  ..."when where which will with would your".split(" "),
  ..."buenas buenos como cuando desde días donde dónde esta está estamos este favor".split(" "),
  ..."gracias hasta hola muchas noches para pero podemos podría podrían puede pueden".split(" "),
  ..."quería quisiera sobre también tardes tiene tienen usted ustedes".split(" "),
]);

/**
 * The words of a question to search for, as one text.
 * @param {string} question
 */
function searchWords(question) {
  const words = new Set(question.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);
  const subject = [...words].filter((word) => !COMMON.has(word));
  return subject.slice(0, 12).join(" ").slice(0, 200);
}

/** What has been found, by the words it was searched with. @type {Map<string, any>} */
const known = new Map();

/** Knowledge has changed. */
export const forgetEntries = () => known.clear();

/**
 * @param {string} id
 * @param {string} question
 */
function useEntries(id, question) {
  const [found, setFound] = useState(/** @type {Api.KnowledgeEntry[]} */ ([]));
  useEffect(() => {
    const search = searchWords(question);
    if (!search || known.has(search)) {
      setFound(known.get(search) ?? []);
      return undefined;
    }
    let current = true;
    const timer = setTimeout(async () => {
      if (!hasSpareCalls()) return;
      const path = `/knowledge?limit=12&search=${encodeURIComponent(search)}`;
      const answer = await request("GET", path).catch(() => null);
      if (answer) known.set(search, answer.data);
      if (current && answer) setFound(answer.data);
    }, REST);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [id, question]);
  return found;
}

/** @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Whether a text has a word, or one that is built like it: towel, towels.
 * @param {string} text
 * @param {string} word
 */
function has(text, word) {
  const start = plain(word).slice(0, Math.max(4, word.length - 2));
  return (plain(text).match(/[\p{L}\p{N}]+/gu) ?? []).some((one) => one.startsWith(start));
}

/**
 * Whether an entry is about the question: two of its words (one, where the title has it), or half
 * of them. One word of many is chance.
 * @param {Api.KnowledgeEntry} entry
 * @param {string[]} words
 */
function fits({ title, content }, words) {
  const inTitle = words.filter((word) => has(title, word)).length;
  const anywhere = words.filter((word) => has(`${title} ${content}`, word)).length;
  return inTitle + anywhere >= 2 || (anywhere > 0 && 2 * anywhere >= words.length);
}

/**
 * Whether an entry can be sent to who reads this language: pt-BR reads pt. One without a language,
 * or a guest of whom none is known, stands for any.
 * @param {string | null} written
 * @param {string | null | undefined} read
 */
const isIn = (written, read) => !written || !read || written.split("-")[0] === read.split("-")[0];

/**
 * @param {{ conversation: Api.Conversation, messages: Api.Message[] | null,
 *   onInsert: (text: string) => void }} props
 */
export function Suggestions({ conversation: { id, guestId }, messages, onInsert }) {
  const [open, setOpen] = useState(() => getItem("suggestions", true));
  const question = messages?.findLast(({ direction }) => direction === "inbound")?.content ?? "";
  const words = searchWords(question).split(" ");
  const { language } = state.guests.get(guestId ?? "") ?? {};
  const found = useEntries(id, question)
    .filter((entry) => isIn(entry.language, language) && fits(entry, words))
    .slice(0, MOST);
  if (!found.length) return null;
  function fold() {
    setOpen(!open);
    setItem("suggestions", !open);
  }
  return html`
    <div class="suggestions" role="group" aria-label=${t("suggestions")}>
      <button
        type="button"
        class="link fold"
        aria-expanded=${open ? "true" : "false"}
        onClick=${fold}
      >
        ${t("suggestions")}
        ${!open && html` <span class="count">${found.length}</span>`}
      </button>
      ${open && html`<${Entries} entries=${found} onInsert=${onInsert} />`}
    </div>
  `;
}

/**
 * A button's name begins with what it does, and goes on with what it shows.
 * @param {{ entries: Api.KnowledgeEntry[], onInsert: (text: string) => void }} props
 */
const Entries = ({ entries, onInsert }) => html`
  <ul>
    ${entries.map(
      ({ id, title, content }) => html`
        <li key=${id}>
          <button type="button" class="suggestion" onClick=${() => onInsert(content)}>
            <span class="unseen">${t("insertEntry")} </span>
            <b dir="auto">${title}</b>${" "}
            <span dir="auto">${content}</span>
          </button>
        </li>
      `,
    )}
  </ul>
`;
