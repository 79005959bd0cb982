// An automation as a sentence: when, only if, and what is done.

import { hasText, t } from "../../shared/page.js";
import { languageName } from "../format.js";
import { departmentName, nameOf } from "../store.js";

const HOUR = 60;
const DAY = 24 * HOUR;

/**
 * A text of automations; the words of the API stand in it with "_" for ".".
 * @param {string} key
 * @param {Record<string, any>} values
 */
export const say = (key, values = {}) => t(`automations.${key}`, values);

/** @param {string} word */
export const spelled = (word) => word.replace(".", "_");

/**
 * The largest unit in which minutes are a whole number, and how many.
 * @param {number} minutes
 * @returns {[amount: number, unit: "minute" | "hour" | "day"]}
 */
export function inUnit(minutes) {
  if (minutes && minutes % DAY === 0) return [minutes / DAY, "day"];
  return minutes && minutes % HOUR === 0 ? [minutes / HOUR, "hour"] : [minutes, "minute"];
}

/** How many minutes a unit has. @type {Record<string, number>} */
export const UNITS = { minute: 1, hour: HOUR, day: DAY };

/** @param {number} minutes */
function duration(minutes) {
  const [amount, unit] = inUnit(minutes);
  const { lang } = document.documentElement;
  const shape = new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" });
  return shape.format(amount);
}

/** @param {Api.Trigger} trigger */
function when({ type, minutes, days = 0, at }) {
  if (minutes === 0) return say(`atOnce.${spelled(type)}`);
  if (minutes !== undefined) return say(`when.${spelled(type)}`, { time: duration(minutes) });
  if (!at) return say(`when.${spelled(type)}`);
  const many = Math.abs(days);
  const side = days < 0 ? "before" : "after";
  const key = days ? `${side}${many === 1 ? "1" : ""}` : "on";
  return say(`${spelled(type)}.${key}`, { days: many, at });
}

/** What a value of a condition is called. @type {Record<string, (value: string) => string>} */
const NAMES = {
  channel: (value) => t(`channels.${value}`),
  language: (value) => languageName(value) ?? value,
  department: departmentName,
  priority: (value) => t(`priorities.${value}`),
};

/** @param {Api.Condition} condition */
function onlyIf(condition) {
  const { type, is, atLeast } = condition;
  if (type === "hours" || type === "returning") return say(`only.${type}.${is}`);
  if (type === "nights") return say("only.nights", { count: atLeast });
  const values = (condition.in ?? []).map((value) => NAMES[type]?.(value) ?? value);
  return say(`only.${type}`, { values: values.join(say("or")) });
}

/**
 * @param {Api.Action} action
 * @param {Api.MessageTemplate[]} templates
 */
function done(action, templates) {
  const { type, templateId, channels = [], department, assignee } = action;
  const template = templates.find(({ id }) => id === templateId)?.name ?? say("goneTemplate");
  const people = department
    ? [departmentName(department)]
    : (action.staff ?? []).map((id) => nameOf(id) || say("somebodyGone"));
  return say(`does.${type}`, {
    ...action,
    template,
    channels: channels.map((name) => t(`channels.${name}`)).join(say("else")),
    department: departmentName(department ?? ""),
    name: nameOf(assignee ?? "") || say("somebodyGone"),
    people: people.join(", "),
  });
}

/**
 * @param {Pick<Api.Automation, "trigger" | "conditions" | "actions">} automation
 * @param {Api.MessageTemplate[]} templates
 */
export function sentence({ trigger, conditions, actions }, templates) {
  const only = conditions.map(onlyIf).join(say("and"));
  const does = actions.map((action) => done(action, templates)).join(say("then"));
  return `${when(trigger)}${only && `, ${only}`} → ${does}`;
}

/**
 * Why something is not done: in the page's language where the reason is known here.
 * @param {string | null} reason
 * @param {string | null} sentenceOfApi
 */
export function because(reason, sentenceOfApi) {
  const told = sentenceOfApi ?? "";
  if (!hasText(`automations.because.${reason}`)) return told;
  const what = told.replace(/^No value for |\.$/g, ""); // which values are missing
  return say(`because.${reason}`, { what });
}
