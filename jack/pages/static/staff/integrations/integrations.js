// What other programs use of Jack: API keys and webhooks. For administrators only.

import { BELOW } from "../../shared/api.js";
import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { ApiKeys } from "./api-keys.js";
import { Webhooks } from "./webhooks.js";

export const Integrations = () => html`
  <h2>${t("integrations")}</h2>
  <p class="hint">
    ${t("integrationsAbout")} <a href=${`${BELOW}/api/v1/docs`} target="_blank">${t("apiDocs")}</a>
  </p>
  <${ApiKeys} />
  <${Webhooks} />
`;
