// Forms that ask once at a time and say what is wrong at the field it is wrong in.

import { Refused } from "./api.js";
import { $, language, say, t } from "./page.js";

/** Shows what is wrong: {field: text}. The first such field gets the focus. */
export function point(form, problems) {
  const inputs = [...form.querySelectorAll("input")];
  for (const input of inputs) {
    say($(`${input.name}-problem`), problems[input.name] ?? "");
    input.toggleAttribute("aria-invalid", false);
    if (problems[input.name]) input.setAttribute("aria-invalid", "true");
  }
  inputs.find((input) => problems[input.name])?.focus();
}

/** What the API says is wrong, as {field: text}; it speaks English, the catalogue the page's language. */
export function named(details) {
  const own = (field) => t(`bad${field[0].toUpperCase()}${field.slice(1)}`);
  return Object.fromEntries(details.map(({ field, message }) => [field, language === "en" ? message : own(field)]));
}

/**
 * On submit: `check(values)` names what is wrong here, then `send(values)` asks Jack. Fields that Jack refuses are
 * pointed at; anything else goes to `explain(error)`, whose text is shown above the form.
 */
export function onSubmit(form, { check, send, explain }) {
  const button = form.querySelector("[type=submit]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const values = Object.fromEntries([...form.querySelectorAll("input")].map((input) => [input.name, input.value]));
    const problems = check(values);
    say($("problem"), "");
    point(form, problems);
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
  const known = error instanceof Refused ? error.details.filter(({ field }) => $(`${field}-problem`)) : [];
  if (known.length) point(form, named(known));
  else say($("problem"), explain(error));
}
