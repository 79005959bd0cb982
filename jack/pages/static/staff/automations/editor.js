// One automation: the sentence with its blanks, beside it whom it would reach, below what it did.

import { t } from "../../shared/page.js";
import { Failed, Skeleton, SmallButton } from "../components.js";
import { bind, Field, Form } from "../forms.js";
import { Icon } from "../icons.js";
import { useOne } from "../list-data.js";
import { html, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { go, linkTo } from "../router.js";
import { notice } from "../store.js";
import { Do } from "./actions.js";
import { OnlyIf, When } from "./parts.js";
import { Preview, useForeseen } from "./preview.js";
import { Runs } from "./runs.js";
import { say } from "./sentence.js";
import { isSeen, remove, see, Switch } from "./switch.js";
import { bodyOf, content, valuesOf } from "./values.js";

/** @typedef {{ templates: Api.MessageTemplate[] }} Known */

/** What is folded, but not while something is wrong with it. */
const LIMITS = ["perGuestPerDay", "quietFrom", "quietTo"];

const UpLink = () => html`
  <a class="up" href=${linkTo("settings", "automations")}>
    <${Icon} name="back" size=${16} />
    ${say("title")}
  </a>
`;

/** @param {Known} props */
export function NewAutomation({ templates }) {
  /**
   * @param {Staff.Values} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(values);
    const { data } = await request("POST", "/automations", { body, key: keyFor(body) });
    go("settings", "automations", data.id);
  }
  return html`
    <${UpLink} />
    <h2>${say("add")}</h2>
    <${Form}
      draft="automation:new"
      className="automation"
      initial=${valuesOf(null, templates)}
      fields=${(/** @type {Staff.FormState} */ form) => html`
        <${Fields} form=${form} templates=${templates} />
        <section class="foreseen"><p class="hint">${say("savedFirst")}</p></section>
      `}
      send=${send}
      label=${say("saveAndSee")}
    />
  `;
}

/** @param {{ id: string } & Known} props */
export function OneAutomation({ id, templates }) {
  const { data, tag, problem, reload } = useOne("/automations", id);
  if (!data) {
    return html`
      <${UpLink} />
      ${
        problem
          ? html`<${Failed} text=${problem.status === 404 ? t("gone") : explain(problem)} retry=${reload} />`
          : html`<${Skeleton} rows=${6} />`
      }
    `;
  }
  return html`
    <${UpLink} />
    <${Opened} automation=${data} tag=${tag} reload=${reload} templates=${templates} />
  `;
}

/**
 * @param {{ automation: Api.Automation, tag: string, reload: () => Promise<void> } & Known} props
 */
function Opened({ automation, tag, reload, templates }) {
  const [, draw] = useState(0);
  const version = content(automation);
  const foreseen = useForeseen(automation.id, version, () => {
    see(automation);
    draw(Date.now());
  });
  /** @param {Staff.Values} values */
  async function send(values) {
    await request("PATCH", `/automations/${automation.id}`, { body: bodyOf(values), match: tag });
    notice(t("saved"));
    await reload();
  }
  function drop() {
    go("settings", "automations");
    remove(automation);
  }
  const initial = valuesOf(automation, templates);
  const fields = (/** @type {Staff.FormState} */ form) => html`
    <${Fields} form=${form} templates=${templates} />
    <${Preview}
      foreseen=${foreseen}
      changed=${JSON.stringify(form.values) !== JSON.stringify(initial)}
    />
  `;
  return html`
    <${Top} automation=${automation} reload=${reload} />
    <${Form}
      key=${tag}
      draft=${`automation:${automation.id}`}
      className="automation"
      initial=${initial}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
      extra=${html`<${SmallButton} label=${t("delete")} danger onClick=${drop} />`}
    />
    <${Runs} id=${automation.id} />
  `;
}

/**
 * Its name, and whether it is on, or may be.
 * @param {{ automation: Api.Automation, reload: () => Promise<void> }} props
 */
function Top({ automation, reload }) {
  const may = isSeen(automation) ? "maySwitch" : "seeFirst";
  return html`
    <div class="section-head">
      <h2 dir="auto">${automation.name}</h2>
      <${Switch}
        automation=${automation}
        onChanged=${reload}
        onUnseen=${() => notice(say("seeFirst"))}
      />
    </div>
    ${!automation.enabled && html`<p class="hint">${say(may)}</p>`}
  `;
}

/** @param {{ form: Staff.FormState } & Known} props */
const Fields = ({ form, templates }) => html`
  <div class="blanks">
    <${Field} ...${bind(form, "name")} required maxlength="100" />
    <${When} form=${form} />
    <${OnlyIf} form=${form} />
    <${Do} form=${form} templates=${templates} />
    <details class="limits" open=${LIMITS.some((name) => form.wrong[name]) || undefined}>
      <summary>${say("limits")}</summary>
      <${Field}
        ...${bind(form, "perGuestPerDay")}
        label=${say("perGuestPerDay")}
        type="number"
        min="1"
        max="20"
      />
      <div class="pair">
        <${Field} ...${bind(form, "quietFrom")} type="time" />
        <${Field} ...${bind(form, "quietTo")} type="time" />
      </div>
      <p class="hint">${say("quietHint")}</p>
    </details>
  </div>
`;
