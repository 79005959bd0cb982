// The hotel's templates, among the settings: read by all, written by managers.

import { language, t } from "../../shared/page.js";
import { Empty, Failed, Skeleton, SmallButton } from "../components.js";
import { ConfirmDialog } from "../forms.js";
import { languageName } from "../format.js";
import { useList } from "../list-data.js";
import { html, useState } from "../preact.js";
import { request } from "../request.js";
import { mayManage, notice } from "../store.js";
import { ChangeTemplate, NewTemplate } from "./editor.js";
import { Preview } from "./preview.js";

/** @typedef {{ kind: string, template?: Api.MessageTemplate }} Asked what is asked about which */

export function Templates() {
  const list = useList("/templates", {});
  const [asked, ask] = useState(/** @type {Asked} */ ({ kind: "" }));
  const { rows, total, problem, reload, more } = list;
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${5} />`;
  const close = () => ask({ kind: "" });
  function saved() {
    close();
    reload();
  }
  return html`
    <div class="section-head">
      <h2 id="message-templates">${t("templates.title")}</h2>
      ${
        mayManage() &&
        html`<button type="button" onClick=${() => ask({ kind: "new" })}>
          ${t("templates.add")}
        </button>`
      }
    </div>
    <p class="hint">${t("templates.about")}</p>
    ${
      rows.length === 0 &&
      html`<${Empty} title=${t("templates.none")}>${t("templates.noneAbout")}</${Empty}>`
    }
    <ul class="devices message-templates" aria-labelledby="message-templates">
      ${rows.map((one) => html`<${Line} key=${one.id} template=${one} ask=${ask} />`)}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
    <${Asking} asked=${asked} onClose=${close} onSaved=${saved} />
  `;
}

/** @param {{ template: Api.MessageTemplate, ask: (asked: Asked) => void }} props */
function Line({ template, ask }) {
  const { name, shortcut, texts } = template;
  const text = texts[language] ?? Object.values(texts)[0];
  const languages = Object.keys(texts).map((tag) => languageName(tag) ?? tag);
  const kinds = mayManage() ? ["preview", "change", "delete"] : ["preview"];
  return html`
    <li>
      <div>
        <p class="device">
          <bdi>${name}</bdi> ${shortcut && html`<code>/${shortcut}</code>`}
        </p>
        <p class="says" dir="auto">${text}</p>
        <p class="hint">${languages.join(", ")}</p>
      </div>
      <div class="acts">
        ${kinds.map(
          (kind) => html`
            <${SmallButton}
              key=${kind}
              label=${t(`templates.acts.${kind}`)}
              danger=${kind === "delete"}
              onClick=${() => ask({ kind, template })}
            />
          `,
        )}
      </div>
    </li>
  `;
}

/** @param {{ asked: Asked, onClose: () => void, onSaved: () => void }} props */
function Asking({ asked: { kind, template }, onClose, onSaved }) {
  if (kind === "new") return html`<${NewTemplate} onClose=${onClose} onSaved=${onSaved} />`;
  if (!template) return null;
  const { id } = template;
  if (kind === "change") return html`<${ChangeTemplate} ...${{ id, onClose, onSaved }} />`;
  if (kind === "preview") return html`<${Preview} template=${template} onClose=${onClose} />`;
  async function remove() {
    await request("DELETE", `/templates/${template?.id}`);
    notice(t("templates.deleted", { name: template?.name ?? "" }));
    onSaved();
  }
  return html`
    <${ConfirmDialog}
      title=${t("delete")}
      text=${t("deleteAbout", { title: template.name })}
      send=${remove}
      onClose=${onClose}
    />
  `;
}
