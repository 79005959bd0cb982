// The form of a setting that is a list of things with two texts each: departments, variables.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { Field, fieldLabel, Form } from "../forms.js";
import { html } from "../preact.js";

/** @typedef {Record<string, string>} Item */

/**
 * `names` are the two texts, the first of which names the thing; `id` begins the ids of its fields;
 * `hint` stands above, `add` on the button for one more.
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void,
 *   names: [string, string], id: string, add: string, hint?: string }} props
 */
export function ItemsForm({ value, put, reload, names, id, add, hint }) {
  const blank = Object.fromEntries(names.map((name) => [name, ""]));
  /** @param {Staff.FormState} form */
  function fields({ values, put: change, wrong }) {
    /** @type {Item[]} */
    const items = values.items;
    /** @param {Item[]} changed */
    const set = (changed) => change({ items: changed });
    return html`
      ${hint && html`<p class="hint">${hint}</p>`}
      ${items.map(
        (item, place) => html`
          <${Line}
            key=${place}
            ...${{ item, place, wrong, names, id }}
            onChange=${(/** @type {Item} */ changed) => set(items.with(place, changed))}
            onRemove=${() => set(items.toSpliced(place, 1))}
          />
        `,
      )}
      <p><${SmallButton} label=${add} onClick=${() => set([...items, blank])} /></p>
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
 * @param {{ item: Item, place: number, wrong: Record<string, string>, names: [string, string],
 *   id: string, onChange: (item: Item) => void, onRemove: () => void }} props
 */
function Line({ item, place, wrong, names, id, onChange, onRemove }) {
  const title = item[names[0]];
  return html`
    <fieldset class="line-of-fields">
      <legend class="unseen">${title || place + 1}</legend>
      ${names.map(
        (name) => html`
          <${Field}
            key=${name}
            label=${fieldLabel(name)}
            id=${`${id}-${name}-${place}`}
            name=${`items.${place}.${name}`}
            value=${item[name]}
            onInput=${(/** @type {string} */ text) => onChange({ ...item, [name]: text })}
            problem=${wrong[`items.${place}.${name}`]}
          />
        `,
      )}
      <button
        type="button"
        class="quiet small"
        aria-label=${`${t("remove")}: ${title}`}
        onClick=${onRemove}
      >
        ${t("remove")}
      </button>
    </fieldset>
  `;
}
