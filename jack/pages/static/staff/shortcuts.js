// Keyboard shortcuts: one key each, never while something is typed, and off for those who do not want them.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { keep, recall } from "./local-storage.js";
import { go } from "./router.js";
import { change, state } from "./store.js";
import { move } from "./conversation.js";
import { Dialog } from "./components.js";

const VIEWS = { i: "inbox", t: "tasks", g: "guests", k: "knowledge", s: "settings" };
let going = false; // after g

const row = (step) => {
  const rows = state.list?.rows ?? [];
  const place = rows.findIndex(({ id }) => id === state.route.id);
  return rows[Math.min(Math.max(place + step, 0), rows.length - 1)];
};

function walk(step) {
  const next = row(step);
  if (!next) return;
  go("inbox", next.id);
  document.querySelector(`[data-id="${CSS.escape(next.id)}"]`)?.focus();
}

const open = () => (state.route.view === "inbox" ? state.talks.get(state.route.id)?.conversation : null);
const press = (selector) => document.querySelector(selector)?.click();

/** What a key does, and when it does. */
const KEYS = {
  j: { says: "next", act: () => walk(1), in: "inbox" },
  k: { says: "previous", act: () => walk(-1), in: "inbox" },
  r: { says: "reply", act: () => document.getElementById("reply")?.focus(), in: "talk" },
  n: { says: "note", act: () => press("#as-note"), in: "talk" },
  a: { says: "take", act: (talk) => move(talk.id, { assignee: state.me.id }), in: "talk" },
  e: { says: "close", act: (talk) => move(talk.id, { status: talk.status === "closed" ? "open" : "closed" }), in: "talk" },
  p: { says: "pending", act: (talk) => move(talk.id, { status: talk.status === "pending" ? "open" : "pending" }), in: "talk" },
  t: { says: "task", act: () => [...document.querySelectorAll(".talk [data-act=task]")].at(-1)?.click(), in: "talk" },
  "/": { says: "search", act: () => document.querySelector("input[type=search]")?.focus() },
  u: { says: "back", act: () => go(state.route.view) },
  "?": { says: "help", act: () => change({ help: true }) },
};

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || state.phase !== "in" || state.locked || !recall("shortcuts", true)) return;
  if (going && VIEWS[event.key]) {
    going = false;
    event.preventDefault();
    go(VIEWS[event.key]);
    return;
  }
  going = event.key === "g";
  const known = KEYS[event.key];
  const talk = open();
  if (!known || (known.in === "inbox" && state.route.view !== "inbox") || (known.in === "talk" && !talk)) return;
  event.preventDefault();
  known.act(talk);
});

/** Whether there are shortcuts, and how to change that. */
export function useShortcuts() {
  const [on, put] = useState(recall("shortcuts", true));
  return [on, (wanted) => { keep("shortcuts", wanted); put(wanted); }];
}

export function Help() {
  const line = (keys, says) => html`<tr key=${says}><th scope="row">${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</th><td>${t(`keys.${says}`)}</td></tr>`;
  return html`<${Dialog} title=${t("shortcuts")} onClose=${() => change({ help: false })}><table class="keys"><tbody>
    ${Object.entries(KEYS).map(([key, { says }]) => line([key], says))}
    ${Object.entries(VIEWS).map(([key, view]) => html`<tr key=${view}><th scope="row"><kbd>g</kbd> <kbd>${key}</kbd></th><td>${t(`views.${view}`)}</td></tr>`)}
    ${line(["Enter"], "send")}${line(["Shift", "Enter"], "line")}${line(["Esc"], "leave")}</tbody></table><p class="hint">${t("shortcutsAbout")}</p></${Dialog}>`;
}
