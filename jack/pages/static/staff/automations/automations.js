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
import { useForeseen } from "./preview.js";
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
        ${enabled && html`<${Coming} automation=${automation} />`}
        ${enabled && html`<${LastFailure} id=${id} />`}
      </div>
      <${Switch} automation=${automation} onChanged=${reload} onUnseen=${look} />
    </li>
  `;
}

/**
 * Whom it reaches next.
 * @param {{ automation: Api.Automation }} props
 */
function Coming({ automation }) {
  const { found } = useForeseen(automation.id, automation.updatedAt);
  if (!found) return null;
  const next = found.rows.filter((row) => row.at && !row.skippedBecause).slice(0, NEXT);
  if (!next.length) return html`<p class="hint">${say("nobodyYet")}</p>`;
  const names = next.map(
    ({ guestName, at }) => `${guestName ?? say("noGuest")} (${brief(at ?? "")})`,
  );
  return html`<p class="hint" dir="auto">${say("nextOnes", { names: names.join(", ") })}</p>`;
}

/** @param {{ id: string }} props */
function LastFailure({ id }) {
  const [run, setRun] = useState(/** @type {Api.Run | null} */ (null));
  useEffect(() => {
    request("GET", `/automations/${id}/runs?result=failed&limit=1`).then(
      ({ data }) => setRun(data[0] ?? null),
      () => undefined, // the list is of use without it
    );
  }, []);
  if (!run) return null;
  const why = because(run.reason, run.because);
  const values = { when: moment(run.at), name: run.guestName ?? say("noGuest"), why };
  return html`<p class="problem" dir="auto">${say("lastFailure", values)}</p>`;
}
