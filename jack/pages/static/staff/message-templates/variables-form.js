// The hotel's own variables: what `{wifi_password}` in a template becomes.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { Field, fieldLabel, Form } from "../forms.js";
import { html } from "../preact.js";

/** @typedef {{ name: string, value: string }} Variable */

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>,
 *   reload: () => void }} props
 */
export function Variables({ value, put, reload }) {
  /** @param {Staff.FormState} form */
  function fields({ values, put: change, wrong }) {
    /** @type {Variable[]} */
    const items = values.items;
    /** @param {Variable[]} changed */
    const set = (changed) => change({ items: changed });
    return html`
      <p class="hint">${t("templates.ownHint", { place: "{wifi_password}" })}</p>
      ${items.map(
        (item, place) => html`
          <${Line}
            key=${place}
            item=${item}
            place=${place}
            wrong=${wrong}
            onChange=${(/** @type {Variable} */ changed) => set(items.with(place, changed))}
            onRemove=${() => set(items.toSpliced(place, 1))}
          />
        `,
      )}
      <p>
        <${SmallButton}
          label=${t("templates.addVariable")}
          onClick=${() => set([...items, { name: "", value: "" }])}
        />
      </p>
    `;
  }
  return html`
    <${Form}
      initial=${{ items: value.items }}
      fields=${fields}
      send=${(/** @type {Staff.Values} */ { items }) => put({ items })}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/**
 * @param {{ item: Variable, place: number, wrong: Record<string, string>,
 *   onChange: (item: Variable) => void, onRemove: () => void }} props
 */
function Line({ item, place, wrong, onChange, onRemove }) {
  /** @param {"name" | "value"} name */
  const field = (name) => html`
    <${Field}
      label=${fieldLabel(name)}
      id=${`v-${name}-${place}`}
      name=${`items.${place}.${name}`}
      value=${item[name]}
      onInput=${(/** @type {string} */ text) => onChange({ ...item, [name]: text })}
      problem=${wrong[`items.${place}.${name}`]}
    />
  `;
  return html`
    <fieldset class="line-of-fields">
      <legend class="unseen">${item.name || place + 1}</legend>
      ${field("name")}
      ${field("value")}
      <button
        type="button"
        class="quiet small"
        aria-label=${`${t("remove")}: ${item.name}`}
        onClick=${onRemove}
      >
        ${t("remove")}
      </button>
    </fieldset>
  `;
}
