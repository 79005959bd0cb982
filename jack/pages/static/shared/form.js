// Forms: one request at a time, errors shown at their fields.

import { Refused } from "./api.js";
import { $, language, setText, t } from "./page.js";

/** Shows errors, {field: text}, and focuses the first such field. */
export function showErrors(form, problems) {
  const inputs = [...form.querySelectorAll("input")];
  for (const input of inputs) {
    setText($(`${input.name}-problem`), problems[input.name] ?? "");
    input.toggleAttribute("aria-invalid", false);
    if (problems[input.name]) input.setAttribute("aria-invalid", "true");
  }
  inputs.find((input) => problems[input.name])?.focus();
}

/** The API's details as {field: text} in the page's language. */
export function fieldErrors(details) {
  const own = (field) => t(`bad${field[0].toUpperCase()}${field.slice(1)}`);
  return Object.fromEntries(
    details.map(({ field, message }) => [field, language === "en" ? message : own(field)]),
  );
}

/**
 * On submit: `check(values)` returns errors {field: text}; without any, `send(values)` calls the API.
 * Its errors are shown at their fields, all others above the form, worded by `explain(error)`.
 */
export function onSubmit(form, { check, send, explain }) {
  const button = form.querySelector("[type=submit]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const values = Object.fromEntries(
      [...form.querySelectorAll("input")].map((input) => [input.name, input.value]),
    );
    const problems = check(values);
    setText($("problem"), "");
    showErrors(form, problems);
    if (Object.keys(problems).length) return;
    busy = true;
    const label = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = t("wait");
    try {
      await send(values);
    } catch (error) {
      fail(form, error, explain);
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }
  });
}

function fail(form, error, explain) {
  const known =
    error instanceof Refused ? error.details.filter(({ field }) => $(`${field}-problem`)) : [];
  if (known.length) showErrors(form, fieldErrors(known));
  else setText($("problem"), explain(error));
}
