// The knowledge base: search and read; for managers, write.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html, useState } from "./preact.js";
import { languageName, moment } from "./format.js";
import { SplitView, Rows, useList, useOne } from "./list-data.js";
import { go } from "./router.js";
import { mayManage, notice, state } from "./store.js";
import { Empty, Failed, Head, Search, Skeleton } from "./components.js";
import { bind, ConfirmDialog, Field, Form, FormDialog, Option, Options } from "./forms.js";
import { Picker } from "./pickers.js";

const CATEGORIES = ["room_type", "policy", "amenity", "service", "local_info", "faq"];
const BLANK = { title: "", category: "faq", language: "", content: "" };

/** @returns {[value: string, label: string][]} */
const categories = () => CATEGORIES.map((one) => [one, t(`categories.${one}`)]);

export function Knowledge() {
  const [search, setSearch] = useState("");
  const [category, setCategory] = useState("");
  const [making, setMaking] = useState(false);
  const list = useList("/knowledge", { search, category });
  const { id } = state.route;
  const filtered = Boolean(search || category);
  const rows = html`
    <${Search} label=${t("searchKnowledge")} value=${search} onSearch=${setSearch} />
    <${CategorySelect} value=${category} onChange=${setCategory} />
    <${Rows}
      list=${list}
      view="knowledge"
      line=${line}
      label=${t("views.knowledge")}
      none=${t(filtered ? "nothingFound" : "noEntries")}
      noneAbout=${filtered ? "" : t("noEntriesAbout")}
    />
  `;
  const add = html`
    <button type="button" onClick=${() => setMaking(true)}>${t("newEntry")}</button>
  `;
  const open = html`<${Entry} key=${id} id=${id} onChanged=${list.reload} />`;
  return html`
    <div class="page">
      <${Head} title=${t("views.knowledge")}>${mayManage() && add}</${Head}>
      <${SplitView} open=${id} view="knowledge" list=${rows}>
        ${id ? open : html`<${Empty} title=${t("chooseEntry")} />`}
      </${SplitView}>
      ${making && html`<${NewEntry} onClose=${() => setMaking(false)} onChanged=${list.reload} />`}
    </div>
  `;
}

/** @param {{ value: string, onChange: (category: string) => void }} props */
function CategorySelect({ value, onChange }) {
  /** @param {Event & { target: HTMLSelectElement }} event */
  const choose = (event) => onChange(event.target.value);
  return html`
    <select aria-label=${t("fields.category")} value=${value} onChange=${choose}>
      <${Option} value="">${t("allCategories")}</${Option}>
      <${Options} items=${categories()} />
    </select>
  `;
}

/** @param {Api.KnowledgeEntry} entry */
const line = ({ title, content, category, language }) => html`
  <span class="what">
    <span class="name" dir="auto">${title}</span>
    <span class="preview" dir="auto">${content}</span>
    <span class="marks">
      <span>${t(`categories.${category}`)}</span>
      ${language && html`<span>${languageName(language)}</span>`}
    </span>
  </span>
`;

/** @param {{ onClose: () => void, onChanged: () => void }} props */
function NewEntry({ onClose, onChanged }) {
  /**
   * @param {typeof BLANK} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(values);
    const { data } = await request("POST", "/knowledge", { body, key: keyFor(body) });
    onClose();
    onChanged();
    go("knowledge", data.id);
  }
  return html`
    <${FormDialog}
      draft="entry:new"
      title=${t("newEntry")}
      onClose=${onClose}
      initial=${BLANK}
      fields=${Fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/** @param {typeof BLANK} values */
const bodyOf = ({ title, content, category, language }) => ({
  title,
  content,
  category,
  language: language.trim() || null,
});

/** @param {Staff.FormState} form */
const Fields = (form) => html`
  <${Field} ...${bind(form, "title")} maxlength="200" required />
  <div class="pair">
    <${Field} ...${bind(form, "category")}><${Options} items=${categories()} /></${Field}>
    <${Picker} form=${form} name="language" />
  </div>
  <${Field} ...${bind(form, "content")} rows="8" />
`;

/** @param {{ id: string, onChanged: () => void }} props */
function Entry({ id, onChanged }) {
  const { data: entry, tag, problem, reload } = useOne("/knowledge", id);
  if (problem?.status === 404) return html`<${Empty} title=${t("gone")} />`;
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!entry) return html`<${Skeleton} rows=${5} />`;
  const category = t(`categories.${entry.category}`);
  const when = t("changedAt", { when: moment(entry.updatedAt) });
  const editor = html`
    <${Editor} entry=${entry} tag=${tag} reload=${reload} onChanged=${onChanged} />
  `;
  return html`
    <h2 dir="auto">${entry.title}</h2>
    <p class="hint">${`${category} · ${when}`}</p>
    ${mayManage() ? editor : html`<p class="text" dir="auto">${entry.content}</p>`}
  `;
}

/**
 * @param {{ entry: Api.KnowledgeEntry, tag: string, reload: () => void,
 *   onChanged: () => void }} props
 */
function Editor({ entry, tag, reload, onChanged }) {
  const { id, title, language } = entry;
  const [deleting, setDeleting] = useState(false);
  /** @param {typeof BLANK} values */
  async function save(values) {
    await request("PUT", `/knowledge/${id}`, { body: bodyOf(values), match: tag });
    notice(t("saved"));
    onChanged();
    reload();
  }
  async function remove() {
    await request("DELETE", `/knowledge/${id}`);
    setDeleting(false);
    go("knowledge");
    onChanged();
  }
  const button = html`<${DeleteButton} onClick=${() => setDeleting(true)} />`;
  return html`
    <${Form}
      key=${tag}
      draft=${`entry:${id}`}
      initial=${{ ...entry, language: language ?? "" }}
      send=${save}
      reload=${reload}
      label=${t("save")}
      fields=${Fields}
      extra=${button}
    />
    ${
      deleting &&
      html`
        <${ConfirmDialog}
          title=${t("delete")}
          text=${t("deleteAbout", { title })}
          send=${remove}
          onClose=${() => setDeleting(false)}
        />
      `
    }
  `;
}

/** @param {{ onClick: () => void }} props */
const DeleteButton = ({ onClick }) => html`
  <button type="button" class="quiet danger" onClick=${onClick}>${t("delete")}</button>
`;
