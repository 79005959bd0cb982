// A guest's page: a card to read, in which one thing at a time is changed; below it what was said.

import { t } from "../../shared/page.js";
import { BlockButton } from "../block-guest.js";
import { Empty, Failed, Skeleton, SmallButton } from "../components.js";
import { ExternalIds } from "../external-ids.js";
import { moment } from "../format.js";
import { bind, ConfirmDialog, Field, FormDialog, Options } from "../forms.js";
import { lazy } from "../lazy.js";
import { useOne } from "../list-data.js";
import { html, useState } from "../preact.js";
import { explain, request } from "../request.js";
import { go } from "../router.js";
import { CHANNELS, isAdmin, notice, state } from "../store.js";
import { GuestStays } from "../stays/guest-stays.js";
import { Care } from "./care.js";
import { GuestConsents } from "./consents.js";
import { Duplicates } from "./duplicates.js";
import { Fact, Facts } from "./fact.js";
import { More } from "./more.js";
import { Open } from "./open.js";
import { Said } from "./said.js";

const GuestExport = lazy(async () => (await import("./guest-export.js")).GuestExport);

/** @param {{ id: string, onChanged: () => void }} props */
export function GuestSheet({ id, onChanged }) {
  const { data: guest, tag, problem, reload } = useOne("/guests", id);
  if ([404, 410].includes(problem?.status)) return html`<${Empty} title=${t("gone")} />`;
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!guest) return html`<${Skeleton} rows=${5} />`;
  function changed() {
    state.guests.delete(id);
    onChanged();
    return reload();
  }
  /** @param {Api.Answer} [answer] none: it is only read again */
  function saved(answer) {
    if (answer) notice(t("saved"));
    return changed();
  }
  const facts = { guest, tag, onChanged: saved };
  return html`
    <header class="guest-name">
      <${Fact} ...${facts} name="name"><h2 dir="auto">${guest.name}</h2></${Fact}>
      <${Actions} guest=${guest} onErased=${onChanged} onChanged=${changed} />
    </header>
    <p class="hint">${t("guestSince", { when: moment(guest.createdAt) })}</p>
    <${ExternalIds} of=${guest} />
    <${Care} guest=${guest} />
    <${Duplicates} key=${`duplicates ${id}`} guest=${guest} onMerged=${changed} />
    <div class="guest-columns">
      <div>
        <${GuestStays} key=${id} guestId=${id} version=${guest} />
        <${Facts} ...${facts} />
        <${GuestConsents} guest=${guest} onChanged=${changed} />
      </div>
      <div>
        <${Open} guestId=${id} />
        <${Said} guestId=${id} />
      </div>
    </div>
  `;
}

/** @param {{ guest: Api.Guest, onErased: () => void, onChanged: () => void }} props */
function Actions({ guest, onErased, onChanged }) {
  const [open, setOpen] = useState("");
  const close = () => setOpen("");
  const forAdmins = html`
    <${SmallButton} label=${t("guestExport.title")} onClick=${() => setOpen("export")} />
    <${SmallButton} label=${t("eraseGuest")} onClick=${() => setOpen("erase")} danger />
  `;
  return html`
    <div class="acts">
      <${SmallButton} label=${t("writeToGuest")} onClick=${() => setOpen("write")} />
      <${More}>
        <${BlockButton} guest=${guest} onChanged=${onChanged} />
        ${isAdmin() && forAdmins}
      </${More}>
    </div>
    ${open === "erase" && html`<${Erase} guest=${guest} onClose=${close} onErased=${onErased} />`}
    ${open === "export" && html`<${GuestExport} guest=${guest} onClose=${close} />`}
    ${open === "write" && html`<${Write} guest=${guest} onClose=${close} />`}
  `;
}

/** @param {{ guest: Api.Guest, onClose: () => void, onErased: () => void }} props */
function Erase({ guest, onClose, onErased }) {
  async function erase() {
    await request("DELETE", `/guests/${guest.id}`);
    state.guests.delete(guest.id);
    onClose();
    go("guests");
    onErased();
  }
  return html`
    <${ConfirmDialog}
      title=${t("eraseGuest")}
      text=${t("eraseAbout", { name: guest.name })}
      send=${erase}
      onClose=${onClose}
    />
  `;
}

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
