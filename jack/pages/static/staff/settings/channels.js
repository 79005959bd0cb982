// The channels: the status of each, its test, and a link to the settings of each.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { html, useEffect, useState } from "../preact.js";
import { moment, number } from "../format.js";
import { Icon } from "../icons.js";
import { linkTo } from "../router.js";
import { isAdmin } from "../store.js";
import { Failed, Skeleton } from "../components.js";
import { TestAnswer, useTest } from "./channel-test.js";

export function Channels() {
  const [rows, setRows] = useState(/** @type {Api.ChannelStatus[] | null} */ (null));
  const [problem, setProblem] = useState("");
  async function read() {
    try {
      setRows((await request("GET", "/channels")).data);
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => {
    read();
  }, []);
  if (problem) return html`<${Failed} text=${problem} retry=${read} />`;
  if (!rows) return html`<${Skeleton} rows=${4} />`;
  return html`
    <h2 class="unseen">${t("channel")}</h2>
    <ul class="channel-list">
      ${rows.map((row) => html`<${Channel} key=${row.channel} row=${row} reread=${read} />`)}
    </ul>
  `;
}

/** @param {{ row: Api.ChannelStatus, reread: () => Promise<void> }} props */
function Channel({ row, reread }) {
  const status = row.state ?? (row.enabled ? "on" : "off");
  const link = linkTo("settings", `channels.${row.channel}`);
  const test = useTest(row.channel, reread);
  return html`
    <li class="channel ${status}">
      <h3>
        <${Icon} name=${row.channel} />
        ${t(`channels.${row.channel}`)} <span class="state">${t(`channelStates.${status}`)}</span>
      </h3>
      <${Facts} row=${row} />
      <${TestAnswer} found=${test.found} problem=${test.problem} />
      <p class="links">
        <a href=${link}>${t(isAdmin() ? "changeSettings" : "showSettings")}</a>
        ${
          row.configured &&
          isAdmin() &&
          html`
            <${TestButton} test=${test} how="test" label=${t("testChannel")} />
            ${
              row.channel === "email" &&
              html`<${TestButton} test=${test} how="test-letter" label=${t("testLetter")} />`
            }
          `
        }
      </p>
    </li>
  `;
}

/**
 * @param {{ test: ReturnType<typeof useTest>, how: "test" | "test-letter",
 *   label: string }} props
 */
const TestButton = ({ test, how, label }) => html`
  <button
    type="button"
    class="quiet small"
    aria-disabled=${test.busy ? "true" : undefined}
    onClick=${() => !test.busy && test.run(how)}
  >
    ${label}
  </button>
`;

/** @param {{ row: Api.ChannelStatus }} props */
function Facts({ row }) {
  const facts = [
    ["lastInboundAt", row.lastInboundAt && moment(row.lastInboundAt)],
    ["lastOutboundAt", row.lastOutboundAt && moment(row.lastOutboundAt)],
    ["queueLength", row.queueLength === undefined ? null : number(row.queueLength)],
    ["pausedBecause", row.pausedBecause],
    ["lastError", row.lastError],
  ].filter(([, value]) => value);
  if (!facts.length) return null;
  return html`
    <dl>
      ${facts.map(
        ([name, value]) => html`
          <div key=${name}><dt>${t(`fields.${name}`)}</dt><dd dir="auto">${value}</dd></div>
        `,
      )}
    </dl>
  `;
}
