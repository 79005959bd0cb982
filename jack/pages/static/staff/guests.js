// Guests: find, read, change, write to; one who wants to be forgotten is forgotten.

import { t } from "../shared/page.js";
import { ask, explain, keys } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { brief, moment } from "./format.js";
import { Icon } from "./icons.js";
import { Pair, Rows, useList, useOne } from "./list-data.js";
import { go, to } from "./router.js";
import { isAdmin, mayManage, notice, state } from "./store.js";
import { Avatar, Dialog, Empty, Failed, Field, Form, Head, Option, Search, Skeleton } from "./components.js";

const BLANK = { name: "", email: "", phone: "", language: "", tags: "", notes: "" };
const CHANNELS = ["whatsapp", "sms", "email", "web"];

export function Guests() {
  const [search, setSearch] = useState("");
  const [making, setMaking] = useState(false);
  const list = useList("/guests", { search });
  const { id } = state.route;
  const line = (guest) => html`<${Avatar} name=${guest.name} /><span class="what"><span class="name" dir="auto">${guest.name}</span>
    <span class="preview" dir="auto">${[guest.email, guest.phone].filter(Boolean).join(" · ") || t("noAddress")}</span></span>`;
  return html`<div class="page"><${Head} title=${t("views.guests")}><button type="button" onClick=${() => setMaking(true)}>${t("newGuest")}</button></${Head}>
    <${Pair} open=${id} view="guests" list=${html`<${Search} label=${t("searchGuests")} value=${search} onSearch=${setSearch} /><${Rows} list=${list} view="guests" line=${line} label=${t("views.guests")} none=${t(search ? "nothingFound" : "noGuests")} noneAbout=${search ? "" : t("noGuestsAbout")} />`}>
      ${id ? html`<${Guest} key=${id} id=${id} onChanged=${list.again} />` : html`<${Empty} title=${t("chooseGuest")} />`}</${Pair}>
    ${making && html`<${Dialog} title=${t("newGuest")} onClose=${() => setMaking(false)}><${Form} initial=${BLANK} label=${t("save")} onCancel=${() => setMaking(false)} fields=${Fields}
      send=${async (values, keyed) => { const { data } = await ask("POST", "/guests", { body: body(values), key: keyed(values) }); setMaking(false); list.again(); go("guests", data.id); }} /></${Dialog}>`}</div>`;
}

const body = (values) => ({
  name: values.name,
  email: values.email.trim() || null,
  phone: values.phone.trim() || null,
  language: values.language.trim() || null,
  notes: values.notes || null,
  tags: values.tags.split(",").map((tag) => tag.trim()).filter(Boolean),
});

const Fields = ({ values, set, wrong }) => html`
  <${Field} label=${t("fields.name")} name="name" value=${values.name} onInput=${set("name")} problem=${wrong.name} maxlength="200" required />
  <div class="pair"><${Field} label=${t("fields.email")} name="email" type="email" value=${values.email} onInput=${set("email")} problem=${wrong.email} />
    <${Field} label=${t("fields.phone")} name="phone" type="tel" value=${values.phone} onInput=${set("phone")} problem=${wrong.phone} hint=${t("phoneHint")} /></div>
  <div class="pair"><${Field} label=${t("fields.tags")} name="tags" value=${values.tags} onInput=${set("tags")} problem=${wrong.tags ?? Object.entries(wrong).find(([name]) => name.startsWith("tags."))?.[1]} hint=${t("tagsHint")} />
    <${Field} label=${t("fields.language")} name="language" value=${values.language} onInput=${set("language")} problem=${wrong.language} hint=${t("languageHint")} /></div>
  <${Field} label=${t("fields.notes")} name="notes" rows="3" value=${values.notes} onInput=${set("notes")} problem=${wrong.notes} />`;

