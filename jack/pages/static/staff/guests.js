// Guests: search, read, change, write to, erase.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html, useState } from "./preact.js";
import { brief, moment } from "./format.js";
import { Icon } from "./icons.js";
import { SplitView, Rows, useList, useOne } from "./list-data.js";
import { go, linkTo } from "./router.js";
import { CHANNELS, isAdmin, mayManage, notice, state } from "./store.js";
import { Avatar, Empty, Failed, Head, Search, Skeleton, SmallButton } from "./components.js";
import { ExternalIds } from "./external-ids.js";
import { bind, ConfirmDialog, Field, Form, FormDialog, Options } from "./forms.js";
import { Picker } from "./pickers.js";
import { BlockButton, BlockedHint } from "./block-guest.js";
import { lazy } from "./lazy.js";

const Duplicates = lazy(async () => {
  const { Duplicates: found } = await import("./guest/duplicates.js");
  return found;
});

const GuestConsents = lazy(async () => {
  const { GuestConsents: found } = await import("./guest/consents.js");
  return found;
}, true);
const GuestExport = lazy(async () => {
  const { GuestExport: found } = await import("./guest/guest-export.js");
  return found;
});
const GuestStays = lazy(async () => (await import("./stays/guest-stays.js")).GuestStays, true);
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
      : html`<${Guest} key=${id} id=${id} onChanged=${list.reload} />`;
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

/** @param {{ id: string, onChanged: () => void }} props */
function Guest({ id, onChanged }) {
  const { data: guest, tag, problem, reload } = useOne("/guests", id);
  if ([404, 410].includes(problem?.status)) return html`<${Empty} title=${t("gone")} />`;
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!guest) return html`<${Skeleton} rows=${5} />`;
  function changed() {
    state.guests.delete(id);
    onChanged();
    reload();
  }
  /** @param {typeof BLANK} values */
  async function save(values) {
    await request("PATCH", `/guests/${id}`, { body: bodyOf(values), match: tag });
    notice(t("saved"));
    changed();
  }
  const fields = Object.keys(BLANK).map((name) => [name, guest[name] ?? ""]);
  return html`
    <h2 dir="auto">${guest.name}</h2>
    <p class="hint">${t("guestSince", { when: moment(guest.createdAt) })}</p>
    <${ExternalIds} of=${guest} />
    <${BlockedHint} guest=${guest} />
    <${Actions} guest=${guest} onErased=${onChanged} onChanged=${changed} />
    <${Duplicates} id=${id} onMerged=${changed} />
    <${GuestStays} key=${id} guestId=${id} version=${guest} />
    <${Form}
      key=${tag}
      initial=${{ ...Object.fromEntries(fields), tags: guest.tags.join(", ") }}
      send=${save}
      reload=${reload}
      label=${t("save")}
      fields=${Fields}
    />
    <${GuestConsents} guest=${guest} onChanged=${changed} />
    <${Conversations} guestId=${id} />
  `;
}

/** @param {{ guest: Api.Guest, onErased: () => void, onChanged: () => void }} props */
function Actions({ guest, onErased, onChanged }) {
  const [open, setOpen] = useState("");
  const close = () => setOpen("");
  async function erase() {
    await request("DELETE", `/guests/${guest.id}`);
    state.guests.delete(guest.id);
    close();
    go("guests");
    onErased();
  }
  const forAdmins = html`
    <${SmallButton} label=${t("guestExport.title")} onClick=${() => setOpen("export")} />
    <${SmallButton} label=${t("eraseGuest")} onClick=${() => setOpen("erase")} danger />
  `;
  return html`
    <div class="acts">
      <${SmallButton} label=${t("writeToGuest")} onClick=${() => setOpen("write")} />
      <${BlockButton} guest=${guest} onChanged=${onChanged} />
      ${isAdmin() && forAdmins}
    </div>
    ${
      open === "erase" &&
      html`
        <${ConfirmDialog}
          title=${t("eraseGuest")}
          text=${t("eraseAbout", { name: guest.name })}
          send=${erase}
          onClose=${close}
        />
      `
    }
    ${open === "export" && html`<${GuestExport} guest=${guest} onClose=${close} />`}
    ${open === "write" && html`<${Write} guest=${guest} onClose=${close} />`}
  `;
}

/** @param {{ guestId: string }} props */
function Conversations({ guestId }) {
  const { rows } = useList("/conversations", { guestId });
  return html`
    <h3>${t("conversations")}</h3>
    ${
      rows?.length
        ? html`<ul class="plain-list">${rows.map(conversationLine)}</ul>`
        : html`<p class="hint">${t("nothingHere")}</p>`
    }
  `;
}

/** @param {Api.Conversation} row */
const conversationLine = ({ id, channel, lastMessageAt, createdAt, preview }) => html`
  <li key=${id}>
    <a href=${linkTo("inbox", id)}>
      <${Icon} name=${channel} size=${16} />
      ${` ${t(`channels.${channel}`)} · ${brief(lastMessageAt ?? createdAt)}`}
    </a>
    ${" "}
    <span class="preview" dir="auto">${preview}</span>
  </li>
`;

/** @param {{ guest: Api.Guest, onClose: () => void }} props */
function Write({ guest, onClose }) {
  const channel = guest.phone ? "whatsapp" : guest.email ? "email" : "web";
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "channel")} label=${t("channel")}>
      <${Options} items=${CHANNELS.map((one) => [one, t(`channels.${one}`)])} />
    </${Field}>
    <${Field} ...${bind(form, "content")} label=${t("replyText")} rows="3" />
  `;
  /**
   * @param {{ channel: string, content: string }} values
   * @param {(body: object) => string} keyFor
   */
  async function send(values, keyFor) {
    const body = { guestId: guest.id, channel: values.channel, content: values.content };
    const { data } = await request("POST", "/conversations", { body, key: keyFor(body) });
    onClose();
    go("inbox", data.id);
  }
  return html`
    <${FormDialog}
      draft=${`write:${guest.id}`}
      title=${t("writeToGuest")}
      onClose=${onClose}
      initial=${{ channel, content: "" }}
      fields=${fields}
      send=${send}
      label=${t("send")}
    />
  `;
}
