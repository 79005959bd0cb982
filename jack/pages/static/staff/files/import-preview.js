// The first rows of a file to import, and above each column which field it is.

import { t } from "../../shared/page.js";
import { fieldLabel, Options } from "../forms.js";
import { html } from "../preact.js";

const LEFT_OUT = "";

/**
 * @param {{ preview: Api.ImportPreview, mapping: Record<string, string>,
 *   map: (column: string, field: string) => void }} props
 */
export function Preview({ preview, mapping, map }) {
  const shown = preview.columns.map((name, place) => ({ name, place })).filter((one) => one.name);
  const choices = [
    [LEFT_OUT, t("files.leftOut")],
    ...preview.fields.map((field) => [field, fieldLabel(field)]),
  ];
  const heads = shown.map(
    ({ name }) => html`
      <${Column}
        key=${name}
        name=${name}
        choices=${choices}
        field=${mapping[name] ?? LEFT_OUT}
        map=${map}
      />
    `,
  );
  /** @param {string[]} row */
  const cells = (row) =>
    shown.map(({ name, place }) => html`<td key=${name} dir="auto">${row[place]}</td>`);
  return html`
    <h3 id="import-preview">${t("files.preview")}</h3>
    <p class="hint">${t("files.previewAbout")}</p>
    <div class="scrolled" tabindex="0" role="region" aria-labelledby="import-preview">
      <table>
        <thead>
          <tr>${heads}</tr>
        </thead>
        <tbody>
          ${preview.rows.map((row, line) => html`<tr key=${line}>${cells(row)}</tr>`)}
        </tbody>
      </table>
    </div>
  `;
}

/**
 * @param {{ name: string, choices: [string, string][], field: string,
 *   map: (column: string, field: string) => void }} props
 */
const Column = ({ name, choices, field, map }) => html`
  <th scope="col">
    <span dir="auto">${name}</span>
    <select
      aria-label=${t("files.fieldOf", { column: name })}
      value=${field}
      onInput=${(/** @type {any} */ event) => map(name, event.target.value)}
    >
      <${Options} items=${choices} />
    </select>
  </th>
`;
