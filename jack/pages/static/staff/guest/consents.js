// What a guest has said of messages, by channel; what they say at the desk is noted here.

import { t } from "../../shared/page.js";
import { moment } from "../format.js";
import { bind, Field, FormDialog, Options } from "../forms.js";
import { html, useState } from "../preact.js";
import { request } from "../request.js";
import { notice } from "../store.js";

const STATES = ["given", "withdrawn", "unknown"];

/** @param {{ guest: Api.Guest, onChanged: () => void }} props */
export function GuestConsents({ guest, onChanged }) {
  const [open, setOpen] = useState("");
  const close = () => setOpen("");
  return html`
    <section class="consents">
      <details>
        <summary><b>${t("consent.title")}:</b> ${inOneLine(guest.consents)}</summary>
        <ul class="plain-list">
        ${Object.entries(guest.consents).map(
          ([channel, consent]) => html`
            <${Line}
              key=${channel}
              channel=${channel}
              consent=${consent}
              onOpen=${() => setOpen(channel)}
            />
          `,
        )}
        </ul>
      </details>
      ${
        open &&
        html`<${Change} guest=${guest} channel=${open} onClose=${close} onChanged=${onChanged} />`
      }
    </section>
  `;
}

/**
 * What is known, of all channels in one line.
 * @param {Record<string, Api.Consent>} consents
 */
function inOneLine(consents) {
  const known = Object.entries(consents).filter(([, { state }]) => state !== "unknown");
  const said = known.map(
    ([channel, { state }]) => `${t(`channels.${channel}`)} ${t(`consent.states.${state}`)}`,
  );
  return said.join(" · ") || t("consent.states.unknown");
}

/** @param {{ channel: string, consent: Api.Consent, onOpen: () => void }} props */
function Line({ channel, consent: { state, at, source }, onOpen }) {
  // Only the guest takes a STOP back.
  const stopped = state === "withdrawn" && source === "guest";
  const from = source && (SOURCES[source] ? t(SOURCES[source]) : source);
  const facts = [t(`consent.states.${state}`), at && moment(at), from];
  const name = t(`channels.${channel}`);
  return html`
    <li>
      <b>${name}</b> · <span dir="auto">${facts.filter(Boolean).join(" · ")}</span>
      ${
        stopped
          ? html`<span class="hint"> ${t("consent.onlyThey")}</span>`
          : html`
              ${" "}
              <button type="button" class="quiet small" onClick=${onOpen}>
                ${t("consent.change")}<span class="unseen"> ${name}</span>
              </button>
            `
      }
    </li>
  `;
}

/** @type {Record<string, string>} */
const SOURCES = {
  guest: "consent.sources.guest",
  staff: "consent.sources.staff",
  integration: "consent.sources.integration",
};

/**
 * @param {{ guest: Api.Guest, channel: string, onClose: () => void,
 *   onChanged: () => void }} props
 */
function Change({ guest, channel, onClose, onChanged }) {
  const { state } = guest.consents[channel];
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "state")} label=${t("consent.state")}>
      <${Options} items=${STATES.map((one) => [one, t(`consent.states.${one}`)])} />
    </${Field}>
    <${Field}
      ...${bind(form, "source")}
      label=${t("consent.source")}
      hint=${t("consent.sourceHint")}
      maxlength="200"
    />
  `;
  /** @param {{ state: string, source: string }} values */
  async function send(values) {
    const consents = { [channel]: { state: values.state, source: values.source.trim() || null } };
    await request("PATCH", `/guests/${guest.id}`, { body: { consents } });
    notice(t("saved"));
    onClose();
    onChanged();
  }
  return html`
    <${FormDialog}
      draft=${false}
      title=${t("consent.of", { channel: t(`channels.${channel}`) })}
      onClose=${onClose}
      initial=${{ state, source: "" }}
      fields=${fields}
      send=${send}
      label=${t("save")}
    >
      <p>${t("consent.about")}</p>
    </${FormDialog}>
  `;
}
