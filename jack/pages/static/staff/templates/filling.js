// A template: what it is filled in with, and beside that what the guest will read.

import { t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { send } from "../send-queue.js";
import { notice } from "../store.js";
import { Field } from "../forms.js";

const FILES = ["image", "video", "document"];
// What a header of each kind may be chosen from; an iPhone's photo leaves as a JPEG.
/** @type {Record<string, string>} */
const CHOICE = { image: "image/jpeg,image/png,image/heic,.heic", video: "video/mp4,video/3gpp" };
const VARIABLE = /\{\{ *(\w+) *\}\}/g;
/** @typedef {Record<string, string>} Values */

/**
 * What has to be filled in: the name of each value, and its label.
 * @param {Api.WhatsAppTemplate} template
 * @returns {[name: string, label: string][]}
 */
function needed({ header, parameters, buttons }) {
  /** @type {[string, string][]} */
  const found = [];
  if (header?.parameters.length) found.push(["header", t("templateHeader")]);
  if (header?.type === "location") {
    for (const name of ["latitude", "longitude", "place", "address"]) {
      found.push([name, t(`templatePlace.${name}`)]);
    }
  }
  for (const { name } of parameters) found.push([`text ${name}`, t("templateText", { name })]);
  buttons.forEach(({ parameter, text }, index) => {
    if (parameter) found.push([`button ${index}`, t("templateButton", { name: text ?? "" })]);
  });
  return found;
}

/**
 * The template as the API takes it.
 * @param {Api.WhatsAppTemplate} template
 * @param {Values} values
 */
function filled({ name, language, header, parameters, buttons }, values) {
  const texts = parameters.map((one) => [one.name, values[`text ${one.name}`]]);
  const numbered = parameters.every((one) => /^\d+$/.test(one.name));
  const given = buttons.flatMap(({ type, parameter }, index) =>
    parameter ? [{ index, type, text: values[`button ${index}`] }] : [],
  );
  return {
    name,
    language,
    ...(texts.length && {
      parameters: numbered ? texts.map(([, text]) => text) : Object.fromEntries(texts),
    }),
    ...headerOf(header, values),
    ...(given.length && { buttons: given }),
  };
}

/**
 * @param {Api.WhatsAppTemplate["header"]} header
 * @param {Values} values
 */
function headerOf(header, values) {
  if (!header) return {};
  const { type } = header;
  if (FILES.includes(type)) return { header: { type, ...(values.link && { link: values.link }) } };
  if (type === "location") {
    const place = { latitude: Number(values.latitude), longitude: Number(values.longitude) };
    return { header: { type, ...place, name: values.place, address: values.address } };
  }
  return header.parameters.length ? { header: { type, text: values.header } } : {};
}

/**
 * What is wrong with each value.
 * @param {Api.WhatsAppTemplate} template
 * @param {Values} values
 * @param {Api.Attachment | null} file
 */
function problems(template, values, file) {
  /** @type {Values} */
  const found = {};
  for (const [name] of needed(template)) {
    if (!values[name]?.trim()) found[name] = t("problems.required");
  }
  for (const [name, most] of [
    ["latitude", 90],
    ["longitude", 180],
  ]) {
    if (values[name] && !(Math.abs(Number(values[name])) <= Number(most))) {
      found[name] = t("problems.out_of_range");
    }
  }
  const isFile = FILES.includes(template.header?.type ?? "");
  if (isFile && !file && !values.link) found.link = t("problems.required");
  if (values.link && !values.link.startsWith("https://")) found.link = t("problems.not_a_url");
  return found;
}

/**
 * @param {{ id: string, template: Api.WhatsAppTemplate, onBack: () => void,
 *   onSent: () => void }} props
 */
export function Filling({ id, template, onBack, onSent }) {
  const [values, setValues] = useState(/** @type {Values} */ ({}));
  const [file, setFile] = useState(/** @type {Api.Attachment | null} */ (null));
  const [checked, setChecked] = useState(false);
  const wrong = checked ? problems(template, values, file) : {};
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    event.stopPropagation(); // the dialog stands inside the reply form
    setChecked(true);
    if (Object.keys(problems(template, values, file)).length) return;
    const attachmentIds = file ? [file.id] : [];
    const whole = filled(template, values);
    send(id, { type: "template", template: whole, attachmentIds, content: undefined });
    onSent();
  }
  /** @param {string} name */
  const bound = (name) => ({
    name: `template-${name.replace(" ", "-")}`,
    value: values[name],
    onInput: (/** @type {string} */ value) => setValues({ ...values, [name]: value }),
    problem: wrong[name],
  });
  return html`
    <form onSubmit=${submit} novalidate>
      <${Preview} template=${template} values=${values} file=${file} />
      <${File} kind=${template.header?.type ?? ""} ...${{ id, file }} onFile=${setFile} link=${bound("link")} />
      ${needed(template).map(
        ([name, label]) => html`<${Field} key=${name} label=${label} ...${bound(name)} />`,
      )}
      <div class="buttons">
        <button type="submit">${t("send")}</button>
        <button type="button" class="quiet" onClick=${onBack}>${t("templateOther")}</button>
      </div>
    </form>
  `;
}

/**
 * What the guest will read; what is missing yet as the example, between angle brackets.
 * @param {{ template: Api.WhatsAppTemplate, values: Values, file: Api.Attachment | null }} props
 */
function Preview({ template: { header, body, footer, buttons, parameters }, values, file }) {
  const examples = Object.fromEntries(parameters.map(({ name, example }) => [name, example]));
  const text = body.replace(
    VARIABLE,
    (_, name) => values[`text ${name}`] || `‹${examples[name] ?? name}›`,
  );
  const title = header?.text?.replace(VARIABLE, () => values.header || "‹…›");
  const other = header && !header.text ? t(`templateKinds.${header.type}`) : "";
  return html`
    <figure class="template-preview">
      <figcaption class="hint">${t("templatePreview")}</figcaption>
      ${title && html`<p dir="auto"><b>${title}</b></p>`}
      ${other && html`<p class="hint">${[other, file?.name].filter(Boolean).join(": ")}</p>`}
      <p class="text" dir="auto">${text}</p>
      ${footer && html`<p class="hint" dir="auto">${footer}</p>`}
      ${
        buttons.length > 0 &&
        html`
          <ul>
            ${buttons.map((button, place) => html`<li key=${place} dir="auto">${button.text}</li>`)}
          </ul>
        `
      }
    </figure>
  `;
}

/**
 * The file of a header that is one: uploaded, or at an address.
 * @param {{ id: string, kind: string, file: Api.Attachment | null,
 *   onFile: (file: Api.Attachment) => void, link: any }} props
 */
function File({ id, kind, file, onFile, link }) {
  const [busy, setBusy] = useState(false);
  /** @param {Event & { target: HTMLInputElement }} event */
  async function upload({ target }) {
    const [chosen] = target.files ?? [];
    if (!chosen) return;
    const body = new FormData();
    body.append("conversationId", id);
    body.append("file", chosen);
    setBusy(true);
    try {
      onFile((await request("POST", "/attachments", { body })).data);
    } catch (error) {
      notice(explain(error), "bad");
    }
    setBusy(false);
  }
  if (!FILES.includes(kind)) return null;
  return html`
    <div class="field" aria-busy=${busy ? "true" : undefined}>
      <label for="template-file">${t("templateFile")}</label>
      <input type="file" id="template-file" accept=${CHOICE[kind]} onChange=${upload} />
    </div>
    ${!file && html`<${Field} label=${t("templateLink")} type="url" ...${link} />`}
  `;
}
