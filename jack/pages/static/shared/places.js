// Countries, time zones and languages by name, to be picked: nobody has to know a code.

import { language } from "./page.js";

// ISO 3166-1, without those where nobody lives.
const COUNTRIES =
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT " +
  "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH " +
  "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU " +
  "ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS " +
  "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG " +
  "NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD " +
  "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
  "UA UG US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
const LANGUAGES =
  "ar bg ca cs da de el en es et eu fi fr ga gl he hi hr hu id is it ja ko lt lv mk mt nl no pl pt ro " +
  "ru sk sl sq sr sv th tr uk vi zh zh-Hant";

/** @typedef {[value: string, label: string]} Item */

/** @param {Item[]} items */
const sorted = (items) => items.sort(([, one], [, other]) => one.localeCompare(other, language));

/**
 * Codes with their names in the reader's language; `own` is among them, whatever it is.
 * @param {"region" | "language"} type
 * @param {string} codes
 * @param {string | null | undefined} own
 */
function named(type, codes, own) {
  const names = new Intl.DisplayNames([language], { type });
  const all = new Set([...codes.split(" "), ...(own ? [own] : [])]);
  /** @param {string} code */
  function nameOf(code) {
    try {
      return names.of(code) ?? code;
    } catch {
      return code;
    }
  }
  return sorted([...all].map((code) => /** @type {Item} */ ([code, nameOf(code)])));
}

/** @param {string | null} [own] */
export const countryItems = (own) => named("region", COUNTRIES, own);

/** @param {string | null} [own] */
export const languageItems = (own) => named("language", LANGUAGES, own);

/**
 * The time zones, each as a place: "Madrid, Europe".
 * @param {string | null} [own]
 */
export function zoneItems(own) {
  const all = new Set([...(Intl.supportedValuesOf?.("timeZone") ?? []), "UTC"]);
  if (own) all.add(own);
  const words = (/** @type {string} */ zone) =>
    zone.replaceAll("_", " ").split("/").reverse().join(", ");
  return sorted([...all].map((zone) => /** @type {Item} */ ([zone, words(zone)])));
}

/** What the browser says of where it is: zone, language, and the country, where it names one. */
export function here() {
  const locale = new Intl.Locale(navigator.language);
  return {
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    language: locale.language,
    country: navigator.languages.map((tag) => new Intl.Locale(tag).region).find(Boolean) ?? "",
  };
}
