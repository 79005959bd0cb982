// What every page needs: its texts and its elements. A text never becomes markup.

const texts = JSON.parse(document.body.dataset.texts);

export const language = document.documentElement.lang;

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A text by its key (`sent`, `delivery.sent`), with {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = key.split(".").reduce((part, name) => part[name], texts);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there is a text with this key. */
export function hasText(key) {
  return typeof key.split(".").reduce((part, name) => part?.[name], texts) === "string";
}

/** A new element with a class and a text. */
export function createElement(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Shows a text in an element; hides the element when the text is empty. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
