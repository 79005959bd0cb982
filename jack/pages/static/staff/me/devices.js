// Where the staff member is signed in; one device after the other can be signed out.

import { t } from "../../shared/page.js";
import { deviceName } from "./device-name.js";
import { request } from "../request.js";
import { html, useState } from "../preact.js";
import { moment } from "../format.js";
import { useList } from "../list-data.js";
import { notice } from "../store.js";
import { Failed, Skeleton } from "../components.js";
import { ConfirmDialog } from "../forms.js";

/** @typedef {{ device: Api.Device }} Props */

/** @param {Api.Device} device */
const nameOf = ({ userAgent }) => deviceName(userAgent);

export function Devices() {
  const list = useList("/auth/sessions", {});
  const [ending, setEnding] = useState(/** @type {Api.Device | null} */ (null));
  const { rows, total, problem, reload, more } = list;
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${2} />`;
  function ended() {
    setEnding(null);
    reload();
  }
  return html`
    <ul class="devices" aria-label=${t("devices")}>
      ${rows.map(
        (device) => html`
          <li key=${device.id}>
            <${Device} device=${device} />
            ${!device.current && html`<${EndButton} device=${device} onEnd=${setEnding} />`}
          </li>
        `,
      )}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    ${ending && html`<${EndDialog} device=${ending} onClose=${ended} />`}
  `;
}

/** @param {{ device: Api.Device, onEnd: (device: Api.Device) => void }} props */
const EndButton = ({ device, onEnd }) => html`
  <button
    type="button"
    class="quiet small"
    aria-label=${`${t("endDevice")}: ${nameOf(device)}`}
    onClick=${() => onEnd(device)}
  >
    ${t("endDevice")}
  </button>
`;

/** @param {{ device: Api.Device, onClose: () => void }} props */
function EndDialog({ device, onClose }) {
  async function end() {
    await request("DELETE", `/auth/sessions/${device.id}`).catch((error) => {
      if (error.status !== 404) throw error; // it has ended meanwhile
    });
    notice(t("deviceEnded"));
    onClose();
  }
  return html`
    <${ConfirmDialog}
      title=${t("endDevice")}
      text=${t("endDeviceAbout", { device: nameOf(device) })}
      send=${end}
      onClose=${onClose}
    />
  `;
}

/** @param {Props} props */
function Device({ device }) {
  const { ip, createdAt, lastUsedAt, current } = device;
  return html`
    <div>
      <p class="device">
        ${nameOf(device)} ${current && html`<span class="state">${t("thisDevice")}</span>`}
      </p>
      ${!current && html`<p class="hint">${t("usedAt", { when: moment(lastUsedAt) })}</p>`}
      <p class="hint">
        ${t("signedInAt", { when: moment(createdAt) })}${ip && html` · <bdi>${ip}</bdi>`}
      </p>
    </div>
  `;
}
