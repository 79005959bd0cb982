// A template as its guest would read it; what is missing is marked and named.

import { hasText, t } from "../../shared/page.js";
import { html } from "../preact.js";

/** What the hotel itself fills in, in the order in which it is offered. */
export const BUILT_IN = [
  "guest_name",
  "first_name",
  "room_number",
  "check_in_date",
  "check_out_date",
  "nights",
  "confirmation",
  "hotel_name",
  "staff_name",
];

/**
 * What a variable is called.
 * @param {string} name
 */
export const variableName = (name) =>
  hasText(`templates.variables.${name}`) ? t(`templates.variables.${name}`) : name;

/**
 * The text in pieces: every second one is the name of what is missing.
 * @param {Api.FilledTemplate} filled
 */
function pieces({ content, missing }) {
  if (!missing.length) return [content];
  return content.split(new RegExp(`\\{(${missing.join("|")})\\}`));
}

/** @param {{ filled: Api.FilledTemplate }} props */
export const FilledText = ({ filled }) =>
  pieces(filled).map((piece, place) =>
    place % 2 ? html`<mark class="missing">${variableName(piece)}</mark>` : piece,
  );
