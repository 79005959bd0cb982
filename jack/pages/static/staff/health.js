// One line of how Jack is: what is out of order, the channels first.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { since } from "./format.js";
import { request } from "./request.js";
import { change, isAdmin, notice, state } from "./store.js";

const FOR_ALL = ["mailbox", "channel"]; // the others are for administrators

/** Reads what is out of order. */
export async function loadHealth() {
  change({ faults: (await request("GET", "/watchdog")).data.faults });
}

/**
 * Reads it again after events, and tells administrators of each.
 * @param {Api.Event[]} events those about it
 */
export async function refreshHealth(events) {
  await loadHealth();
  if (!isAdmin() || !(await isWanted())) return;
  for (const { type, subjectId: name } of events) {
    const [kind, subject] = name.split(":");
    const fault = state.faults?.find(
      (one) => one.kind === kind && (one.subjectId ?? "") === (subject ?? ""),
    );
    if (type === "health.failed" && fault) notice(inWords(fault), "bad");
    if (type === "health.recovered" && !fault) {
      const what = t(`healthNames.${kind}`, {
        name: kind === "channel" ? t(`channels.${subject}`) : "",
      });
      notice(t("wellAgain", { what }));
    }
  }
}

/**
 * Whether the reader wants to be told of it as it happens; that it is so is shown anyway. They are
 * where that cannot be found out, as with a script that cannot be loaded.
 */
async function isWanted() {
  try {
    const { chosen } = await import("./told/choice.js");
    const kinds = await chosen();
    return !kinds || kinds.has("health");
  } catch {
    return true;
  }
}

/** @param {Api.Fault} fault */
const isShown = ({ kind }) => FOR_ALL.includes(kind) || isAdmin();

/** @param {Api.Fault} fault */
export const inWords = ({ kind, subjectId, since: at }) =>
  t(`health.${kind}`, {
    name: kind === "channel" ? t(`channels.${subjectId}`) : "",
    time: since(at),
  });

/** What of it concerns the reader, the channels first; null before it is read. */
export function shownFaults() {
  const shown = state.faults?.filter(isShown);
  if (!shown) return null;
  const channels = shown.filter(({ kind }) => FOR_ALL.includes(kind));
  const others = shown.filter(({ kind }) => !FOR_ALL.includes(kind));
  return [...channels, ...others];
}

export function Health() {
  const lines = shownFaults()?.map(inWords);
  if (!lines) return null;
  return html`
    <div class=${lines.length ? "health wrong" : "health"} role="group" aria-label=${t("healthLabel")}>
      ${(lines.length ? lines : [t("health.well")]).map((line) => html`<p key=${line}>${line}</p>`)}
    </div>
  `;
}
