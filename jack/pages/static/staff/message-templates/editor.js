// The form of a template: its texts by language, and what is filled in.

import { language as ownLanguage, t } from "../../shared/page.js";
import { Dialog, Failed, Skeleton, SmallButton } from "../components.js";
import { bind, Check, Field, FormDialog } from "../forms.js";
import { languageName } from "../format.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { useOne } from "../list-data.js";
import { explain, request } from "../request.js";
import { firstProblem } from "../settings/setting-forms.js";
import { CHANNELS } from "../store.js";
import { BUILT_IN, variableName } from "./filled-text.js";

/** @typedef {{ language: string, text: string }} Text */

/** @param {Api.MessageTemplate | null} template */
function valuesOf(template) {
  const texts = Object.entries(template?.texts ?? { [ownLanguage]: "" });
  const approved = template?.whatsappTemplate;
  return {
    name: template?.name ?? "",
    shortcut: template?.shortcut ?? "",
    texts: texts.map(([language, text]) => ({ language, text })),
    channels: template?.channels ?? CHANNELS,
    approvedName: approved?.name ?? "",
    parameters: approved?.parameters.join("\n") ?? "",
  };
}

/** @param {string} field @param {string} code */
const refusal = (field, code) =>
  Object.assign(new Error(), { details: [{ field, code, message: "" }] });

/** @param {Staff.Values} values */
function bodyOf({ name, shortcut, texts, channels, approvedName, parameters }) {
  /** @type {[string, string][]} */
  const said = texts
    .map((/** @type {Text} */ { language, text }) => [language.trim(), text])
    .filter((/** @type {string[]} */ [language, text]) => language || text.trim());
  const byLanguage = Object.fromEntries(said);
  if (Object.keys(byLanguage).length < said.length) throw refusal("texts", "invalid");
  const lines = parameters.split("\n").map((/** @type {string} */ line) => line.trim());
  const approved = { name: approvedName.trim(), parameters: lines.filter(Boolean) };
  return {
    name,
    shortcut: shortcut.trim() || null,
    texts: byLanguage,
    channels,
    whatsappTemplate: approved.name || approved.parameters.length ? approved : null,
  };
}

