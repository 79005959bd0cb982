// /setup and /invite: choose a password with the token of a one-time link. The token is read from
// the address and stored nowhere; its user is signed in afterwards.

import { call, Refused } from "../shared/api.js";
import { onSubmit } from "../shared/form.js";
import { problemText } from "../shared/problems.js";
import { countryItems, here, languageItems, zoneItems } from "../shared/places.js";
import { $, setText, t } from "../shared/page.js";

const token = location.hash.slice(1);
const form = $("form");
/** @type {Record<string, string>} */
const TEXTS = {
  UNAUTHORIZED: "badToken",
  CONFLICT: "taken",
  RATE_LIMITED: "tooMany",
  UNAVAILABLE: "unreachable",
};

/** @param {Record<string, string>} values */
function check(values) {
  const length = [...values.password].length;
  return {
    ...("name" in values && !values.name.trim() && { name: t("needName") }),
    ...("email" in values && !/^\S+@\S+$/.test(values.email.trim()) && { email: t("needEmail") }),
    ...((length < 12 || length > 128) && { password: t("needPassword") }),
    ...(values.again !== values.password && { again: t("needSame") }),
    ...("hotelName" in values && !values.hotelName.trim() && { hotelName: t("needHotel") }),
  };
}

/** @param {Record<string, string>} values */
async function send(values) {
  const { name, email, password } = values;
  const totp = values.totp?.trim() || undefined;
  const body = { name, email, password, token, totp };
  const { data } = await call("POST", document.body.dataset.call ?? "", {
    body,
    page: true,
  }).catch(askForCode);
  history.replaceState(null, "", location.pathname);
  localStorage.setItem("jack:who", data.user.id); // tells other windows of the staff page
  if ("hotelName" in values) await saveHotel(values);
  finish(data.user);
}

/**
 * Writes down which hotel it is. The account is there already: what fails here is told, and can be
 * done under Settings.
 * @param {Record<string, string>} values
 */
async function saveHotel({ hotelName, country, timeZone, language }) {
  const value = { name: hotelName.trim(), country: country || null, timeZone, language };
  try {
    await call("PUT", "/settings/hotel", { body: { value }, page: true });
  } catch {
    setText($("hotel-problem"), t("hotelNotSaved"));
  }
}

/**
 * Offers what may be chosen, with what is likely.
 * @param {string} id
 * @param {import("../shared/places.js").Item[]} items
 * @param {string} likely
 */
function offer(id, items, likely) {
  $(id).append(...items.map(([value, label]) => new Option(label, value)));
  $(id).value = likely;
}

if ($("hotel")) {
  const { country, timeZone, language } = here();
  offer("country", [["", t("noCountry")], ...countryItems(country)], country);
  offer("timeZone", zoneItems(timeZone), timeZone);
  offer("language", languageItems(language), language);
}

/**
 * Shows the field for a code of the second factor when one is needed, and what is wrong at it.
 * @param {any} error
 * @returns {never}
 */
function askForCode(error) {
  if (error.reason?.startsWith("totp_")) {
    $("second-factor").hidden = false;
    error.details = [{ field: "totp", message: t(error.reason) }];
  }
  throw error;
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Refused)) return t("unreachable");
  if (error.details.some(({ field }) => field === "token")) return t("badToken");
  return t(TEXTS[error.code] ?? "failed");
}

/** @param {Api.StaffMember} user */
function finish(user) {
  form.reset();
  $("ask").hidden = true;
  $("done").hidden = false;
  $("done-title").textContent = document.title = t("done", user);
  $("done-about").textContent = t("doneAbout", user);
  $("done-title").focus();
}

// Another link opened in the same tab changes only what is behind the #.
addEventListener("hashchange", () => location.hash && location.reload());

if (token) {
  onSubmit(form, { check, send, problemText, explain });
  form.hidden = false;
} else {
  setText($("problem"), t("noToken"));
}
