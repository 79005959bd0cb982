// What is done with a stay where it stands: checking in and out, moving, changing, cancelling.

import { t } from "../../shared/page.js";
import { SmallButton } from "../components.js";
import { hotelToday } from "../format.js";
import { bind, Field, Form } from "../forms.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { move, moveTo } from "./moving.js";
import { StayDialog } from "./stay-dialog.js";

/** The states of a stay that is not over. */
export const TO_COME = ["booked", "in_house"];

/** @param {{ stay: Api.Stay, onChanged: () => void }} props */
export function StayActs({ stay, onChanged }) {
  const { status, arrival } = stay;
  /** @param {string} word @param {Api.Stay["status"]} next */
  const button = (word, next) => html`
    <${SmallButton} label=${t(word)} onClick=${() => move(stay, next, onChanged)} />
  `;
  return html`
    <div class="acts">
      ${status === "booked" && arrival <= hotelToday() && button("stays.checkIn", "in_house")}
      ${status === "in_house" && button("stays.checkOut", "departed")}
      <${Changes} stay=${stay} onChanged=${onChanged} />
    </div>
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
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const moved = useRef(false); // the focus goes where the work goes on
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.querySelector(typing ? "input" : "button")?.focus();
  }, [typing]);
  /** @param {boolean} on */
  function put(on) {
    moved.current = true;
    setTyping(on);
  }
  const close = () => put(false);
  if (!typing) {
    return html`
      <div ref=${box}>
        <${SmallButton} label=${t("stays.moveRoom")} onClick=${() => put(true)} />
      </div>
    `;
  }
  /** @param {{ room: string }} values */
  async function send({ room }) {
    if (await moveTo(stay, room, onChanged)) close();
  }
  return html`
    <div ref=${box}>
      <${Form}
        className="move-room"
        draft=${false}
        initial=${{ room: stay.room ?? "" }}
        fields=${(/** @type {Staff.FormState} */ form) => html`
          <${Field} ...${bind(form, "room")} maxlength="32" />
        `}
        send=${send}
        label=${t("save")}
        onCancel=${close}
      />
    </div>
  `;
}
