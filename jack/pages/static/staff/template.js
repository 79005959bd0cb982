// A message template that WhatsApp has approved, the only thing to send after 24 hours.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { setItem, getItem } from "./local-storage.js";
import { send } from "./send-queue.js";
import { Dialog } from "./components.js";
import { Field } from "./forms.js";

/** @param {{ id: string, onClose: () => void }} props */
export function TemplateForm({ id, onClose }) {
  const [values, setValues] = useState(() => getItem("template", { name: "", language: "en" }));
  const [texts, setTexts] = useState("");
  const [checked, setChecked] = useState(false);
  const name = values.name.trim();
  const language = values.language.trim();
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    event.stopPropagation(); // the dialog stands inside the reply form
    setChecked(true);
    if (!name || !language) return;
    const lines = texts.split("\n").map((line) => line.trim());
    const parameters = lines.filter(Boolean);
    const template = { name, language, ...(parameters.length && { parameters }) };
    setItem("template", values);
    send(id, { type: "template", template, content: undefined });
    onClose();
  }
  /** @type {(field: string) => (value: string) => void} */
  const set = (field) => (value) => setValues({ ...values, [field]: value });
  const problem = t("problems.required");
  return html`
    <${Dialog} title=${t("useTemplate")} onClose=${onClose}>
      <form onSubmit=${submit} novalidate>
        <div class="pair">
          <${TemplateField}
            label=${t("fields.template")}
            name="template-name"
            value=${values.name}
            onInput=${set("name")}
            problem=${checked && !name ? problem : undefined}
          />
          <${TemplateField}
            label=${t("fields.language")}
            name="template-language"
            value=${values.language}
            onInput=${set("language")}
            problem=${checked && !language ? problem : undefined}
          />
        </div>
        <${TextsField} value=${texts} onInput=${setTexts} />
        <${Buttons} onClose=${onClose} />
      </form>
    </${Dialog}>
  `;
}

/** @param {import("./forms.js").FieldProps} props */
const TemplateField = (props) => html`<${Field} id=${props.name} ...${props} />`;

/** @param {{ value: string, onInput: (value: string) => void }} props */
const TextsField = (props) => html`
  <${TemplateField}
    label=${t("templateTexts")}
    name="template-texts"
    rows="3"
    hint=${t("templateTextsHint")}
    ...${props}
  />
`;

/** @param {{ onClose: () => void }} props */
const Buttons = ({ onClose }) => html`
  <div class="buttons">
    <button type="submit">${t("send")}</button>
    <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
  </div>
`;
