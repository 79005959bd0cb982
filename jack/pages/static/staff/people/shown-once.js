// A secret that is shown this once: a dialog to copy it from.

import { t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { Dialog } from "../components.js";

/**
 * Copies a text, which an input shows.
 * @param {string} id of the input
 * @param {string} text
 */
export async function copyFrom(id, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // without TLS there is no clipboard to write to
    /** @type {HTMLInputElement} */ (document.getElementById(id)).select();
    document.execCommand("copy");
  }
}

/**
 * With `closable={false}` it closes by its button only.
 * @param {{ title: string, about: string, label: string, value: string, id: string,
 *   onClose: () => void, closable?: boolean }} props
 */
export function ShownOnce({ title, about, label, value, id, onClose, closable = true }) {
  const [copied, setCopied] = useState(false);
  const copy = () => copyFrom(id, value).then(() => setCopied(true));
  /** @param {Event & { target: HTMLInputElement }} event */
  const select = (event) => event.target.select();
  return html`
    <${Dialog} title=${title} onClose=${onClose} closable=${closable}>
      <p>${about}</p>
      <div class="field">
        <label for=${id}>${label}</label>
        <input id=${id} readonly value=${value} dir="ltr" spellcheck=${false} onFocus=${select} />
      </div>
      <div class="buttons">
        <button type="button" onClick=${copy}>${t(copied ? "copied" : "copy")}</button>
        <button type="button" class="quiet" onClick=${onClose}>${t("close")}</button>
      </div>
    </${Dialog}>
  `;
}
