// Forms: one request at a time, errors shown at their fields.

import { Refused } from "./api.js";
import { $, setText, t } from "./page.js";

/** @typedef {Record<string, string>} Texts */

/** @param {HTMLFormElement} form */
const fieldsOf = (form) => [
  .../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input, select")),
];

/**
 * Shows errors, {field: text}, and focuses the first such field.
 * @param {HTMLFormElement} form
 * @param {Texts} errors
 */
function showErrors(form, errors) {
  const inputs = fieldsOf(form);
  for (const input of inputs) {
    setText($(`${input.name}-problem`), errors[input.name] ?? "");
    input.toggleAttribute("aria-invalid", false);
    if (errors[input.name]) input.setAttribute("aria-invalid", "true");
  }
  inputs.find((input) => errors[input.name])?.focus();
}

/**
 * On submit: `check(values)` returns errors {field: text}; if none, `send(values)` calls the API.
 * Its errors are shown at their fields, worded by `problemText(detail)`, all others above the form,
 * worded by `explain(error)`.
 * @param {HTMLFormElement} form
 * @param {{ check: (values: Texts) => Texts, send: (values: any) => Promise<void>,
 *   problemText: (detail: Api.Detail) => string, explain: (error: any) => string }} how
 */
export function onSubmit(form, { check, send, problemText, explain }) {
  const button = /** @type {Element} */ (form.querySelector("[type=submit]"));
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const values = Object.fromEntries(fieldsOf(form).map((input) => [input.name, input.value]));
    const errors = check(values);
    setText($("problem"), "");
    showErrors(form, errors);
    if (Object.keys(errors).length) return;
    busy = true;
    const label = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = t("wait");
    await send(values).catch((error) => {
      const details = error instanceof Refused ? error.details : [];
      const here = details.filter(({ field }) => $(`${field}-problem`));
      const texts = here.map((detail) => [detail.field, problemText(detail)]);
      if (texts.length) showErrors(form, Object.fromEntries(texts));
      else setText($("problem"), explain(error));
    });
    busy = false;
    button.removeAttribute("aria-disabled");
    button.textContent = label;
  });
}
