// The stays of a guest: the one that matters now as a block, others in a line each.

import { t } from "../../shared/page.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { calendarDay } from "../format.js";
import { useList } from "../list-data.js";
import { nightsText } from "../stay.js";
import { Failed, Skeleton, SmallButton } from "../components.js";
import { StayActs, TO_COME } from "./stay-acts.js";
import { peopleText, StayBlock } from "./stay-block.js";
import { StayDialog } from "./stay-dialog.js";

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
  return html`
    <section class="stays">
      <h3>${t("stays.title")}</h3>
      ${
        rows.length
          ? html`<${Lines} stays=${rows} onChanged=${reload} />`
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

/** @param {{ stays: Api.Stay[], onChanged: () => void }} props */
function Lines({ stays, onChanged }) {
  const toCome = stays.filter(({ status }) => TO_COME.includes(status)).reverse();
  const over = stays.filter(({ status }) => !TO_COME.includes(status));
  const now = toCome.find(({ status }) => status === "in_house") ?? toCome[0];
  /** @param {Api.Stay} stay */
  const line = (stay) => html`<${Line} key=${stay.id} stay=${stay} onChanged=${onChanged} />`;
  return html`
    ${
      now &&
      html`
        <ul class="plain-list">
          <${StayBlock} key=${now.id} stay=${now} onChanged=${onChanged} />
          ${toCome.filter((stay) => stay !== now).map(line)}
        </ul>
      `
    }
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
  const { room, arrival, departure, status, confirmation, notes } = stay;
  const days = `${calendarDay(arrival)} → ${calendarDay(departure)}`;
  const state = t(`stays.statuses.${status}`);
  const facts = [days, nightsText(stay), peopleText(stay), state, confirmation];
  return html`
    <li>
      ${room && html`<b dir="auto">${room}</b> · `}${facts.filter(Boolean).join(" · ")}
      ${notes && html`<span class="hint" dir="auto"> ${notes}</span>`}
      <${StayActs} stay=${stay} onChanged=${onChanged} />
    </li>
  `;
}
