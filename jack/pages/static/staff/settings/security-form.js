// The form of the setting `security`.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { bind, Field, Form, Options } from "../forms.js";

const WHOM = ["none", "admins", "everyone"];

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void }} props
 */
export function Security({ value, put, reload }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "requireTotp")} hint=${t("requireTotpHint")}>
      <${Options} items=${WHOM.map((whom) => [whom, t(`requireTotp.${whom}`)])} />
    </${Field}>
  `;
  return html`
    <${Form}
      initial=${{ requireTotp: "none", ...value }}
      fields=${fields}
      send=${(/** @type {Staff.Values} */ { requireTotp }) => put({ requireTotp })}
      reload=${reload}
      label=${t("save")}
    />
  `;
}
