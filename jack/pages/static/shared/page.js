// What every page needs: its texts, its elements, and a way to make more of them. Text only ever becomes text.

const texts = JSON.parse(document.body.dataset.texts);

export const language = document.documentElement.lang;

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A text of the catalogue (`delivery.sent` is in a part of it), with {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = key.split(".").reduce((part, name) => part[name], texts);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether the catalogue has such a text. */
export function knows(key) {
  return typeof key.split(".").reduce((part, name) => part?.[name], texts) === "string";
}

/** A new element with a class and a text. */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Shows a text in an element; without a text the element is not there. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
