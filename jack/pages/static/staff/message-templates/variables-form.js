// The hotel's own variables: what `{wifi_password}` in a template becomes.

import { t } from "../../shared/page.js";
import { html } from "../preact.js";
import { ItemsForm } from "../settings/items-form.js";

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>,
 *   reload: () => void }} props
 */
export const Variables = (props) => html`
  <${ItemsForm}
    ...${props}
    names=${["name", "value"]}
    id="v"
    add=${t("templates.addVariable")}
    hint=${t("templates.ownHint", { place: "{wifi_password}" })}
  />
`;
