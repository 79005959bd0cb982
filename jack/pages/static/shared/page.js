// What every page needs: its texts and its elements. A text never becomes markup.

const texts = JSON.parse(document.body.dataset.texts ?? "{}");

export const language = document.documentElement.lang;

/** @type {(id: string) => any} */
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

/**
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
