// Errors of single fields as the API returns them (`error.details`), in the page's language.

import { hasText, language, t } from "./page.js";

const VAGUE = ["invalid", "not_a_choice", "out_of_range", "too_long", "too_many", "too_short"];

/**
 * A detail of an error, by its code; in English the API's message where that says more.
 * @param {Api.Detail} detail
 */
export function problemText({ code = "", message }) {
  const useMessage = language === "en" && VAGUE.includes(code);
  return hasText(`problems.${code}`) && !useMessage ? t(`problems.${code}`) : message;
}
