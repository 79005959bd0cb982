// What stands below the hotel's mails: its signature by language, and the guest's last message.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { languageName } from "../format.js";
import { Check, Field, Option, Options } from "../forms.js";

// Offered to begin a signature in; the API takes any language tag.
const LANGUAGES =
  "ar ca cs da de el en es eu fi fr gl he hr hu it ja ko nl no pl pt ro ru sv tr uk zh".split(" ");
const PREFIX = "signatures.";

/** @param {{ form: Staff.FormState }} props */
export function BelowMail({ form }) {
  const { values, set, wrong } = form;
  const names = Object.keys(values).filter((name) => name.startsWith(PREFIX));
  return html`
    <fieldset>
      <legend>${t("fields.below")}</legend>
      <${Check}
        label=${t("fields.quoteLastMessage")}
        checked=${values.quoteLastMessage}
        onChange=${set("quoteLastMessage")}
        name="quoteLastMessage"
      />
      ${names.map(
        (name) => html`
          <${Field}
            key=${name}
            name=${name}
            label=${t("signatureIn", { language: languageName(name.slice(PREFIX.length)) })}
            value=${values[name]}
            onInput=${set(name)}
            problem=${wrong[name]}
            rows="3"
            maxlength="2000"
          />
        `,
      )}
      <${NewSignature} names=${names} onChoose=${(/** @type {string} */ name) => set(name)("")} />
    </fieldset>
  `;
}

/** @param {{ names: string[], onChoose: (name: string) => void }} props */
function NewSignature({ names, onChoose }) {
  const items = LANGUAGES.filter((tag) => !names.includes(PREFIX + tag))
    .map((tag) => /** @type {[string, string]} */ ([PREFIX + tag, languageName(tag) ?? tag]))
    .sort(([, one], [, other]) => one.localeCompare(other));
  return html`
    <${Field}
      name="newSignature"
      label=${t("newSignature")}
      hint=${t("newSignatureHint")}
      value=""
      onInput=${(/** @type {string} */ name) => name && onChoose(name)}
    >
      <${Option} value="">–</${Option}>
      <${Options} items=${items} />
    </${Field}>
  `;
}
