// How far an import is, and in the end what has become of each line.

import { t } from "../../shared/page.js";
import { number } from "../format.js";
import { fieldLabel } from "../forms.js";
import { isOver, saveFile } from "./file-jobs.js";
import { html, useEffect } from "../preact.js";
import { explain, request } from "../request.js";
import { notice } from "../store.js";

const COUNTED = ["created", "updated", "unchanged", "failed"];

/** @param {{ job: Api.Import | null, path: string, onOver: () => void }} props */
export function ImportResult({ job, path, onOver }) {
  const over = Boolean(job && isOver(job));
  useEffect(() => {
    if (over && job && !job.dryRun) onOver();
  }, [over]);
  if (!job) return html`<p role="status">${t("wait")}</p>`;
  if (!over) return html`<${Progress} job=${job} path=${path} />`;
  const status = job.status === "done" && job.dryRun ? "tried" : job.status;
  return html`
    <section class="import-result" aria-label=${t("files.result")}>
      <p class=${job.status === "failed" ? "notice bad" : "notice"} role="status">
        ${t(`files.status.${status}`)} ${job.error && html`<span lang="en">${job.error}</span>`}
      </p>
      ${job.total > 0 && html`<${Counts} job=${job} />`}
      ${job.errors.length > 0 && html`<${Failures} job=${job} path=${path} />`}
    </section>
  `;
}

/** @param {{ job: Api.Import, path: string }} props */
function Progress({ job, path }) {
  const done = COUNTED.reduce((sum, name) => sum + job[name], 0);
  const text = t("files.progress", { done: number(done), total: number(job.total) });
  const cancel = () =>
    request("POST", `${path}/cancel`).catch((error) => notice(explain(error), "bad"));
  return html`
    <p role="status">${job.total ? text : t("files.waiting")}</p>
    <progress max=${job.total || 1} value=${done} aria-label=${t("files.result")}></progress>
    <div class="buttons">
      <button type="button" class="quiet" onClick=${cancel}>${t("cancel")}</button>
    </div>
  `;
}

/** @param {{ job: Api.Import }} props */
const Counts = ({ job }) => html`
  <dl class="counts">
    ${COUNTED.map(
      (name) => html`
        <div key=${name}>
          <dt>${t(`files.counted.${name}`)}</dt>
          <dd>${number(job[name])}</dd>
        </div>
      `,
    )}
  </dl>
`;

/** @param {{ job: Api.Import, path: string }} props */
const Failures = ({ job, path }) => html`
  <h3>${t("files.failures")}</h3>
  <ul class="plain-list">
    ${job.errors.slice(0, 20).map(
      ({ line, field, message }) => html`
        <li key=${line}>
          ${t("files.line", { line: number(line) })}${" "}
          ${field !== "line" && `${fieldLabel(field)}: `}<span lang="en">${message}</span>
        </li>
      `,
    )}
  </ul>
  <div class="buttons">
    <button
      type="button"
      class="quiet"
      onClick=${() => saveFile(`${path}/errors`, `${job.what}-failed.csv`)}
    >
      ${t("files.saveFailures")}
    </button>
  </div>
`;
