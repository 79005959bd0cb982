// What an automation has done, and what it has not and why.

import { hasText, t } from "../../shared/page.js";
import { Failed, Skeleton } from "../components.js";
import { moment } from "../format.js";
import { Options } from "../forms.js";
import { useList } from "../list-data.js";
import { html, useEffect, useState } from "../preact.js";
import { linkTo } from "../router.js";
import { state } from "../store.js";
import { because, say } from "./sentence.js";
import { Who } from "./preview.js";

/** @param {{ id: string }} props */
export function Runs({ id }) {
  const [result, setResult] = useState("");
  const { rows, total, problem, reload, renew, more } = useList(`/automations/${id}/runs`, {
    result,
  });
  const { conversations, tasks } = state.heard;
  useEffect(() => {
    if (rows) renew(); // something has happened, perhaps by this automation
  }, [conversations, tasks]);
  /** @type {[string, string][]} */
  const items = ["", "done", "skipped", "failed"].map((one) => [
    one,
    say(`results.${one || "all"}`),
  ]);
  return html`
    <section aria-labelledby="runs">
      <div class="section-head">
        <h3 id="runs">${say("runs")}</h3>
        <select
          aria-label=${say("whichRuns")}
          value=${result}
          onChange=${(/** @type {any} */ event) => setResult(event.target.value)}
        >
          <${Options} items=${items} />
        </select>
      </div>
      ${problem && !rows && html`<${Failed} text=${problem} retry=${reload} />`}
      ${!rows && !problem && html`<${Skeleton} rows=${3} />`}
      ${rows?.length === 0 && html`<p class="hint">${say("noRuns")}</p>`}
      <ul class="lines runs">
        ${rows?.map((row) => html`<${Line} key=${row.id} run=${row} />`)}
      </ul>
      ${
        rows &&
        rows.length < total &&
        html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
      }
    </section>
  `;
}

/**
 * What has become of a message.
 * @param {string | null} status
 */
const delivery = (status) => (hasText(`delivery.${status}`) ? ` · ${t(`delivery.${status}`)}` : "");

/** @param {{ run: Api.Run }} props */
function Line({ run }) {
  const { at, subject, guestId, guestName, action, result, reason, because: why } = run;
  const place = { conversation: "inbox", task: "tasks", stay: "" }[subject.type];
  const what = say(`actions.${action}`);
  return html`
    <li class=${result}>
      <${Who} id=${guestId} name=${guestName} />
      <span class="hint">
        ${moment(at)} · ${" "}
        ${place ? html`<a href=${linkTo(place, subject.id)}>${what}</a>` : what}
      </span>
      <span class="why">
        <b>${say(`results.${result}`)}</b>${why && html`<span>: ${because(reason, why)}</span>`}
        ${result === "done" && delivery(run.messageStatus)}
      </span>
    </li>
  `;
}
