// The hotel's settings: forms for those that are known, a box for all others. Who may not change them reads them.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { Channels } from "./channels.js";
import { html, useEffect, useState } from "./preact.js";
import { moment } from "./format.js";
import { Icon } from "./icons.js";
import { useOne } from "./list-data.js";
import { to } from "./router.js";
import { Email, Sms, WhatsApp } from "./channel-forms.js";
import { Departments, FIXED, Hotel, Plain, readable, WebChat } from "./setting-forms.js";
import { departments, isAdmin, notice, state } from "./store.js";
import { Dialog, Failed, Field, Form, Head, Skeleton } from "./components.js";

export const FORMS = { hotel: Hotel, departments: Departments, "channels.web": WebChat, "channels.whatsapp": WhatsApp, "channels.sms": Sms, "channels.email": Email };

/** What a setting is called. */
export const settingName = (key) => (FIXED.includes(key) ? t(`settingNames.${key.replace(".", "_")}`) : key);

export function Settings() {
  const [keys, setKeys] = useState(null);
  const [problem, setProblem] = useState("");
  const [making, setMaking] = useState(false);
  const id = state.route.id ?? "hotel";
  async function read() {
    try {
      const { data } = await ask("GET", "/settings?limit=100");
      setKeys(data.map(({ key }) => key));
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => { read(); }, []);
  if (problem && !keys) return html`<${Failed} text=${problem} retry=${read} />`;
  const own = (keys ?? []).filter((key) => !key.startsWith("channels."));
  return html`<div class="page"><${Head} title=${t("views.settings")} />
    <div class="sections"><nav aria-label=${t("views.settings")}>${["hotel", "departments", "channels", ...own.filter((key) => !FIXED.includes(key))].map((key) => html`
      <a key=${key} href=${to("settings", key)} aria-current=${id === key || (key === "channels" && id.startsWith("channels.")) ? "page" : undefined}>${key === "channels" ? t("channel") : settingName(key)}</a>`)}
      ${isAdmin() && html`<button type="button" class="link" onClick=${() => setMaking(true)}>${t("newSetting")}</button>`}</nav>
      <section class="sheet" aria-label=${t("details")}>${id === "channels" ? html`<${Channels} />` : html`<${Setting} key=${id} id=${id} />`}</section></div>
    ${making && html`<${NewSetting} onClose=${() => { setMaking(false); read(); }} />`}</div>`;
}

/** One setting, as a form for those who may change it. */
export function Setting({ id, title = "h2" }) {
  const { data, tag, problem, again } = useOne("/settings", id);
  if (problem) return html`<${Failed} text=${problem.status === 404 ? t("gone") : explain(problem)} retry=${again} />`;
  if (!data) return html`<${Skeleton} rows=${5} />`;
  async function put(value) {
    try {
      await ask("PUT", `/settings/${id}`, { body: { value }, match: tag });
    } catch (error) {
      error.details?.forEach((detail) => { detail.field = detail.field.replace(/^value\./, ""); });
      throw error;
    }
    notice(t("saved"));
    again();
  }
  const Shape = FORMS[id] ?? Plain;
  const value = id === "departments" ? { items: departments(data) } : data.value;
  const up = id.startsWith("channels.") && html`<a class="up" href=${to("settings", "channels")}><${Icon} name="back" size=${16} />${t("channel")}</a>`;
  const head = html`${up}<${title}>${settingName(id)}</${title}><p class="hint">${data.updatedAt ? t("changedAt", { when: moment(data.updatedAt) }) : t("asDelivered")}</p>`;
  if (!isAdmin()) return html`${head}<dl class="facts-list">${readable(value).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`;
  return html`${head}<${Shape} key=${tag} value=${value} put=${put} reload=${again} />`;
}

function NewSetting({ onClose }) {
  const fields = ({ values, set, wrong }) => html`<${Field} label=${t("fields.key")} name="key" value=${values.key} onInput=${set("key")} problem=${wrong.key} hint=${t("keyHint")} />`;
  async function send({ key }) {
    await ask("PUT", `/settings/${encodeURIComponent(key.trim() || " ")}`, { body: { value: {} } });
    onClose();
    location.hash = to("settings", key.trim());
  }
  return html`<${Dialog} title=${t("newSetting")} onClose=${onClose}><${Form} initial=${{ key: "" }} send=${send} label=${t("save")} onCancel=${onClose} fields=${fields} /></${Dialog}>`;
}
