// A file with all guests, conversations, messages, tasks or entries: asked for, waited for, saved.

import { t } from "../../shared/page.js";
import { Dialog } from "../components.js";
import { number } from "../format.js";
import { bind, Field, Form, Options } from "../forms.js";
import { html, useState } from "../preact.js";
import { isOver, saveFile, useJob } from "./file-jobs.js";
import { request } from "../request.js";

const KINDS = ["guests", "conversations", "messages", "tasks", "knowledge"];
const FORMATS = ["csv", "ndjson"];

/** @param {{ onClose: () => void }} props */
export function ExportDialog({ onClose }) {
  const [path, setPath] = useState(/** @type {string | null} */ (null));
  const job = useJob(path);
  /** @param {{ what: string, format: string }} values */
  async function send(values) {
    const { data } = await request("POST", "/exports", { body: values });
    setPath(`/exports/${data.id}`);
  }
  return html`
    <${Dialog} title=${t("files.export")} onClose=${onClose}>
      ${
        path
          ? html`<${Written} job=${job} path=${path} onClose=${onClose} />`
          : html`
              <p>${t("files.exportAbout")}</p>
              <${Form}
                draft=${false}
                initial=${{ what: "guests", format: "csv" }}
                fields=${fields}
                send=${send}
                label=${t("files.write")}
                onCancel=${onClose}
              />
            `
      }
    </${Dialog}>
  `;
}

/** @param {Staff.FormState} form */
const fields = (form) => html`
  <${Field} ...${bind(form, "what")} label=${t("files.what")}>
    <${Options} items=${KINDS.map((kind) => [kind, t(`files.kinds.${kind}`)])} />
  </${Field}>
  <${Field} ...${bind(form, "format")} label=${t("files.format")}>
    <${Options} items=${FORMATS.map((format) => [format, t(`files.formats.${format}`)])} />
  </${Field}>
`;

/** @param {{ job: any, path: string, onClose: () => void }} props */
export function Written({ job, path, onClose }) {
  const name = job && `${job.what}-${(job.createdAt ?? "").slice(0, 10)}.${job.format}`;
  const done = job?.status === "done";
  const text = done
    ? t("files.written", { rows: number(job.rows) })
    : job && isOver(job)
      ? job.error
      : t("files.writing");
  return html`
    <p role="status" class=${job?.status === "failed" ? "notice bad" : ""}>${text}</p>
    <div class="buttons">
      ${
        done &&
        html`
          <button type="button" onClick=${() => saveFile(`${path}/file`, name)}>
            ${t("files.save")}
          </button>
        `
      }
      <button type="button" class="quiet" onClick=${onClose}>${t("close")}</button>
    </div>
  `;
}
