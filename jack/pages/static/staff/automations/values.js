// An automation as the form has it, and as the API takes it.

import { inUnit, UNITS } from "./sentence.js";

export const BY_DAY = ["stay.arrival", "stay.departure"];
export const AFTERWARDS = ["stay.checked_in", "stay.checked_out"];
export const BY_MINUTES = ["conversation.waiting", ...AFTERWARDS, "task.overdue"];
export const TRIGGERS = [
  ...BY_DAY,
  "stay.checked_in",
  "stay.checked_out",
  "message.received",
  "conversation.created",
  "conversation.waiting",
  "task.overdue",
  "task.completed",
];
export const ACTIONS = ["send_template", "create_task", "assign", "tag", "notify"];
/** Conditions whose values are typed, or chosen. */
export const TYPED = ["tag", "language", "source"];
export const CHOSEN = ["channel", "department", "priority"];

/**
 * The conditions that a trigger may have.
 * @param {string} trigger
 */
export function conditionsOf(trigger) {
  const shared = ["tag", "language", "source", "returning", "nights", "hours"];
  if (trigger.startsWith("stay.")) return shared;
  return trigger.startsWith("task.")
    ? ["department", "priority", "channel", ...shared]
    : ["channel", ...shared];
}

/**
 * Where a new one begins.
 * @param {Api.MessageTemplate[]} templates
 */
const blank = (templates) => ({
  name: "",
  trigger: { type: "stay.arrival", days: -1, at: "10:00" },
  conditions: [],
  actions: [
    { type: "send_template", templateId: templates[0]?.id ?? "", channels: ["whatsapp", "email"] },
  ],
  perGuestPerDay: 3,
  quietFrom: null,
  quietTo: null,
});

/**
 * @param {Api.Automation | null} automation
 * @param {Api.MessageTemplate[]} templates
 */
export function valuesOf(automation, templates) {
  const { name, trigger, conditions, actions, perGuestPerDay, quietFrom, quietTo } =
    automation ?? blank(templates);
  const { type, minutes = 60, days = -1, at = "10:00" } = /** @type {Api.Trigger} */ (trigger);
  const [amount, unit] = inUnit(minutes);
  const side = days === 0 ? "on" : days < 0 ? "before" : "after";
  return {
    name,
    trigger: { type, amount: `${amount}`, unit, days: `${Math.abs(days) || 1}`, side, at },
    conditions: conditions.map(conditionValues),
    actions,
    perGuestPerDay: `${perGuestPerDay}`,
    quietFrom: quietFrom ?? "",
    quietTo: quietTo ?? "",
  };
}

/** @param {Api.Condition} condition */
function conditionValues(condition) {
  const { type, is, atLeast } = condition;
  const values = condition.in ?? [];
  return { type, values, text: values.join(", "), is: `${is ?? ""}`, atLeast: `${atLeast ?? ""}` };
}

/** @typedef {ReturnType<typeof conditionValues>} ConditionValues */

/**
 * A number as it was typed; null for none, which the API refuses.
 * @param {string} text
 */
const numeral = (text) => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : null);

/** @param {Staff.Values} trigger */
function triggerBody({ type, amount, unit, days, side, at }) {
  if (BY_MINUTES.includes(type)) {
    const many = numeral(amount);
    return { type, minutes: many === null ? null : many * UNITS[unit] };
  }
  if (!BY_DAY.includes(type)) return { type };
  const many = numeral(days);
  const sign = side === "before" ? -1 : 1;
  return { type, days: side === "on" ? 0 : many === null ? null : sign * many, at: at || null };
}

/** @param {ConditionValues} values */
function conditionBody({ type, values, text, is, atLeast }) {
  if (type === "hours") return { type, is };
  if (type === "returning") return { type, is: is === "true" };
  if (type === "nights") return { type, atLeast: numeral(atLeast) };
  const typed = text.split(",").map((one) => one.trim());
  return { type, in: TYPED.includes(type) ? typed.filter(Boolean) : values };
}

/** @param {Staff.Values} values */
export const bodyOf = (values) => ({
  name: values.name,
  trigger: triggerBody(values.trigger),
  conditions: values.conditions.map(conditionBody),
  actions: values.actions,
  perGuestPerDay: numeral(values.perGuestPerDay),
  quietFrom: values.quietFrom || null,
  quietTo: values.quietTo || null,
});

/**
 * What has to be seen before it is switched on: all that decides who is told what.
 * @param {Api.Automation} automation
 */
export const content = ({ trigger, conditions, actions, perGuestPerDay, quietFrom, quietTo }) =>
  JSON.stringify([trigger, conditions, actions, perGuestPerDay, quietFrom, quietTo]);
