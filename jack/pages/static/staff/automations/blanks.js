// The blanks of the sentence: small fields within a line of text.

import { t } from "../../shared/page.js";
import { Options } from "../forms.js";
import { html } from "../preact.js";
import { state } from "../store.js";
import { spelled } from "./sentence.js";

export const PRIORITIES = ["urgent", "high", "normal", "low"];

/** @param {string[]} names @param {string} texts @returns {[string, string][]} */
export const worded = (names, texts) => names.map((name) => [name, t(`${texts}.${spelled(name)}`)]);

/** @returns {[string, string][]} */
export const departmentItems = () => state.departments.map(({ slug, name }) => [slug, name]);

/** @param {{ text: string | undefined }} props */
export const Problem = ({ text }) => (text ? html`<p class="problem">${text}</p>` : null);

/**
 * @param {{ label: string, name: string, value: string, items: [string, string][],
 *   set: (value: string) => void, problem?: string }} props
 */
export const Choice = ({ label, name, value, items, set, problem }) => html`
  <select
    aria-label=${label}
    name=${name}
    value=${value}
    aria-invalid=${problem ? "true" : undefined}
    onChange=${(/** @type {any} */ event) => set(event.target.value)}
  >
    <${Options} items=${items} />
  </select>
`;

/**
 * @param {{ label: string, name: string, value: string, set: (value: string) => void,
 *   problem?: string } & Record<string, any>} props
 */
export const Blank = ({ label, name, value, set, problem, ...more }) => html`
  <input
    type="text"
    aria-label=${label}
    name=${name}
    value=${value}
    aria-invalid=${problem ? "true" : undefined}
    onInput=${(/** @type {any} */ event) => set(event.target.value)}
    ...${more}
  />
`;

/** @param {Parameters<typeof Blank>[0]} props */
export const Count = (props) => html`<${Blank} type="number" inputmode="numeric" ...${props} />`;

/**
 * Several of some values, in the order in which they were chosen.
 * @param {{ label: string, items: [string, string][], chosen: string[],
 *   set: (chosen: string[]) => void }} props
 */
export const Several = ({ label, items, chosen, set }) => html`
  <span class="chips" role="group" aria-label=${label}>
    ${items.map(
      ([value, word]) => html`
        <button
          type="button"
          class="chip"
          key=${value}
          aria-pressed=${chosen.includes(value) ? "true" : "false"}
          onClick=${() =>
            set(
              chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value],
            )}
        >
          ${word}
        </button>
      `,
    )}
  </span>
`;
