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
 * Switches one on, if it is still what has been seen here; whether it was.
 * @param {string} id
 */
async function switchOn(id) {
  const { data, tag } = await request("GET", `/automations/${id}`);
  if (!isSeen(data)) return false;
  await request("PATCH", `/automations/${id}`, { body: { enabled: true }, match: tag });
  return true;
}

/** @param {string} id */
async function switchOff(id) {
  await request("PATCH", `/automations/${id}`, { body: { enabled: false } });
  return true;
}

/**
 * `onUnseen` is called in place of switching one on whose preview nobody has seen, also when a
 * colleague has changed it since.
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
      const done = await (enabled ? switchOff : switchOn)(id);
      if (done) notice(say(enabled ? "isOff" : "isOn", { name }));
      else onUnseen();
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
 * Does something once it can be undone no more, at the latest when the page is left.
 * @param {() => void} work
 */
function later(work) {
  function cancel() {
    clearTimeout(timer);
    removeEventListener("pagehide", now);
  }
  function now() {
    cancel();
    work();
  }
  const timer = setTimeout(now, UNDO);
  addEventListener("pagehide", now);
  return { cancel };
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
  const waiting = later(() =>
    request("DELETE", `/automations/${id}`, { keepalive: true }).catch(fail),
  );
  notice(say("deleted", { name }), "", () => {
    waiting.cancel();
    (enabled ? turn(true) : Promise.resolve()).then(stays, fail);
  });
}
