// The last part of the sentence: what is done.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { html } from "../preact.js";
import { firstProblem } from "../settings/setting-forms.js";
import { CHANNELS, nameOf, state } from "../store.js";
import { Blank, Choice, departmentItems, PRIORITIES, Problem, Several, worded } from "./blanks.js";
import { say } from "./sentence.js";
import { ACTIONS } from "./values.js";

/** @param {string[]} known @returns {[string, string][]} */
const people = (known) => {
  const active = state.staff.filter(({ id, active: is }) => is || known.includes(id));
  return active.map(({ id, name }) => [id, name]);
};

/** @param {{ form: Staff.FormState, templates: Api.MessageTemplate[] }} props */
export function Do({ form: { values, set, wrong }, templates }) {
  /** @type {Api.Action[]} */
  const actions = values.actions;
  const change = set("actions");
  return html`
    <fieldset class="part">
      <legend>${say("parts.do")}</legend>
      ${actions.map((action, place) => {
        const put = (/** @type {Api.Action} */ changed) => change(actions.with(place, changed));
        return html`
          <div class="line" key=${place}>
            <${Choice}
              label=${say("blanks.action")}
              name=${`actions.${place}.type`}
              value=${action.type}
              items=${worded(ACTIONS, "automations.actions")}
              set=${(/** @type {string} */ type) => put(freshAction(type, templates))}
            />
            <${ActionBlanks}
              action=${action}
              path=${`actions.${place}`}
              wrong=${wrong}
              put=${(/** @type {object} */ part) => put({ ...action, ...part })}
              templates=${templates}
            />
            ${
              actions.length > 1 &&
              html`<${SmallButton} label=${t("remove")} onClick=${() => change(actions.toSpliced(place, 1))} />`
            }
          </div>
          <${Problem} text=${firstProblem(wrong, `actions.${place}`)} />
        `;
      })}
      <${SmallButton}
        label=${say("addAction")}
        onClick=${() => change([...actions, freshAction("create_task", templates)])}
      />
    </fieldset>
  `;
}

/**
 * @param {string} type
 * @param {Api.MessageTemplate[]} templates
 * @returns {Api.Action}
 */
function freshAction(type, templates) {
  const department = state.departments[0]?.slug;
  if (type === "send_template") {
    return { type, templateId: templates[0]?.id ?? "", channels: ["whatsapp", "email"] };
  }
  if (type === "create_task") return { type, title: "", department, priority: "normal" };
  if (type === "assign") return { type, assignee: state.me.id };
  return type === "tag" ? { type, tag: "" } : { type: "notify", department };
}

/**
 * @typedef {{ action: Api.Action, path: string, wrong: Record<string, string>,
 *   put: (part: object) => void, templates: Api.MessageTemplate[] }} ActionProps
 */

/** @param {ActionProps} props */
function ActionBlanks({ action, path, wrong, put, templates }) {
  /** @param {keyof Api.Action} name */
  const field = (name) => ({
    label: say(`blanks.${name}`),
    name: `${path}.${name}`,
    value: /** @type {any} */ (action[name] ?? ""),
    problem: wrong[`${path}.${name}`],
    set: (/** @type {string} */ value) => put({ [name]: value }),
  });
  if (action.type === "send_template") {
    return html`<${Sending} action=${action} field=${field} put=${put} templates=${templates} />`;
  }
  if (action.type === "assign") {
    return html`<${Choice} ...${field("assignee")} items=${people([action.assignee ?? ""])} />`;
  }
  if (action.type === "tag")
    return html`<${Blank} ...${field("tag")} maxlength="50" class="wide" />`;
  if (action.type === "notify")
    return html`<${Telling} action=${action} path=${path} put=${put} />`;
  return html`
    <${Blank} ...${field("title")} maxlength="200" class="wide" placeholder=${say("blanks.title")} />
    <span>${say("blanks.for")}</span>
    <${Choice} ...${field("department")} items=${departmentItems()} />
    <${Choice} ...${field("priority")} items=${worded(PRIORITIES, "priorities")} />
  `;
}

/**
 * @param {Pick<ActionProps, "action" | "put" | "templates"> &
 *   { field: (name: keyof Api.Action) => any }} props
 */
function Sending({ action, field, put, templates }) {
  const { templateId = "", channels = [] } = action;
  /** @type {[string, string][]} */
  const known = templates.map(({ id, name }) => [id, name]);
  const isThere = known.some(([id]) => id === templateId);
  /** @type {[string, string][]} */
  const items = isThere ? known : [[templateId, say("chooseTemplate")], ...known];
  return html`
    <${Choice} ...${field("templateId")} items=${items} />
    <span>${say("blanks.by")}</span>
    <${Several}
      label=${say("blanks.channels")}
      items=${worded(CHANNELS, "channels")}
      chosen=${channels}
      set=${(/** @type {string[]} */ chosen) => put({ channels: chosen })}
    />
    ${
      channels.length > 1 &&
      html`<span class="hint">${channels.map((name) => t(`channels.${name}`)).join(say("else"))}</span>`
    }
  `;
}

/**
 * A department, or certain people.
 * @param {Pick<ActionProps, "action" | "path" | "put">} props
 */
function Telling({ action: { department, staff = [] }, path, put }) {
  /** @param {string} chosen */
  const become = (chosen) =>
    put(
      chosen
        ? { department: chosen, staff: undefined }
        : { department: undefined, staff: [state.me.id] },
    );
  return html`
    <${Choice}
      label=${say("blanks.told")}
      name=${`${path}.department`}
      value=${department ?? ""}
      items=${[...departmentItems(), ["", say("people")]]}
      set=${become}
    />
    ${
      !department &&
      html`
        <${Several}
          label=${say("people")}
          items=${people(staff).map(([id, name]) => [id, name || nameOf(id)])}
          chosen=${staff}
          set=${(/** @type {string[]} */ chosen) => put({ staff: chosen })}
        />
      `
    }
  `;
}
