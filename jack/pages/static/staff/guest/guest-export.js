// Everything that is known of a guest in one file, for administrators to hand to them.

import { PREFIX } from "../../shared/api.js";
import { t } from "../../shared/page.js";
import { Dialog } from "../components.js";
import { Written } from "../files/export-dialog.js";
import { saveBlob, useJob } from "../files/file-jobs.js";
import { Form } from "../forms.js";
import { html, useState } from "../preact.js";
import { fetchFile, request } from "../request.js";

/** @param {{ guest: Api.Guest, onClose: () => void }} props */
export function GuestExport({ guest, onClose }) {
  const [path, setPath] = useState(/** @type {string | null} */ (null));
  const job = useJob(path);
  async function send() {
    try {
      const blob = await fetchFile(`${PREFIX}/guests/${guest.id}/export`);
      saveBlob(blob, `guest-${new Date().toISOString().slice(0, 10)}.zip`);
      onClose();
    } catch (error) {
      // There is much of it: the worker writes it.
      if (/** @type {any} */ (error).reason !== "use_export_job") throw error;
      const body = { what: "guest", filters: { guestId: guest.id } };
      const { data } = await request("POST", "/exports", { body });
      setPath(`/exports/${data.id}`);
    }
  }
  return html`
    <${Dialog} title=${t("guestExport.title")} onClose=${onClose}>
      ${
        path
          ? html`<${Written} job=${job} path=${path} onClose=${onClose} />`
          : html`
              <p dir="auto">${t("guestExport.about", { name: guest.name })}</p>
              <${Form}
                draft=${false}
                initial=${{}}
                fields=${() => null}
                send=${send}
                label=${t("files.save")}
                onCancel=${onClose}
              />
            `
      }
    </${Dialog}>
  `;
}
