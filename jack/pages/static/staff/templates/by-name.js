// A template by its name, for one that is not among those that are known here.

import { t } from "../../shared/page.js";
import { html, useRef, useState } from "../preact.js";
import { Kept, useKept } from "../kept-values.js";
import { setItem, getItem } from "../local-storage.js";
import { send } from "../send-queue.js";
import { Field } from "../forms.js";

/**
 * The form's values; `submit` sends the template and calls `onSent`.
 * @param {string} id
 * @param {() => void} onSent
 */
function useTemplate(id, onSent) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const initial = { ...getItem("template", { name: "", language: "en" }), texts: "" };
  const { values, put, forget, ...kept } = useKept(initial, `template:${id}`, form);
  const [checked, setChecked] = useState(false);
  const name = values.name.trim();
  const language = values.language.trim();
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    event.stopPropagation(); // the dialog stands inside the reply form
    setChecked(true);
    if (!name || !language) return;
    const template = { name, language, ...parametersOf(values.texts) };
    setItem("template", { name, language });
    send(id, { type: "template", template, content: undefined });
    forget();
    onSent();
  }
  /** @param {"name" | "language"} field */
  const bindTo = (field) => ({
    name: `template-${field}`,
    value: values[field],
    onInput: (/** @type {string} */ value) => put({ ...values, [field]: value }),
    problem: checked && !values[field].trim() ? t("problems.required") : undefined,
  });
  const setTexts = (/** @type {string} */ texts) => put({ ...values, texts });
  return { bindTo, texts: values.texts, setTexts, submit, form, forget, kept };
}

/** @param {{ id: string, onClose: () => void }} props */
export function ByName({ id, onClose }) {
  const { bindTo, texts, setTexts, submit, form, forget, kept } = useTemplate(id, onClose);
  function cancel() {
    forget();
    onClose();
  }
  return html`
      <form onSubmit=${submit} novalidate ref=${form}>
        <div class="pair">
          <${TemplateField} label=${t("fields.template")} ...${bindTo("name")} />
          <${TemplateField} label=${t("fields.language")} ...${bindTo("language")} />
        </div>
        <${TextsField} value=${texts} onInput=${setTexts} />
        <div class="buttons">
          <button type="submit">${t("send")}</button>
          <button type="button" class="quiet" onClick=${cancel}>${t("cancel")}</button>
        </div>
        <${Kept} ...${kept} />
      </form>
  `;
}

/**
 * The texts to fill in, one a line.
 * @param {string} texts
 */
function parametersOf(texts) {
  const parameters = texts
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return parameters.length ? { parameters } : {};
}

/** @param {import("../forms.js").FieldProps} props */
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
