// The form of the setting `push`.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { linkTo } from "../router.js";
import { Check, Form } from "../forms.js";

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void }} props
 */
export function Push({ value, put, reload }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Check}
      label=${t("notifications.content")}
      checked=${form.values.content}
      onChange=${form.set("content")}
    />
    <p class="hint">
      ${t("notifications.contentHint")} <a href=${linkTo("me")}>${t("notifications.own")}</a>
    </p>
  `;
  return html`
    <${Form}
      initial=${{ content: false, ...value }}
      fields=${fields}
      send=${(/** @type {Staff.Values} */ { content }) => put({ content })}
      reload=${reload}
      label=${t("save")}
    />
  `;
}
