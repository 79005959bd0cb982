// A template as one of the guests would read it who are at the hotel, or expected.

import { t } from "../../shared/page.js";
import { Dialog, Skeleton } from "../components.js";
import { Field, Options } from "../forms.js";
import { languageName } from "../format.js";
import { html, useEffect, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { FilledText } from "./filled-text.js";

/** Who is at the hotel, then who comes. @returns {Promise<Api.Stay[]>} */
async function readStays() {
  const parts = ["in_house", "booked"].map((status) =>
    request("GET", `/stays?status=${status}&sort=arrival&limit=50`),
  );
  const found = (await Promise.all(parts)).flatMap(({ data }) => data);
  return found.filter((/** @type {Api.Stay} */ { guest }) => guest);
}

/**
 * @param {Api.Stay} stay
 * @returns {[string, string]}
 */
const option = ({ id, room, guest, arrival }) => [
  id,
  [room, guest?.name, arrival].filter(Boolean).join(" · "),
];

/**
 * The stays to choose from, and what the guest of the chosen one would read.
 * @param {string} id
 */
function usePreview(id) {
  const [stays, setStays] = useState(/** @type {Api.Stay[] | null} */ (null));
  const [wanted, setWanted] = useState({ stayId: "", language: "" });
  const [filled, setFilled] = useState(/** @type {Api.FilledTemplate | null} */ (null));
  const [problem, setProblem] = useState("");
  const fail = (/** @type {any} */ error) => setProblem(explain(error));
  useEffect(() => {
    readStays().then((found) => {
      setStays(found);
      setWanted({ stayId: found[0]?.id ?? "", language: "" });
    }, fail);
  }, []);
  useEffect(() => {
    const { stayId, language } = wanted;
    if (!stayId) return undefined;
    let current = true;
    const body = { stayId, ...(language && { language }) };
    request("POST", `/templates/${id}/preview`, { body }).then(
      ({ data }) => current && setFilled(data),
      fail,
    );
    return () => {
      current = false;
    };
  }, [wanted]);
  return { stays, wanted, setWanted, filled, problem };
}

/** @param {{ template: Api.MessageTemplate, onClose: () => void }} props */
export function Preview({ template, onClose }) {
  const { stays, wanted, setWanted, filled, problem } = usePreview(template.id);
  const choices = { stays: stays ?? [], template, wanted, setWanted };
  return html`
    <${Dialog} title=${template.name} onClose=${onClose}>
      ${problem && html`<p class="notice bad" role="alert">${problem}</p>`}
      ${!stays && !problem && html`<${Skeleton} rows=${3} />`}
      ${stays?.length === 0 && html`<p>${t("templates.noStays")}</p>`}
      ${choices.stays.length > 0 && html`<${Choices} ...${choices} />`}
      ${
        filled &&
        html`<p class="said-whole" dir="auto" aria-live="polite"><${FilledText} filled=${filled} /></p>`
      }
    </${Dialog}>
  `;
}

/**
 * @param {{ stays: Api.Stay[], template: Api.MessageTemplate,
 *   wanted: { stayId: string, language: string },
 *   setWanted: (wanted: { stayId: string, language: string }) => void }} props
 */
function Choices({ stays, template, wanted, setWanted }) {
  /** @type {[string, string][]} */
  const languages = Object.keys(template.texts).map((tag) => [tag, languageName(tag) ?? tag]);
  return html`
    <div class="pair">
      <${Field}
        label=${t("templates.for")}
        name="stay"
        value=${wanted.stayId}
        onInput=${(/** @type {string} */ stayId) => setWanted({ ...wanted, stayId })}
      >
        <${Options} items=${stays.map(option)} />
      </${Field}>
      <${Field}
        label=${t("fields.language")}
        name="language"
        value=${wanted.language}
        onInput=${(/** @type {string} */ language) => setWanted({ ...wanted, language })}
      >
        <${Options} items=${[["", t("templates.theirs")], ...languages]} />
      </${Field}>
    </div>
  `;
}
