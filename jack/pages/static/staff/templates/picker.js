// The message templates that WhatsApp has approved: one is chosen, filled in, looked at and sent.

import { hasText, t } from "../../shared/page.js";
import { html, useEffect, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { Dialog, Failed, Search, Skeleton } from "../components.js";
import { languageName } from "../format.js";
import { ByName } from "./by-name.js";
import { Filling } from "./filling.js";

const LIMIT = 100;

/** @returns {Promise<Api.WhatsAppTemplate[]>} */
async function read() {
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const query = `status=approved&limit=${LIMIT}&page=${page}`;
    const { data, meta } = await request("GET", `/channels/whatsapp/templates?${query}`);
    found.push(...data);
    pages = meta.pages;
  }
  return found;
}

/** @param {{ id: string, onClose: () => void }} props */
export function TemplatePicker({ id, onClose }) {
  const [all, setAll] = useState(/** @type {Api.WhatsAppTemplate[] | null} */ (null));
  const [problem, setProblem] = useState("");
  const [chosen, choose] = useState(/** @type {Api.WhatsAppTemplate | null} */ (null));
  const [byName, setByName] = useState(false);
  function load() {
    setProblem("");
    read().then(setAll, (error) => setProblem(explain(error)));
  }
  useEffect(load, []);
  function content() {
    if (problem) return html`<${Failed} text=${problem} retry=${load} />`;
    if (!all) return html`<${Skeleton} rows=${4} />`;
    if (chosen) {
      const back = () => choose(null);
      return html`<${Filling} id=${id} template=${chosen} onBack=${back} onSent=${onClose} />`;
    }
    if (byName || !all.length) return html`<${ByName} id=${id} onClose=${onClose} />`;
    return html`
      <${List} all=${all} onChoose=${choose} />
      <button type="button" class="link" onClick=${() => setByName(true)}>
        ${t("templateByName")}
      </button>
    `;
  }
  return html`<${Dialog} title=${t("useTemplate")} onClose=${onClose}>${content()}</${Dialog}>`;
}

/**
 * Its language, and the category by which WhatsApp charges for it.
 * @param {Api.WhatsAppTemplate} template
 */
function kind({ language, category }) {
  const known = hasText(`templateCategories.${category}`);
  const price = known ? t(`templateCategories.${category}`) : category;
  return [languageName(language.replace("_", "-")), price].filter(Boolean).join(" · ");
}

/**
 * @param {{ all: Api.WhatsAppTemplate[],
 *   onChoose: (template: Api.WhatsAppTemplate) => void }} props
 */
function List({ all, onChoose }) {
  const [wanted, setWanted] = useState("");
  const words = wanted.toLowerCase().split(/\s+/);
  const found = all.filter(({ name, language, body }) => {
    const text = `${name} ${language} ${body}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return html`
    <${Search} label=${t("templatesSearch")} value=${wanted} onSearch=${setWanted} />
    <ul class="templates">
      ${found.map(
        (one) => html`
          <li key=${`${one.name} ${one.language}`}>
            <button type="button" class="quiet" onClick=${() => onChoose(one)}>
              <b>${one.name}</b> <span class="hint">${kind(one)}</span>
              <span class="preview" dir="auto">${one.body}</span>
            </button>
          </li>
        `,
      )}
    </ul>
    ${!found.length && html`<p class="hint">${t("nothingFound")}</p>`}
  `;
}
