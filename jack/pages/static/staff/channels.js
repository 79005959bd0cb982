// The channels: whether each works, and what to set for it.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { moment, number } from "./format.js";
import { Icon } from "./icons.js";
import { to } from "./router.js";
import { isAdmin } from "./store.js";
import { Failed, Skeleton } from "./components.js";

const CHANNELS = ["web", "whatsapp", "sms", "email"];

export function Channels() {
  const [rows, setRows] = useState(null);
  const [problem, setProblem] = useState("");
  async function read() {
    try {
      setRows((await ask("GET", "/channels")).data);
    } catch (error) {
      if (error.status === 404) await plain();
      else setProblem(explain(error));
    }
  }
  /** Where Jack does not tell of its channels, the settings say which are switched on. */
  async function plain() {
    try {
      const found = await Promise.all(CHANNELS.map((channel) => ask("GET", `/settings/channels.${channel}`)));
      setRows(found.map(({ data }, n) => ({ channel: CHANNELS[n], enabled: data.value.enabled === true, plain: true })));
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => { read(); }, []);
  if (problem) return html`<${Failed} text=${problem} retry=${read} />`;
  if (!rows) return html`<${Skeleton} rows=${4} />`;
  return html`<h2 class="unseen">${t("channel")}</h2><ul class="channel-list">${rows.map((row) => html`<${Channel} key=${row.channel} row=${row} />`)}</ul>`;
}

function Channel({ row }) {
  const [answer, setAnswer] = useState(null);
  const [busy, setBusy] = useState(false);
  const stateName = row.state ?? (row.enabled ? "on" : "off");
  async function test() {
    setBusy(true);
    try {
      setAnswer((await ask("POST", `/channels/${row.channel}/test`)).data);
    } catch (error) {
      setAnswer({ works: false, says: explain(error) });
    }
    setBusy(false);
  }
  const facts = [
    ["lastInboundAt", row.lastInboundAt && moment(row.lastInboundAt)],
    ["lastOutboundAt", row.lastOutboundAt && moment(row.lastOutboundAt)],
    ["queueLength", row.queueLength === undefined ? null : number(row.queueLength)],
    ["pausedBecause", row.pausedBecause],
    ["lastError", row.lastError],
  ].filter(([, value]) => value);
  return html`<li class="channel ${stateName}"><h3><${Icon} name=${row.channel} />${t(`channels.${row.channel}`)} <span class="state">${t(`channelStates.${stateName}`)}</span></h3>
    ${facts.length > 0 && html`<dl>${facts.map(([name, value]) => html`<div key=${name}><dt>${t(`fields.${name}`)}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`}
    ${answer && html`<p class=${answer.works ? "notice" : "notice bad"} role="status" dir="auto">${answer.says ?? t(answer.works ? "works" : "failed")}</p>`}
    <p class="links"><a href=${to("settings", `channels.${row.channel}`)}>${t(isAdmin() ? "changeSettings" : "showSettings")}</a>
      ${!row.plain && row.configured && isAdmin() && html`<button type="button" class="quiet small" aria-disabled=${busy ? "true" : undefined} onClick=${test}>${t("testChannel")}</button>`}</p></li>`;
}
