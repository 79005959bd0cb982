// A message template that WhatsApp has approved: the way to write when its 24 hours are over.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { keep, recall } from "./local-storage.js";
import { send } from "./send-queue.js";
import { Dialog, Field } from "./components.js";

export function TemplateForm({ id, onClose }) {
  const [values, put] = useState(() => recall("template", { name: "", language: "en" }));
  const [texts, setTexts] = useState("");
  const [missing, setMissing] = useState(false);
  function submit(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!values.name.trim() || !values.language.trim()) {
      setMissing(true);
      return;
    }
    const parameters = texts.split("\n").map((line) => line.trim()).filter(Boolean);
    const template = { name: values.name.trim(), language: values.language.trim(), ...(parameters.length && { parameters }) };
    keep("template", values);
    send(id, { type: "template", template, content: undefined });
    onClose();
  }
  const set = (name) => (value) => put({ ...values, [name]: value });
  return html`<${Dialog} title=${t("useTemplate")} onClose=${onClose}><form onSubmit=${submit} novalidate>
    <div class="pair"><${Field} id="template-name" label=${t("fields.template")} name="template-name" value=${values.name} onInput=${set("name")} problem=${missing && !values.name.trim() ? t("problems.required") : undefined} />
      <${Field} id="template-language" label=${t("fields.language")} name="template-language" value=${values.language} onInput=${set("language")} problem=${missing && !values.language.trim() ? t("problems.required") : undefined} /></div>
    <${Field} id="template-texts" label=${t("templateTexts")} name="template-texts" rows="3" value=${texts} onInput=${setTexts} hint=${t("templateTextsHint")} />
    <div class="buttons"><button type="submit">${t("send")}</button><button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button></div></form></${Dialog}>`;
}
