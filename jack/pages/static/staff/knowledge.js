// What the hotel tells its guests: find and read; for managers, write.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { html, useState } from "./preact.js";
import { languageName, moment } from "./format.js";
import { Pair, Rows, useList, useOne } from "./list-data.js";
import { go } from "./router.js";
import { mayManage, notice, state } from "./store.js";
import { Dialog, Empty, Failed, Field, Form, Head, Option, Search, Skeleton } from "./components.js";

const CATEGORIES = ["room_type", "policy", "amenity", "service", "local_info", "faq"];
const BLANK = { title: "", category: "faq", language: "", content: "" };

export function Knowledge() {
  const [search, setSearch] = useState("");
  const [category, setCategory] = useState("");
  const [making, setMaking] = useState(false);
  const list = useList("/knowledge", { search, category });
  const { id } = state.route;
  const line = (entry) => html`<span class="what"><span class="name" dir="auto">${entry.title}</span><span class="preview" dir="auto">${entry.content}</span><span class="marks"><span>${t(`categories.${entry.category}`)}</span>${entry.language && html`<span>${languageName(entry.language)}</span>`}</span></span>`;
  const tools = html`<${Search} label=${t("searchKnowledge")} value=${search} onSearch=${setSearch} />
    <select aria-label=${t("fields.category")} value=${category} onChange=${(event) => setCategory(event.target.value)}><${Option} value="">${t("allCategories")}</${Option}>${CATEGORIES.map((one) => html`<${Option} key=${one} value=${one}>${t(`categories.${one}`)}</${Option}>`)}</select>`;
  return html`<div class="page"><${Head} title=${t("views.knowledge")}>${mayManage() && html`<button type="button" onClick=${() => setMaking(true)}>${t("newEntry")}</button>`}</${Head}>
    <${Pair} open=${id} view="knowledge" list=${html`${tools}<${Rows} list=${list} view="knowledge" line=${line} label=${t("views.knowledge")} none=${t(search || category ? "nothingFound" : "noEntries")} noneAbout=${search || category ? "" : t("noEntriesAbout")} />`}>
      ${id ? html`<${Entry} key=${id} id=${id} onChanged=${list.again} />` : html`<${Empty} title=${t("chooseEntry")} />`}</${Pair}>
    ${making && html`<${Dialog} title=${t("newEntry")} onClose=${() => setMaking(false)}><${Form} initial=${BLANK} label=${t("save")} onCancel=${() => setMaking(false)} fields=${Fields}
      send=${async (values, keyed) => { const { data } = await ask("POST", "/knowledge", { body: body(values), key: keyed(values) }); setMaking(false); list.again(); go("knowledge", data.id); }} /></${Dialog}>`}</div>`;
}

const body = ({ title, content, category, language }) => ({ title, content, category, language: language.trim() || null });

const Fields = ({ values, set, wrong }) => html`
  <${Field} label=${t("fields.title")} name="title" value=${values.title} onInput=${set("title")} problem=${wrong.title} maxlength="200" required />
  <div class="pair"><${Field} label=${t("fields.category")} name="category" value=${values.category} onInput=${set("category")} problem=${wrong.category}>${CATEGORIES.map((one) => html`<${Option} key=${one} value=${one}>${t(`categories.${one}`)}</${Option}>`)}</${Field}>
    <${Field} label=${t("fields.language")} name="language" value=${values.language} onInput=${set("language")} problem=${wrong.language} hint=${t("languageHint")} /></div>
  <${Field} label=${t("fields.content")} name="content" rows="8" value=${values.content} onInput=${set("content")} problem=${wrong.content} />`;

function Entry({ id, onChanged }) {
  const { data: entry, tag, problem, again } = useOne("/knowledge", id);
  const [deleting, setDeleting] = useState(false);
  if (problem) return problem.status === 404 ? html`<${Empty} title=${t("gone")} />` : html`<${Failed} text=${explain(problem)} retry=${again} />`;
  if (!entry) return html`<${Skeleton} rows=${5} />`;
  async function save(values) {
    await ask("PUT", `/knowledge/${id}`, { body: body(values), match: tag });
    notice(t("saved"));
    onChanged();
    again();
  }
  const changed = html`<p class="hint">${t(`categories.${entry.category}`)} · ${t("changedAt", { when: moment(entry.updatedAt) })}</p>`;
  if (!mayManage()) return html`<h2 dir="auto">${entry.title}</h2>${changed}<p class="text" dir="auto">${entry.content}</p>`;
  return html`<h2 dir="auto">${entry.title}</h2>${changed}
    <${Form} key=${tag} initial=${{ ...entry, language: entry.language ?? "" }} send=${save} reload=${again} label=${t("save")} fields=${Fields} extra=${html`<button type="button" class="quiet danger" onClick=${() => setDeleting(true)}>${t("delete")}</button>`} />
    ${deleting && html`<${Dialog} title=${t("delete")} onClose=${() => setDeleting(false)}><p dir="auto">${t("deleteAbout", { title: entry.title })}</p><${Form} initial=${{}} fields=${() => null} label=${t("delete")} onCancel=${() => setDeleting(false)}
      send=${async () => { await ask("DELETE", `/knowledge/${id}`); setDeleting(false); go("knowledge"); onChanged(); }} /></${Dialog}>`}`;
}
