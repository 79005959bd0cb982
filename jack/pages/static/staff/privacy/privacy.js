// Guests who are erased by themselves, for administrators: after how long, and who is next.

import { t } from "../../shared/page.js";
import { Failed, Skeleton } from "../components.js";
import { moment } from "../format.js";
import { bind, Check, Field, Form } from "../forms.js";
import { useList, useOne } from "../list-data.js";
import { html } from "../preact.js";
import { explain, request } from "../request.js";
import { linkTo } from "../router.js";
import { notice } from "../store.js";

const USUAL = 24; // months that are offered when it is switched on

export function Privacy() {
  const due = useList("/privacy/due", {});
  return html`
    <h2>${t("settingNames.privacy")}</h2>
    <p class="hint">${t("privacy.about")}</p>
    <${Months} onSaved=${due.reload} />
    <h3 id="due">${t("privacy.due")}</h3>
    <${Due} list=${due} />
  `;
}

/** After how long guests are erased. @param {{ onSaved: () => void }} props */
function Months({ onSaved }) {
  const { data, tag, problem, reload } = useOne("/settings", "privacy");
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${2} />`;
  const months = data.value.eraseGuestsAfterMonths ?? null;
  /** @param {Staff.Values} values */
  async function send({ erases, eraseGuestsAfterMonths }) {
    const wanted = erases ? Number(eraseGuestsAfterMonths) : null;
    const body = { value: { ...data.value, eraseGuestsAfterMonths: wanted } };
    await request("PUT", "/settings/privacy", { body, match: tag }).catch((error) => {
      for (const detail of error.details ?? []) detail.field = detail.field.replace(/^value\./, "");
      throw error;
    });
    notice(t("saved"));
    reload();
    onSaved();
  }
  return html`
    <${Form}
      key=${tag}
      initial=${{ erases: months !== null, eraseGuestsAfterMonths: months ?? USUAL }}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/** @param {Staff.FormState} form */
const fields = (form) => html`
  <${Check}
    label=${t("privacy.erases")}
    checked=${form.values.erases}
    onChange=${form.set("erases")}
    name="erases"
  />
  ${
    form.values.erases &&
    html`
      <${Field}
        ...${bind(form, "eraseGuestsAfterMonths")}
        label=${t("privacy.months")}
        hint=${t("privacy.monthsHint")}
        type="number"
        min="1"
        max="120"
      />
    `
  }
`;

/** Who is next. @param {{ list: any }} props */
function Due({ list: { rows, total, problem, reload, more } }) {
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${2} />`;
  if (!rows.length) return html`<p class="hint">${t("privacy.nobody")}</p>`;
  return html`
    <ul class="plain-list" aria-labelledby="due">
      ${rows.map(
        (/** @type {Api.DueErasure} */ { guest, lastActivityAt, eraseAt }) => html`
          <li key=${guest.id}>
            <a href=${linkTo("guests", guest.id)} dir="auto">${guest.name}</a>
            ${" · "}${t("privacy.goes", { when: moment(eraseAt) })}
            <span class="hint"> · ${t("privacy.last", { when: moment(lastActivityAt) })}</span>
          </li>
        `,
      )}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
  `;
}
