// What an automation would do in the next 14 days, by all that is known now.

import { t } from "../../shared/page.js";
import { Failed, Skeleton } from "../components.js";
import { moment } from "../format.js";
import { html, useEffect, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { linkTo } from "../router.js";
import { because, say } from "./sentence.js";

const SHOWN = 25;

/** @typedef {{ rows: Api.Foreseen[], total: number }} Found */

/**
 * What it would do; read anew with every `version` of it. `onSeen` is told when it is here.
 * @param {string} id
 * @param {unknown} version
 * @param {() => void} [onSeen]
 */
export function useForeseen(id, version, onSeen) {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const [problem, setProblem] = useState("");
  const [turn, again] = useState(0);
  useEffect(() => {
    let current = true;
    setFound(null);
    setProblem("");
    request("POST", `/automations/${id}/preview`).then(
      ({ data, meta }) => {
        if (!current) return;
        setFound({ rows: data, total: meta.total });
        onSeen?.();
      },
      (error) => current && setProblem(explain(error)),
    );
    return () => {
      current = false;
    };
  }, [id, version, turn]);
  return { found, problem, retry: () => again(turn + 1) };
}

/** @param {{ foreseen: ReturnType<typeof useForeseen>, changed: boolean }} props */
export function Preview({ foreseen: { found, problem, retry }, changed }) {
  return html`
    <section class="foreseen" aria-labelledby="foreseen">
      <h3 id="foreseen">${say("next14")}</h3>
      ${changed && html`<p class="notice">${say("saveToSee")}</p>`}
      ${problem && html`<${Failed} text=${problem} retry=${retry} />`}
      ${!found && !problem && html`<${Skeleton} rows=${4} />`}
      ${found && html`<${Rows} found=${found} />`}
    </section>
  `;
}

/** @param {{ found: Found }} props */
function Rows({ found: { rows, total } }) {
  const done = rows.filter((row) => !row.skippedBecause);
  const first = done.find((row) => row.action === "send_template");
  if (!total) return html`<p class="hint">${say("nobodyYet")}</p>`;
  const counts = { done: done.length, skipped: rows.length - done.length };
  return html`
    <p>${say(counts.skipped ? "foreseenSkipped" : "foreseenAll", counts)}</p>
    ${
      first &&
      html`
        <figure class="first-text">
          <figcaption class="hint">${say("firstText", { name: first.guestName ?? "" })}</figcaption>
          <p dir="auto">${first.content}</p>
        </figure>
      `
    }
    <ul class="lines">
      ${rows.slice(0, SHOWN).map((row, place) => html`<${Line} key=${place} row=${row} />`)}
    </ul>
    ${total > SHOWN && html`<p class="hint">${say("andMore", { count: total - SHOWN })}</p>`}
  `;
}

/** @param {{ row: Api.Foreseen }} props */
function Line({ row: { guestId, guestName, at, action, channel, reason, skippedBecause } }) {
  const how = channel ? t(`channels.${channel}`) : say(`actions.${action}`);
  return html`
    <li class=${skippedBecause ? "skipped" : ""}>
      <${Who} id=${guestId} name=${guestName} />
      <span class="hint">
        ${at ? moment(at) : say("timeUnknown")} · ${skippedBecause ? say("results.skipped") : how}
      </span>
      ${skippedBecause && html`<span class="why">${because(reason, skippedBecause)}</span>`}
    </li>
  `;
}

/** @param {{ id: string | null, name: string | null }} props */
export const Who = ({ id, name }) =>
  id
    ? html`<a href=${linkTo("guests", id)} dir="auto">${name ?? t("erasedGuest")}</a>`
    : html`<span>${say("noGuest")}</span>`;
