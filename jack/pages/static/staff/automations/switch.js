// Switching an automation on and off, and deleting it.

import { explain, request } from "../request.js";
import { html, useState } from "../preact.js";
import { notice, notify } from "../store.js";
import { content } from "./values.js";
import { say } from "./sentence.js";

const UNDO = 6000; // milliseconds, as long as the bar is shown
/** What was seen of each in this window, as it was then. @type {Map<string, string>} */
const seen = new Map();
/** Those that are about to be deleted. @type {Set<string>} */
export const going = new Set();

/** @param {Api.Automation} automation */
export const see = (automation) => seen.set(automation.id, content(automation));

/**
 * Whether somebody here has seen what it would do, as it is now.
 * @param {Api.Automation} automation
 */
export const isSeen = (automation) => seen.get(automation.id) === content(automation);

/**
 * `onUnseen` is called in place of switching one on whose preview nobody has seen.
 * @param {{ automation: Api.Automation, onChanged: () => void, onUnseen: () => void }} props
 */
export function Switch({ automation, onChanged, onUnseen }) {
  const [busy, setBusy] = useState(false);
  const { id, name, enabled } = automation;
  async function turn() {
    if (busy) return;
    if (!enabled && !isSeen(automation)) {
      onUnseen();
      return;
    }
    setBusy(true);
    try {
      await request("PATCH", `/automations/${id}`, { body: { enabled: !enabled } });
      notice(say(enabled ? "isOff" : "isOn", { name }));
    } catch (error) {
      notice(explain(error), "bad");
    }
    setBusy(false);
    onChanged();
  }
  return html`
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked=${enabled ? "true" : "false"}
      aria-label=${say("switchOf", { name })}
      aria-disabled=${busy ? "true" : undefined}
      onClick=${turn}
    >
      <span class="knob" aria-hidden="true"></span>
      <span>${say(enabled ? "on" : "off")}</span>
    </button>
  `;
}

/**
 * Deletes one with its runs, once that can be undone no more; it is off from now on, so that it
 * does nothing meanwhile.
 * @param {Api.Automation} automation
 */
export async function remove({ id, name, enabled }) {
  /** @param {boolean} on */
  const turn = (on) => request("PATCH", `/automations/${id}`, { body: { enabled: on } });
  function stays() {
    going.delete(id);
    notify();
  }
  /** @param {unknown} error */
  function fail(error) {
    notice(explain(error), "bad");
    stays();
  }
  going.add(id);
  notify();
  try {
    if (enabled) await turn(false);
  } catch (error) {
    fail(error);
    return;
  }
  const timer = setTimeout(() => request("DELETE", `/automations/${id}`).catch(fail), UNDO);
  notice(say("deleted", { name }), "", () => {
    clearTimeout(timer);
    (enabled ? turn(true) : Promise.resolve()).then(stays, fail);
  });
}