/** @param {{ onClose: () => void, onSaved: () => void }} props */
export function NewTemplate({ onClose, onSaved }) {
  /**
   * @param {Staff.Values} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(values);
    await request("POST", "/templates", { body, key: keyFor(body) });
    onSaved();
  }
  return html`
    <${FormDialog}
      draft="message-template:new"
      title=${t("templates.add")}
      onClose=${onClose}
      initial=${valuesOf(null)}
      fields=${fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/**
 * Changes a template, unless somebody else has meanwhile.
 * @param {{ id: string, onClose: () => void, onSaved: () => void }} props
 */
export function ChangeTemplate({ id, onClose, onSaved }) {
  const { data, tag, problem, reload } = useOne("/templates", id);
  if (!data) {
    return html`
      <${Dialog} title=${t("templates.change")} onClose=${onClose}>
        ${
          problem
            ? html`<${Failed} text=${explain(problem)} retry=${reload} />`
            : html`<${Skeleton} rows=${5} />`
        }
      </${Dialog}>
    `;
  }
  /** @param {Staff.Values} values */
  async function send(values) {
    await request("PATCH", `/templates/${id}`, { body: bodyOf(values), match: tag });
    onSaved();
  }
  return html`
    <${FormDialog}
      key=${tag}
      draft=${`message-template:${id}`}
      title=${t("templates.change")}
      onClose=${onClose}
      initial=${valuesOf(data)}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/** @param {Staff.FormState} form */
const fields = (form) => html`<${Fields} form=${form} />`;

/** @param {{ form: Staff.FormState }} props */
const Fields = ({ form }) => html`
  <div class="pair">
    <${Field} ...${bind(form, "name")} required maxlength="100" />
    <${Field} ...${bind(form, "shortcut")} maxlength="32" hint=${t("templates.shortcutHint")} />
  </div>
  <${Texts} texts=${form.values.texts} set=${form.set("texts")} wrong=${form.wrong} />
  <${Channels} form=${form} />
  <${Approved} form=${form} />
`;

/**
 * The texts, and what can be put into the one that was written in last.
 * @param {{ texts: Text[], set: (changed: Text[]) => void, wrong: Record<string, string> }} props
 */
function Texts({ texts, set, wrong }) {
  const last = useRef({ place: 0, caret: Infinity });
  /** @param {string} name */
  function insert(name) {
    const place = Math.min(last.current.place, texts.length - 1);
    const { language, text } = texts[place];
    const caret = Math.min(last.current.caret, text.length);
    const written = `${text.slice(0, caret)}{${name}}${text.slice(caret)}`;
    last.current = { place, caret: caret + name.length + 2 };
    set(texts.with(place, { language, text: written }));
  }
  const line = (/** @type {Text} */ one, /** @type {number} */ place) => html`
    <${TextOfLanguage}
      key=${place}
      one=${one}
      place=${place}
      wrong=${wrong}
      onChange=${(/** @type {Text} */ changed) => set(texts.with(place, changed))}
      onRemove=${texts.length > 1 && (() => set(texts.toSpliced(place, 1)))}
      onCaret=${(/** @type {number} */ caret) => {
        last.current = { place, caret };
      }}
    />
  `;
  return html`
    ${texts.map(line)}
    ${wrong.texts && html`<p class="problem">${wrong.texts}</p>`}
    <${Variables} insert=${insert} />
    <p>
      <${SmallButton}
        label=${t("templates.addLanguage")}
        onClick=${() => set([...texts, { language: "", text: "" }])}
      />
    </p>
  `;
}

/**
 * @param {{ one: Text, place: number, wrong: Record<string, string>,
 *   onChange: (one: Text) => void, onRemove: (() => void) | false,
 *   onCaret: (caret: number) => void }} props
 */
function TextOfLanguage({ one, place, wrong, onChange, onRemove, onCaret }) {
  const { language, text } = one;
  const field = `texts.${language.trim()}`;
  const shown = language.trim() ? (languageName(language.trim()) ?? language) : `${place + 1}`;
  const caret = (/** @type {any} */ event) => onCaret(event.target.selectionStart);
  return html`
    <fieldset class="text-of-language">
      <legend class="unseen" dir="auto">${shown}</legend>
      <div class="line-of-fields">
        <${Field}
          label=${t("fields.language")}
          id=${`language-${place}`}
          name=${`language-${place}`}
          value=${language}
          maxlength="35"
          onInput=${(/** @type {string} */ typed) => onChange({ ...one, language: typed })}
        />
        ${onRemove && html`<${SmallButton} label=${t("remove")} onClick=${onRemove} />`}
      </div>
      <${Field}
        label=${t("templates.textIn", { language: shown })}
        id=${`text-${place}`}
        name=${field}
        rows="5"
        value=${text}
        onInput=${(/** @type {string} */ typed) => onChange({ ...one, text: typed })}
        onBlur=${caret}
        problem=${wrong[field]}
      />
    </fieldset>
  `;
}

/**
 * What can be filled in, each a button that puts it into the text.
 * @param {{ insert: (name: string) => void }} props
 */
function Variables({ insert }) {
  const [own, setOwn] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {
    request("GET", "/settings/variables").then(
      ({ data }) =>
        setOwn(data.value.items.map((/** @type {{ name: string }} */ { name }) => name)),
      () => undefined, // the others can be put in all the same
    );
  }, []);
  return html`
    <p class="hint" id="variables-hint">${t("templates.variablesHint")}</p>
    <div class="variables" role="group" aria-labelledby="variables-hint">
      ${[...BUILT_IN, ...own].map(
        (name) => html`
          <${SmallButton} key=${name} label=${variableName(name)} onClick=${() => insert(name)} />
        `,
      )}
    </div>
  `;
}

/** @param {{ form: Staff.FormState }} props */
function Channels({ form }) {
  /** @type {string[]} */
  const chosen = form.values.channels;
  /** @param {string} one @param {boolean} on */
  const turn = (one, on) =>
    form.set("channels")(CHANNELS.filter((name) => (name === one ? on : chosen.includes(name))));
  return html`
    <fieldset class="field">
      <legend>${t("templates.channels")}</legend>
      ${CHANNELS.map(
        (name) => html`
          <${Check}
            key=${name}
            label=${t(`channels.${name}`)}
            checked=${chosen.includes(name)}
            onChange=${(/** @type {boolean} */ on) => turn(name, on)}
            name="channels"
          />
        `,
      )}
      ${form.wrong.channels && html`<p class="problem">${form.wrong.channels}</p>`}
    </fieldset>
  `;
}

/** @param {{ form: Staff.FormState }} props */
const Approved = ({ form }) => html`
  <details open=${Boolean(form.values.approvedName)}>
    <summary>${t("templates.approved")}</summary>
    <p class="hint">${t("templates.approvedHint")}</p>
    <${Field}
      ...${bind(form, "approvedName")}
      label=${t("templates.approvedName")}
      maxlength="512"
      problem=${form.wrong["whatsappTemplate.name"]}
    />
    <${Field}
      ...${bind(form, "parameters")}
      label=${t("templateTexts")}
      rows="3"
      hint=${t("templateTextsHint")}
      problem=${firstProblem(form.wrong, "whatsappTemplate.parameters")}
    />
  </details>
`;