function Guest({ id, onChanged }) {
  const { data: guest, tag, problem, again } = useOne("/guests", id);
  const talks = useList("/conversations", { guestId: id });
  const [asking, setAsking] = useState("");
  if (problem) return problem.status === 404 ? html`<${Empty} title=${t("gone")} />` : html`<${Failed} text=${explain(problem)} retry=${again} />`;
  if (!guest) return html`<${Skeleton} rows=${5} />`;
  async function save(values) {
    await ask("PATCH", `/guests/${id}`, { body: body(values), match: tag });
    state.guests.delete(id);
    notice(t("saved"));
    onChanged();
    again();
  }
  const initial = { ...Object.fromEntries(Object.keys(BLANK).map((name) => [name, guest[name] ?? ""])), tags: guest.tags.join(", ") };
  return html`<h2 dir="auto">${guest.name}</h2><p class="hint">${t("guestSince", { when: moment(guest.createdAt) })}</p>
    <div class="acts"><button type="button" class="quiet small" onClick=${() => setAsking("write")}>${t("writeToGuest")}</button>${isAdmin() && html`<button type="button" class="quiet small danger" onClick=${() => setAsking("erase")}>${t("eraseGuest")}</button>`}</div>
    <${Duplicates} id=${id} onMerged=${() => { onChanged(); again(); }} />
    <${Form} key=${tag} initial=${initial} send=${save} reload=${again} label=${t("save")} fields=${Fields} />
    <h3>${t("conversations")}</h3>${talks.rows?.length ? html`<ul class="plain-list">${talks.rows.map((row) => html`<li key=${row.id}><a href=${to("inbox", row.id)}><${Icon} name=${row.channel} size=${16} /> ${t(`channels.${row.channel}`)} · ${brief(row.lastMessageAt ?? row.createdAt)}</a> <span class="preview" dir="auto">${row.preview}</span></li>`)}</ul>` : html`<p class="hint">${t("nothingHere")}</p>`}
    ${asking === "erase" && html`<${Dialog} title=${t("eraseGuest")} onClose=${() => setAsking("")}><p dir="auto">${t("eraseAbout", { name: guest.name })}</p><${Form} initial=${{}} fields=${() => null} label=${t("eraseGuest")} onCancel=${() => setAsking("")}
      send=${async () => { await ask("DELETE", `/guests/${id}`); state.guests.delete(id); setAsking(""); go("guests"); onChanged(); }} /></${Dialog}>`}
    ${asking === "write" && html`<${Write} guest=${guest} onClose=${() => setAsking("")} />`}`;
}

function Write({ guest, onClose }) {
  const fields = ({ values, set, wrong }) => html`<${Field} label=${t("channel")} name="channel" value=${values.channel} onInput=${set("channel")} problem=${wrong.channel}>${CHANNELS.map((one) => html`<${Option} key=${one} value=${one}>${t(`channels.${one}`)}</${Option}>`)}</${Field}>
    <${Field} label=${t("replyText")} name="content" rows="3" value=${values.content} onInput=${set("content")} problem=${wrong.content} />`;
  async function send({ channel, content }, keyed) {
    const sent = { guestId: guest.id, channel, content };
    const { data } = await ask("POST", "/conversations", { body: sent, key: keyed(sent) });
    onClose();
    go("inbox", data.id);
  }
  return html`<${Dialog} title=${t("writeToGuest")} onClose=${onClose}><${Form} initial=${{ channel: guest.phone ? "whatsapp" : guest.email ? "email" : "web", content: "" }} fields=${fields} send=${send} label=${t("send")} onCancel=${onClose} /></${Dialog}>`;
}

/** Others who may be the same guest, where Jack can tell. */
function Duplicates({ id, onMerged }) {
  const [found, setFound] = useState([]);
  const [asked, setAsked] = useState(null);
  const [undo, setUndo] = useState(null);
  const [keyed] = useState(keys);
  useEffect(() => { ask("GET", `/guests/${id}/duplicates`).then(({ data }) => setFound(data.map((one) => one.guest ?? one)), () => setFound([])); }, [id]);
  async function back() {
    try {
      await ask("POST", `/guests/${id}/merges/${undo.mergeId}/undo`, { key: keyed(undo.mergeId) });
      setUndo(null);
      onMerged();
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  if (undo) return html`<p class="notice" role="status">${t("merged")} <button type="button" class="link" onClick=${back}>${t("undo")}</button></p>`;
  if (!found.length) return null;
  async function merge() {
    const { data } = await ask("POST", `/guests/${id}/merge`, { body: { guestId: asked.id }, key: keyed(asked.id) });
    state.guests.clear();
    setAsked(null);
    setFound(found.filter((other) => other !== asked));
    if (data.mergeId) setUndo(data);
    onMerged();
  }
  return html`<div class="notice"><p>${t("duplicates")}</p><ul class="plain-list">${found.map((other) => html`<li key=${other.id}><a href=${to("guests", other.id)} dir="auto">${other.name}</a> ${mayManage() && html`<button type="button" class="link" onClick=${() => setAsked(other)}>${t("merge")}</button>`}</li>`)}</ul></div>
    ${asked && html`<${Dialog} title=${t("merge")} onClose=${() => setAsked(null)}><p dir="auto">${t("mergeAbout", { name: asked.name })}</p><${Form} initial=${{}} fields=${() => null} send=${merge} label=${t("merge")} onCancel=${() => setAsked(null)} /></${Dialog}>`}`;
}
