// Entries of the knowledge base that match the guest's last message.

import { t } from "../shared/page.js";
import { hasSpareCalls, request } from "./request.js";
import { html, useEffect, useState } from "./preact.js";

const REST = 500;
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
      const path = `/knowledge?limit=3&search=${encodeURIComponent(search)}`;
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

/**
 * @param {{ id: string, messages: Api.Message[] | null, onInsert: (text: string) => void }} props
 */
export function Suggestions({ id, messages, onInsert }) {
  const inbound = messages?.findLast((message) => message.direction === "inbound");
  const found = useEntries(id, inbound?.content ?? "");
  if (!found.length) return null;
  return html`
    <div class="suggestions">
      <h3 id="suggestions">${t("suggestions")}</h3>
      <ul aria-labelledby="suggestions">
        ${found.map(
          (entry) => html`
            <li key=${entry.id}>
              <button
                type="button"
                class="suggestion"
                onClick=${() => onInsert(entry.content)}
                aria-label=${t("insertEntry", { title: entry.title })}
              >
                <b dir="auto">${entry.title}</b>
                <span dir="auto">${entry.content}</span>
              </button>
            </li>
          `,
        )}
      </ul>
    </div>
  `;
}
