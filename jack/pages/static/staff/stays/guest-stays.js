// The stays of a guest, to come and over: checking in and out, and entering one.

import { t } from "../../shared/page.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { calendarDay, hotelToday } from "../format.js";
import { useList } from "../list-data.js";
import { nightsText } from "../stay.js";
import { Failed, Skeleton, SmallButton } from "../components.js";
import { bind, Field, Form } from "../forms.js";
import { move, moveTo } from "./moving.js";
import { StayDialog } from "./stay-dialog.js";

const TO_COME = ["booked", "in_house"];

/**
 * `version` changes when something of the guest has: the stays are read again.
 * @param {{ guestId: string, version: unknown }} props
 */
export function GuestStays({ guestId, version }) {
  const { rows, problem, reload } = useList("/stays", { guestId });
  const [entering, setEntering] = useState(false);
  const known = useRef(version);
  useEffect(() => {
    if (known.current !== version) reload();
    known.current = version;
  }, [version]);
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${2} />`;
  /** @param {Api.Stay} stay */
  const line = (stay) => html`<${Line} key=${stay.id} stay=${stay} onChanged=${reload} />`;
  return html`
    <section class="stays">
      <h3>${t("stays.title")}</h3>
      ${
        rows.length
          ? html`<${Lines} stays=${rows} line=${line} />`
          : html`<p class="hint">${t("stays.none")}</p>`
      }
      <p class="acts">
        <${SmallButton} label=${t("stays.enter")} onClick=${() => setEntering(true)} />
      </p>
      ${
        entering &&
        html`
          <${StayDialog}
            guestId=${guestId}
            onClose=${() => setEntering(false)}
            onEntered=${reload}
          />
        `
      }
    </section>
  `;
}

/** @param {{ stays: Api.Stay[], line: (stay: Api.Stay) => any }} props */
function Lines({ stays, line }) {
  const toCome = stays.filter(({ status }) => TO_COME.includes(status)).reverse();
  const over = stays.filter(({ status }) => !TO_COME.includes(status));
  return html`
    ${toCome.length > 0 && html`<ul class="plain-list">${toCome.map(line)}</ul>`}
    ${
      over.length > 0 &&
      html`
        <details>
          <summary>${t("stays.past", { count: over.length })}</summary>
          <ul class="plain-list">${over.map(line)}</ul>
        </details>
      `
    }
  `;
}

/** @param {{ stay: Api.Stay, onChanged: () => void }} props */
function Line({ stay, onChanged }) {
  const { room, arrival, departure, adults, children, status, confirmation, notes } = stay;
  const people = children ? `${adults}+${children}` : `${adults}`;
  const days = `${calendarDay(arrival)} → ${calendarDay(departure)}`;
  const state = t(`stays.statuses.${status}`);
  const facts = [days, nightsText(stay), t("stays.people", { people }), state, confirmation];
  return html`
    <li>
      ${room && html`<b dir="auto">${room}</b> · `}${facts.filter(Boolean).join(" · ")}
      ${notes && html`<span class="hint" dir="auto"> ${notes}</span>`}
      <div class="acts">
      ${
        status === "booked" &&
        arrival <= hotelToday() &&
        html`
          <${SmallButton}
            label=${t("stays.checkIn")}
            onClick=${() => move(stay, "in_house", onChanged)}
          />
        `
      }
      ${
        status === "in_house" &&
        html`
          <${SmallButton}
            label=${t("stays.checkOut")}
            onClick=${() => move(stay, "departed", onChanged)}
          />
        `
      }
      <${Changes} stay=${stay} onChanged=${onChanged} />
      </div>
    </li>
  `;
}

/**
 * Changing a stay; a booked one may also come to nothing.
 * @param {{ stay: Api.Stay, onChanged: () => void }} props
 */
function Changes({ stay, onChanged }) {
  const [editing, setEditing] = useState(false);
  const close = () => setEditing(false);
  const dialog = { guestId: stay.guestId, stay, onClose: close, onEntered: onChanged };
  return html`
    ${TO_COME.includes(stay.status) && html`<${Room} stay=${stay} onChanged=${onChanged} />`}
    <${SmallButton} label=${t("edit")} onClick=${() => setEditing(true)} />
    ${stay.status === "booked" && html`<${Undone} stay=${stay} onChanged=${onChanged} />`}
    ${editing && html`<${StayDialog} ...${dialog} />`}
  `;
}

/**
 * A booked stay that comes to nothing: it is cancelled, or nobody has come.
 * @param {{ stay: Api.Stay, onChanged: () => void }} props
 */
const Undone = ({ stay, onChanged }) => html`
  ${
    stay.arrival <= hotelToday() &&
    html`
      <${SmallButton}
        label=${t("stays.noShow")}
        onClick=${() => move(stay, "no_show", onChanged)}
      />
    `
  }
  <${SmallButton}
    label=${t("stays.cancel")}
    onClick=${() => move(stay, "cancelled", onChanged)}
    danger
  />
`;

/**
 * Moving to another room, typed where the stay stands.
 * @param {{ stay: Api.Stay, onChanged: () => void }} props
 */
function Room({ stay, onChanged }) {
  const [typing, setTyping] = useState(false);
  const close = () => setTyping(false);
  if (!typing) {
    return html`
      <${SmallButton} label=${t("stays.moveRoom")} onClick=${() => setTyping(true)} />
    `;
  }
  /** @param {{ room: string }} values */
  async function send({ room }) {
    if (await moveTo(stay, room, onChanged)) close();
  }
  return html`
    <${Form}
      className="move-room"
      draft=${false}
      initial=${{ room: stay.room ?? "" }}
      fields=${(/** @type {Staff.FormState} */ form) => html`
        <${Field} ...${bind(form, "room")} maxlength="32" autofocus />
      `}
      send=${send}
      label=${t("save")}
      onCancel=${close}
    />
  `;
}
