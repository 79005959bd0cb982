// What Jack does by itself, among the settings: for managers.

import { t } from "../../shared/page.js";
import { Empty, Failed, Skeleton } from "../components.js";
import { brief, moment } from "../format.js";
import { useList } from "../list-data.js";
import { html, useEffect, useState } from "../preact.js";
import { request } from "../request.js";
import { go, linkTo } from "../router.js";
import { notice, state } from "../store.js";
import { NewAutomation, OneAutomation } from "./editor.js";
import { useInSight } from "./in-sight.js";
import { because, say, sentence } from "./sentence.js";
import { going, Switch } from "./switch.js";

const NEXT = 3;
const LIMIT = 100;

/** All templates; null before they are here. */
function useTemplates() {
  const [templates, setTemplates] = useState(/** @type {Api.MessageTemplate[] | null} */ (null));
  async function read() {
    const found = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const { data, meta } = await request("GET", `/templates?limit=${LIMIT}&page=${page}`);
      found.push(...data);
      pages = meta.pages;
    }
    return found;
  }
  useEffect(() => {
    read().then(setTemplates, () => setTemplates([])); // the sentences name none then
  }, []);
  return templates;
}

export function Automations() {
  const templates = useTemplates();
  const { at } = state.route;
  if (!templates) return html`<${Skeleton} rows=${5} />`;
  if (at === "new") return html`<${NewAutomation} templates=${templates} />`;
  if (at) return html`<${OneAutomation} key=${at} id=${at} templates=${templates} />`;
  return html`<${List} templates=${templates} />`;
}

/** @param {{ templates: Api.MessageTemplate[] }} props */
function List({ templates }) {
  const { rows, total, problem, reload, more } = useList("/automations", {});
  const { size } = going;
  useEffect(() => {
    if (rows) reload(); // one is back, or will be deleted
  }, [size]);
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${5} />`;
  const shown = rows.filter(({ id }) => !going.has(id));
  return html`
    <div class="section-head">
      <h2 id="automations">${say("title")}</h2>
      <button type="button" onClick=${() => go("settings", "automations", "new")}>
        ${say("add")}
      </button>
    </div>
    <p class="hint">${say("about")}</p>
    ${!shown.length && html`<${Empty} title=${say("none")}>${say("noneAbout")}</${Empty}>`}
    <ul class="devices automations" aria-labelledby="automations">
      ${shown.map(
        (one) => html`
          <${Line} key=${one.id} automation=${one} templates=${templates} reload=${reload} />
        `,
      )}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
  `;
}

/**
 * @param {{ automation: Api.Automation, templates: Api.MessageTemplate[],
 *   reload: () => void }} props
 */
function Line({ automation, templates, reload }) {
  const { id, name, enabled } = automation;
  function look() {
    go("settings", "automations", id);
    notice(say("seeFirst"));
  }
  return html`
    <li>
      <div>
        <p class="device">
          <a href=${linkTo("settings", "automations", id)} dir="auto">${name}</a>
        </p>
        <p class="says" dir="auto">${sentence(automation, templates)}</p>
        ${enabled && html`<${Outlook} automation=${automation} />`}
      </div>
      <${Switch} automation=${automation} onChanged=${reload} onUnseen=${look} />
    </li>
  `;
}

/**
 * Whom it reaches next, and what went wrong last: asked when it is in sight.
 * @param {{ automation: Api.Automation }} props
 */
function Outlook({ automation: { id, updatedAt } }) {
  const [rows, setRows] = useState(/** @type {Api.Foreseen[] | null} */ (null));
  const [failed, setFailed] = useState(/** @type {Api.Run | null} */ (null));
  const box = useInSight(async (isWanted) => {
    const runs = await request("GET", `/automations/${id}/runs?result=failed&limit=1`);
    if (!isWanted()) return;
    setFailed(runs.data[0] ?? null);
    const coming = await request("POST", `/automations/${id}/preview`);
    if (isWanted()) setRows(coming.data);
  }, updatedAt);
  return html`
    <div class="outlook" ref=${box}>
      ${rows && html`<${Coming} rows=${rows} />`}
      ${failed && html`<${LastFailure} run=${failed} />`}
    </div>
  `;
}

/** @param {{ rows: Api.Foreseen[] }} props */
function Coming({ rows }) {
  const next = rows.filter((row) => row.at && !row.skippedBecause).slice(0, NEXT);
  if (!next.length) return html`<p class="hint">${say("nobodyYet")}</p>`;
  const names = next.map(
    ({ guestName, at }) => `${guestName ?? say("noGuest")} (${brief(at ?? "")})`,
  );
  return html`<p class="hint" dir="auto">${say("nextOnes", { names: names.join(", ") })}</p>`;
}

/** @param {{ run: Api.Run }} props */
function LastFailure({ run }) {
  const why = because(run.reason, run.because);
  const values = { when: moment(run.at), name: run.guestName ?? say("noGuest"), why };
  return html`<p class="problem" dir="auto">${say("lastFailure", values)}</p>`;
}
