// The subject of an e-mail conversation, and the form that changes it.

import { t } from "../shared/page.js";
import { updateRow } from "./conversation-list-data.js";
import { changeConversation } from "./conversation-cache.js";
import { html, useState } from "./preact.js";
import { bind, Field, FormDialog } from "./forms.js";

/** @param {{ conversation: Api.Conversation }} props */
export function Subject({ conversation: { id, channel, subject } }) {
  const [changing, setChanging] = useState(false);
  const close = () => setChanging(false);
  if (channel !== "email") return null;
  /** @param {Staff.Values} values */
  async function send(values) {
    updateRow(await changeConversation(id, { subject: values.subject.trim() || null }));
    close();
  }
  return html`
    <p class="subject">
      <b dir="auto">${subject || t("noSubject")}</b>${" "}
      <button type="button" class="link" onClick=${() => setChanging(true)}>
        ${t("changeSubject")}
      </button>
    </p>
    ${
      changing &&
      html`
        <${FormDialog}
          draft=${`subject:${id}`}
          title=${t("changeSubject")}
          onClose=${close}
          initial=${{ subject: subject ?? "" }}
          fields=${fields}
          send=${send}
          label=${t("save")}
        />
      `
    }
  `;
}

/** @param {Staff.FormState} form */
const fields = (form) => html`<${Field} ...${bind(form, "subject")} maxlength="200" />`;
