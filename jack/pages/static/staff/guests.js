// Guests: search, and a new one. Who is opened is in `guest/`.

import { t } from "../shared/page.js";
import { request } from "./request.js";
import { html, useState } from "./preact.js";
import { SplitView, Rows, useList } from "./list-data.js";
import { go } from "./router.js";
import { mayManage, state } from "./store.js";
import { Avatar, Empty, Head, Search } from "./components.js";
import { bind, Field, FormDialog } from "./forms.js";
import { Picker } from "./pickers.js";
import { lazy } from "./lazy.js";

const GuestSheet = lazy(
  async () => (await import("./guest/sheet.js")).GuestSheet,
  "guest/guest.css",
);
const ExportDialog = lazy(async () => {
  const { ExportDialog: found } = await import("./files/export-dialog.js");
  return found;
});

const ImportFile = lazy(async () => {
  const { ImportFile: found } = await import("./files/import-file.js");
  return found;
});

/**
 * What is imported, by what stands in the address where a guest's id may.
 * @type {Record<string, string>}
 */
const IMPORTS = { import: "guests", "import-stays": "stays" };

const BLANK = { name: "", email: "", phone: "", language: "", tags: "", notes: "" };

export function Guests() {
  const [search, setSearch] = useState("");
  const [over, setOver] = useState("");
  const close = () => setOver("");
  const list = useList("/guests", { search });
  const { id } = state.route;
  const rows = html`
    <${Search} label=${t("searchGuests")} value=${search} onSearch=${setSearch} />
    <${Rows}
      list=${list}
      view="guests"
      line=${line}
      label=${t("views.guests")}
      none=${t(search ? "nothingFound" : "noGuests")}
      noneAbout=${search ? "" : t("noGuestsAbout")}
    />
  `;
  const open =
    id && id in IMPORTS && mayManage()
      ? html`<${ImportFile} key=${id} kind=${IMPORTS[id]} onImported=${list.reload} />`
      : html`<${GuestSheet} key=${id} id=${id} onChanged=${list.reload} />`;
  return html`
    <div class="page">
      <${Head} title=${t("views.guests")}>
        <div class="acts">
          ${mayManage() && html`<${Files} onExport=${() => setOver("export")} />`}
          <button type="button" onClick=${() => setOver("new")}>${t("newGuest")}</button>
        </div>
      </${Head}>
      <${SplitView} open=${id} view="guests" list=${rows}>
        ${id ? open : html`<${Empty} title=${t("chooseGuest")} />`}
      </${SplitView}>
      ${over === "new" && html`<${NewGuest} onClose=${close} onChanged=${list.reload} />`}
      ${over === "export" && html`<${ExportDialog} onClose=${close} />`}
    </div>
  `;
}

/** @param {{ onExport: () => void }} props */
const Files = ({ onExport }) => html`
  <button type="button" class="quiet small" onClick=${() => go("guests", "import")}>
    ${t("files.import")}
  </button>
  <button type="button" class="quiet small" onClick=${onExport}>${t("files.export")}</button>
`;

/** @param {Api.Guest} guest */
const line = ({ name, email, phone }) => html`
  <${Avatar} name=${name} />
  <span class="what">
    <span class="name" dir="auto">${name}</span>
    <span class="preview" dir="auto">
      ${[email, phone].filter(Boolean).join(" · ") || t("noAddress")}
    </span>
  </span>
`;

/** @param {{ onClose: () => void, onChanged: () => void }} props */
function NewGuest({ onClose, onChanged }) {
  /**
   * @param {typeof BLANK} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = bodyOf(values);
    const { data } = await request("POST", "/guests", { body, key: keyFor(body) });
    onClose();
    onChanged();
    go("guests", data.id);
  }
  return html`
    <${FormDialog}
      draft="guest:new"
      title=${t("newGuest")}
      onClose=${onClose}
      initial=${BLANK}
      fields=${Fields}
      send=${send}
      label=${t("save")}
    />
  `;
}

/** @param {typeof BLANK} values */
function bodyOf({ name, email, phone, language, notes, tags }) {
  const list = tags.split(",").map((tag) => tag.trim());
  return {
    name,
    email: email.trim() || null,
    phone: phone.trim() || null,
    language: language.trim() || null,
    notes: notes || null,
    tags: list.filter(Boolean),
  };
}

/** @param {Staff.FormState} form */
function Fields(form) {
  const inTags = Object.keys(form.wrong).find((name) => name.startsWith("tags.")) ?? "tags";
  return html`
    <${Field} ...${bind(form, "name")} maxlength="200" required />
    <div class="pair">
      <${Field} ...${bind(form, "email")} type="email" />
      <${Field} ...${bind(form, "phone")} type="tel" hint=${t("phoneHint")} />
    </div>
    <div class="pair">
      <${Field} ...${bind(form, "tags")} problem=${form.wrong[inTags]} hint=${t("tagsHint")} />
      <${Picker} form=${form} name="language" />
    </div>
    <${Field} ...${bind(form, "notes")} rows="3" />
  `;
}
