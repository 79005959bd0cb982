// What every page needs: its texts and its elements. A text never becomes markup.

const texts = JSON.parse(document.body.dataset.texts ?? "{}");

export const language = document.documentElement.lang;

/**
 * The element with this id, which the page's template has.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id);

/** @param {string} key */
const find = (key) => key.split(".").reduce((part, name) => part?.[name], texts);

/**
 * A text by its key (`sent`, `delivery.sent`), with {name} replaced by values.name.
 * @param {string} key
 * @param {Record<string, any>} values
 */
export const t = (key, values = {}) =>
  find(key).replace(
    /\{(\w+)\}/g,
    (/** @type {string} */ _, /** @type {string} */ name) => values[name],
  );

/**
 * Whether there is a text with this key.
 * @param {string} key
 */
export const hasText = (key) => typeof find(key) === "string";

const VAGUE = ["invalid", "not_a_choice", "out_of_range", "too_long", "too_many", "too_short"];

/**
 * A detail of an error, by its code; in English the API's message where that says more.
 * @param {Api.Detail} detail
 */
export function problemText({ code = "", message }) {
  const useMessage = language === "en" && VAGUE.includes(code);
  return hasText(`problems.${code}`) && !useMessage ? t(`problems.${code}`) : message;
}

/**
 * A new element with a class and a text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 */
export function createElement(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * Shows a text in an element; hides the element when the text is empty.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
