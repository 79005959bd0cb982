// The API keys: what each may do and when it was last used; made, changed, rotated, revoked.

import { t } from "../../shared/page.js";
import { request } from "../request.js";
import { html, useState } from "../preact.js";
import { moment, number } from "../format.js";
import { useList } from "../list-data.js";
import { nameOf, notice } from "../store.js";
import { Empty, Failed, Skeleton } from "../components.js";
import { ConfirmDialog } from "../forms.js";
import { ChangeKey, NewKey, RotateKey } from "./api-key-forms.js";
import { ShownOnce } from "../people/shown-once.js";

/** @typedef {{ kind: string, key: Api.ApiKey }} Asked what is asked about which key */

export function ApiKeys() {
  const list = useList("/api-keys", {});
  const [asked, ask] = useState(/** @type {Partial<Asked>} */ ({}));
  const [token, setToken] = useState("");
  const { rows, total, problem, reload, more } = list;
  /** @param {string} [shown] the token of a new key */
  function close(shown) {
    ask({});
    setToken(shown ?? "");
    reload();
  }
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${3} />`;
  return html`
    <section aria-labelledby="api-keys">
      <div class="section-head">
        <h3 id="api-keys">${t("apiKeys")}</h3>
        <button type="button" onClick=${() => ask({ kind: "new" })}>${t("newApiKey")}</button>
      </div>
      ${rows.length === 0 && html`<${Empty} title=${t("noApiKeys")}>${t("noApiKeysAbout")}</${Empty}>`}
      <ul class="devices api-keys" aria-labelledby="api-keys">
        ${rows.map((key) => html`<${Key} key=${key.id} apiKey=${key} ask=${ask} />`)}
      </ul>
      ${
        rows.length < total &&
        html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
      }
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <${Asking} asked=${asked} onClose=${close} />
      ${token && html`<${Token} token=${token} onClose=${() => setToken("")} />`}
    </section>
  `;
}

/** @param {{ asked: Partial<Asked>, onClose: (token?: string) => void }} props */
function Asking({ asked: { kind, key }, onClose }) {
  if (kind === "new") return html`<${NewKey} onClose=${onClose} />`;
  if (!key) return null;
  if (kind === "change") return html`<${ChangeKey} apiKey=${key} onClose=${onClose} />`;
  if (kind === "rotate") return html`<${RotateKey} apiKey=${key} onClose=${onClose} />`;
  return html`<${RevokeKey} apiKey=${key} onClose=${onClose} />`;
}

/** @param {{ token: string, onClose: () => void }} props */
const Token = ({ token, onClose }) => html`
  <${ShownOnce}
    title=${t("apiKeyToken")}
    about=${t("apiKeyTokenAbout")}
    label=${t("token")}
    value=${token}
    id="api-key-token"
    closable=${false}
    onClose=${onClose}
  />
`;

/** @param {{ apiKey: Api.ApiKey, onClose: () => void }} props */
function RevokeKey({ apiKey, onClose }) {
  async function revoke() {
    await request("POST", `/api-keys/${apiKey.id}/revoke`);
    notice(t("apiKeyRevoked", { name: apiKey.name }));
    onClose();
  }
  return html`
    <${ConfirmDialog}
      title=${t("revokeApiKey")}
      text=${t("revokeApiKeyAbout", { name: apiKey.name })}
      send=${revoke}
      onClose=${onClose}
    />
  `;
}

/**
 * Whether a key has ended, and how: a word of `apiKeyStates`; "" for one that is valid.
 * @param {Api.ApiKey} key
 */
function endOf({ revokedAt, expiresAt }) {
  if (revokedAt) return "revoked";
  return expiresAt && Date.parse(expiresAt) <= Date.now() ? "expired" : "";
}

/** @param {{ apiKey: Api.ApiKey, ask: (asked: Asked) => void }} props */
function Key({ apiKey, ask }) {
  const { name, hint, revokedAt } = apiKey;
  const end = endOf(apiKey);
  return html`
    <li class=${end ? "ended" : ""}>
      <div>
        <p class="device">
          <bdi>${name}</bdi> <code>${hint}…</code>
          ${end && html` <span class="state">${t(`apiKeyStates.${end}`)}</span>`}
        </p>
        <${Facts} apiKey=${apiKey} />
      </div>
      ${!revokedAt && html`<${Acts} apiKey=${apiKey} ask=${ask} />`}
    </li>
  `;
}

/** @param {{ apiKey: Api.ApiKey, ask: (asked: Asked) => void }} props */
const Acts = ({ apiKey, ask }) => html`
  <div class="acts">
    ${["change", "rotate", "revoke"].map(
      (kind) => html`
        <button
          key=${kind}
          type="button"
          class=${`quiet small${kind === "revoke" ? " danger" : ""}`}
          aria-label=${`${t(`apiKeyActs.${kind}`)}: ${apiKey.name}`}
          onClick=${() => ask({ kind, key: apiKey })}
        >
          ${t(`apiKeyActs.${kind}`)}
        </button>
      `,
    )}
  </div>
`;

/** @param {{ apiKey: Api.ApiKey }} props */
function Facts({ apiKey }) {
  const { scopes, lastUsedAt, lastUsedIp, rateLimit, rateLimitBulk } = apiKey;
  const { createdAt, createdBy, expiresAt, revokedAt } = apiKey;
  const limits = { requests: number(rateLimit), bulk: number(rateLimitBulk) };
  const by = createdBy ? nameOf(createdBy) : t("system");
  return html`
    <p class="hint">${scopes.join(", ")}</p>
    <p class="hint">
      ${lastUsedAt ? t("usedAt", { when: moment(lastUsedAt) }) : t("neverUsed")}
      ${lastUsedIp && html` · <bdi>${lastUsedIp}</bdi>`}
    </p>
    <p class="hint">
      ${t("apiKeyLimits", limits)} · ${t("madeBy", { name: by, when: moment(createdAt) })}
      ${revokedAt && ` · ${t("revokedAt", { when: moment(revokedAt) })}`}
      ${!revokedAt && expiresAt && ` · ${t("expiresAt", { when: moment(expiresAt) })}`}
    </p>
  `;
}
