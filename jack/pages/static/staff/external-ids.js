// What other programs call a guest or a task.

import { t } from "../shared/page.js";
import { html } from "./preact.js";

/** @param {{ of: { externalId: string | null, externalIds?: Record<string, string> } }} props */
export function ExternalIds({ of: { externalId, externalIds = {} } }) {
  const sourced = Object.entries(externalIds).map(([source, id]) => `${source}:${id}`);
  const names = [...new Set([...(externalId ? [externalId] : []), ...sourced])];
  if (!names.length) return null;
  return html`
    <p class="hint external-ids">${t("inOtherPrograms")} <bdi>${names.join(", ")}</bdi></p>
  `;
}
