// What a new hotel does first: a few steps, which go away when they are done.

import { BELOW } from "../../shared/api.js";
import { t } from "../../shared/page.js";
import { Icon } from "../icons.js";
import { getItem, setItem } from "../local-storage.js";
import { html, useEffect, useState } from "../preact.js";
import { request } from "../request.js";
import { linkTo } from "../router.js";
import { isAdmin, notify, state } from "../store.js";

const KEPT = "firstSteps"; // "over", or "seen" where the chat has been looked at

/** @param {string} what */
function keep(what) {
  setItem(KEPT, what);
  notify();
}

/**
 * The channels; null until they are read, or where all is over.
 * @returns {Api.ChannelStatus[] | null}
 */
function useChannels() {
  const [rows, setRows] = useState(/** @type {Api.ChannelStatus[] | null} */ (null));
  useEffect(() => {
    if (getItem(KEPT) === "over") return;
    request("GET", "/channels").then(
      ({ data }) => setRows(data),
      () => {}, // the steps are an extra
    );
  }, []);
  return rows;
}

/** @typedef {{ name: string, href: string, done: boolean }} FirstStep */

/**
 * The steps of an administrator, of others only those that are given.
 * @param {{ more?: FirstStep[] }} props
 */
export function FirstSteps({ more = [] }) {
  const channels = useChannels();
  const kept = getItem(KEPT);
  if (!channels || kept === "over") return null;
  const [web] = channels.filter(({ channel }) => channel === "web");
  /** @type {FirstStep[]} */
  const steps = [
    {
      name: "channel",
      href: linkTo("settings", "channels"),
      done: channels.some((row) => row !== web && row.state === "working"),
    },
    { name: "colleagues", href: linkTo("staff"), done: state.staff.length > 1 },
    { name: "chat", href: `${BELOW}/chat`, done: Boolean(kept === "seen" || web?.lastInboundAt) },
  ];
  const shown = isAdmin() ? [...steps, ...more] : more;
  if (shown.every(({ done }) => done)) return null;
  return html`
    <section class="first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps">${t("firstSteps.title")}</h2>
      <ol>
        ${shown.map((step) => html`<${Step} key=${step.name} ...${step} />`)}
      </ol>
      <button type="button" class="link" onClick=${() => keep("over")}>
        ${t("firstSteps.hide")}
      </button>
    </section>
  `;
}

/** @param {FirstStep} props */
function Step({ name, href, done }) {
  const label = t(`firstSteps.${name}`);
  if (done) {
    return html`
      <li class="done">
        <${Icon} name="check" size=${18} /> ${label}
        <span class="unseen">(${t("firstSteps.done")})</span>
      </li>
    `;
  }
  const seen = () => name === "chat" && keep("seen");
  const target = name === "chat" ? "_blank" : undefined;
  return html`<li><a href=${href} target=${target} rel="noopener" onClick=${seen}>${label}</a></li>`;
}
