// The button that sends: a word, on a narrow window a picture.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { Icon } from "./icons.js";

/**
 * What is not sent as it usually is, a note or after an answer that has come meanwhile, is said in
 * words everywhere.
 * @param {{ asNote: boolean, answer: Api.Message | null }} props
 */
export function SendButton({ asNote, answer }) {
  if (asNote) return html`<button type="submit">${t("saveNote")}</button>`;
  if (answer) return html`<button type="submit">${t("sendAnyway")}</button>`;
  return html`
    <button type="submit" class="send" aria-label=${t("send")} title=${t("send")}>
      <span>${t("send")}</span>
      <${Icon} name="send" />
    </button>
  `;
}
