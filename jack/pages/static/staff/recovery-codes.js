// Recovery codes, shown this once: to be copied, printed or saved.

import { t } from "../shared/page.js";
import { html, useRef, useState } from "./preact.js";
import { state } from "./store.js";

const about = () =>
  t("recoveryFile", { email: state.me.email, hotel: document.body.dataset.hotel ?? "" });

/** @param {string[]} codes */
function saveFile(codes) {
  const text = `${about()}\n\n${codes.join("\n")}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "jack-recovery-codes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {{ codes: string[], onDone: () => void }} props */
export function RecoveryCodes({ codes, onDone }) {
  const [copied, setCopied] = useState(false);
  const list = useRef(/** @type {HTMLOListElement | null} */ (null));
  async function copy() {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
    } catch {
      // without TLS there is no clipboard to write to
      if (list.current) getSelection()?.selectAllChildren(list.current);
      document.execCommand("copy");
    }
    setCopied(true);
  }
  return html`
    <div class="recovery-codes">
      <p role="status">${t("recoveryCodesAbout")}</p>
      <p class="printed">${about()}</p>
      <ol dir="ltr" ref=${list}>
        ${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}
      </ol>
    </div>
    <div class="buttons">
      <button type="button" class="quiet" onClick=${copy}>${t(copied ? "copied" : "copy")}</button>
      <button type="button" class="quiet" onClick=${() => print()}>${t("print")}</button>
      <button type="button" class="quiet" onClick=${() => saveFile(codes)}>${t("download")}</button>
      <button type="button" onClick=${onDone}>${t("codesKept")}</button>
    </div>
  `;
}
