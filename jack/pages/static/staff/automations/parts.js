// The first parts of the sentence: when, and only if.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { html } from "../preact.js";
import { firstProblem } from "../settings/setting-forms.js";
import { CHANNELS } from "../store.js";
import {
  Blank,
  Choice,
  Count,
  departmentItems,
  PRIORITIES,
  Problem,
  Several,
  worded,
} from "./blanks.js";
import { say, UNITS } from "./sentence.js";
import { AFTERWARDS, BY_DAY, BY_MINUTES, CHOSEN, conditionsOf, TRIGGERS, TYPED } from "./values.js";

/** @typedef {{ form: Staff.FormState }} PartProps */
/** @typedef {import("./values.js").ConditionValues} ConditionValues */

/** @param {PartProps} props */
export function When({ form: { values, wrong, put } }) {
  const { trigger } = values;
  const { type } = trigger;
  const isAfter = AFTERWARDS.includes(type); // "1 hour after check-in"
  const isFor = BY_MINUTES.includes(type) && !isAfter; // "a guest waits for 15 minutes"
  /** @param {string} name */
  const field = (name, path = name) => ({
    label: say(`blanks.${name}`),
    name: `trigger.${path}`,
    value: trigger[name],
    problem: wrong[`trigger.${path}`],
    set: (/** @type {string} */ value) =>
      put((before) => ({ ...before, trigger: { ...before.trigger, [name]: value } })),
  });
  /** @param {string} wanted what the new one cannot be asked for is left out */
  const become = (wanted) =>
    put((before) => ({
      ...before,
      trigger: { ...before.trigger, type: wanted },
      conditions: before.conditions.filter((/** @type {any} */ one) =>
        conditionsOf(wanted).includes(one.type),
      ),
    }));
  return html`
    <fieldset class="part">
      <legend>${say("parts.when")}</legend>
      <div class="line">
        ${isAfter && html`<${HowLong} field=${field} /><span>${say("blanks.after")}</span>`}
        ${BY_DAY.includes(type) && html`<${WhichDay} field=${field} side=${trigger.side} />`}
        <${Choice}
          key="type"
          ...${field("type")}
          items=${worded(TRIGGERS, "automations.triggers")}
          set=${become}
        />
        ${isFor && html`<span>${say("blanks.since")}</span><${HowLong} field=${field} />`}
        ${BY_DAY.includes(type) && html`<${AtTime} field=${field} />`}
      </div>
      <${Problem} text=${firstProblem(wrong, "trigger")} />
    </fieldset>
  `;
}

/** @typedef {(name: string, path?: string) => any} FieldOf */

/** @param {{ field: FieldOf }} props */
const HowLong = ({ field }) => html`
  <${Count} ...${field("amount", "minutes")} min="0" />
  <${Choice} ...${field("unit")} items=${worded(Object.keys(UNITS), "automations.units")} />
`;

/** @param {{ field: FieldOf, side: string }} props */
const WhichDay = ({ field, side }) => html`
  ${side !== "on" && html`<${Count} ...${field("days")} min="1" max="30" />`}
  <${Choice}
    ...${field("side")}
    items=${worded(["before", "on", "after"], "automations.sides")}
  />
`;

/** @param {{ field: FieldOf }} props */
const AtTime = ({ field }) => html`
  <span>${say("blanks.atWord")}</span>
  <${Blank} ...${field("at")} type="time" />
`;

/** @param {PartProps} props */
export function OnlyIf({ form: { values, set, wrong } }) {
  /** @type {ConditionValues[]} */
  const conditions = values.conditions;
  const change = set("conditions");
  const items = worded(conditionsOf(values.trigger.type), "automations.conditions");
  return html`
    <fieldset class="part">
      <legend>${say("parts.onlyIf")}</legend>
      ${!conditions.length && html`<p class="hint">${say("always")}</p>`}
      ${conditions.map(
        (one, place) => html`
          <${ConditionLine}
            key=${place}
            one=${one}
            place=${place}
            items=${items}
            wrong=${wrong}
            onChange=${(/** @type {ConditionValues} */ changed) =>
              change(conditions.with(place, changed))}
            onRemove=${() => change(conditions.toSpliced(place, 1))}
          />
        `,
      )}
      <${SmallButton}
        label=${say("addCondition")}
        onClick=${() => change([...conditions, freshCondition(items[0][0])])}
      />
    </fieldset>
  `;
}

/** @param {string} type @returns {ConditionValues} */
const freshCondition = (type) => ({
  type,
  values: [],
  text: "",
  is: type === "hours" ? "closed" : "true",
  atLeast: "2",
});

/**
 * @param {{ one: ConditionValues, place: number, items: [string, string][],
 *   wrong: Record<string, string>, onChange: (changed: ConditionValues) => void,
 *   onRemove: () => void }} props
 */
function ConditionLine({ one, place, items, wrong, onChange, onRemove }) {
  const path = `conditions.${place}`;
  return html`
    <div class="line">
      <${Choice}
        label=${say("blanks.condition")}
        name=${`${path}.type`}
        value=${one.type}
        items=${items}
        set=${(/** @type {string} */ type) => onChange(freshCondition(type))}
      />
      <${ConditionBlank}
        one=${one}
        path=${path}
        wrong=${wrong}
        put=${(/** @type {object} */ part) => onChange({ ...one, ...part })}
      />
      <${SmallButton} label=${t("remove")} onClick=${onRemove} />
    </div>
    <${Problem} text=${firstProblem(wrong, path)} />
  `;
}

/**
 * @param {{ one: ConditionValues, path: string,
 *   wrong: Record<string, string>, put: (part: object) => void }} props
 */
function ConditionBlank({ one, path, wrong, put }) {
  const { type } = one;
  const label = say(`conditions.${type}`);
  if (CHOSEN.includes(type)) {
    const items = {
      channel: worded(CHANNELS, "channels"),
      priority: worded(PRIORITIES, "priorities"),
      department: departmentItems(),
    }[type];
    const choose = (/** @type {string[]} */ values) => put({ values });
    return html`<${Several} label=${label} items=${items} chosen=${one.values} set=${choose} />`;
  }
  const field = TYPED.includes(type) ? "text" : type === "nights" ? "atLeast" : "is";
  const shared = {
    label,
    name: `${path}.${field === "text" ? "in" : field}`,
    value: one[/** @type {"text"} */ (field)],
    problem: firstProblem(wrong, `${path}.${field === "text" ? "in" : field}`),
    set: (/** @type {string} */ value) => put({ [field]: value }),
  };
  if (field === "is") {
    const names = type === "hours" ? ["open", "closed"] : ["true", "false"];
    return html`<${Choice} ...${shared} items=${worded(names, `automations.is.${type}`)} />`;
  }
  if (field === "atLeast") return html`<${Count} ...${shared} min="1" max="365" />`;
  return html`<${Blank} ...${shared} placeholder=${say(`examples.${type}`)} class="wide" />`;
}
