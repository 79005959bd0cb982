// Keyboard shortcuts: one key each, none while typing or while a dialog is open, and off for those
// who do not want them.

import { t } from "../shared/page.js";
import { html, useState } from "./preact.js";
import { setItem, getItem } from "./local-storage.js";
import { go } from "./router.js";
import { change, state } from "./store.js";
import { changeStatus } from "./conversation.js";
import { Dialog } from "./components.js";

/** @type {Record<string, string>} */
const VIEWS = { i: "inbox", t: "tasks", g: "guests", k: "knowledge", s: "settings" };
let afterG = false;

/** @param {number} step */
function selectRow(step) {
  const rows = state.list?.rows ?? [];
  const place = rows.findIndex(({ id }) => id === state.route.id) + step;
  const next = rows[Math.min(Math.max(place, 0), rows.length - 1)];
  if (!next) return;
  go("inbox", next.id, next.match?.messageId);
  find(`[data-id="${CSS.escape(next.id)}"]`)?.focus();
}

/**
 * The last element that matches.
 * @param {string} selector
 */
const find = (selector) =>
  /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll(selector)].at(-1));

function openConversation() {
  const { view, id } = state.route;
  return view === "inbox" && id ? state.conversations.get(id)?.conversation : null;
}

/**
 * Changes the status, or back to open.
 * @param {Api.Conversation} one
 * @param {Api.Conversation["status"]} status
 */
const toggle = ({ id, status: now }, status) =>
  changeStatus(id, { status: now === status ? "open" : status });

/**
 * What a key does; `text` is its description's key, `in` where it works: everywhere, in the inbox,
 * or in an open conversation, which `act` gets.
 * @type {Record<string, { text: string, act: (one: any) => void, in?: string }>}
 */
const KEYS = {
  j: { text: "next", act: () => selectRow(1), in: "inbox" },
  k: { text: "previous", act: () => selectRow(-1), in: "inbox" },
  r: { text: "reply", act: () => find("#reply")?.focus(), in: "conversation" },
  n: { text: "note", act: () => find("#as-note")?.click(), in: "conversation" },
  a: {
    text: "take",
    act: ({ id }) => changeStatus(id, { assignee: state.me.id }),
    in: "conversation",
  },
  e: { text: "close", act: (one) => toggle(one, "closed"), in: "conversation" },
  p: { text: "pending", act: (one) => toggle(one, "pending"), in: "conversation" },
  t: {
    text: "task",
    act: () => find(".conversation [data-act=task]")?.click(),
    in: "conversation",
  },
  f: {
    text: "find",
    act: () => find(".conversation [data-act=find]")?.click(),
    in: "conversation",
  },
  "/": { text: "search", act: () => find("input[type=search]")?.focus() },
  u: { text: "back", act: () => go(state.route.view) },
  "?": { text: "help", act: () => change({ help: true }) },
};

/** @param {KeyboardEvent} event */
function isShortcut(event) {
  const target = /** @type {Element} */ (event.target);
  const typing =
    target.closest?.("input, textarea, select, [contenteditable]") ||
    document.querySelector("dialog[open]");
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  const signedIn = state.phase === "in" && !state.locked;
  return !typing && !modified && signedIn && getItem("shortcuts", true);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!isShortcut(event)) return;
  if (afterG && VIEWS[event.key]) {
    afterG = false;
    event.preventDefault();
    go(VIEWS[event.key]);
    return;
  }
  afterG = event.key === "g";
  const known = KEYS[event.key];
  const conversation = openConversation();
  if (!known || (known.in === "inbox" && state.route.view !== "inbox")) return;
  if (known.in === "conversation" && !conversation) return;
  event.preventDefault();
  known.act(conversation);
}

addEventListener("keydown", onKey);

/**
 * Whether shortcuts are on, and a function that changes it.
 * @returns {[boolean, (on: boolean) => void]}
 */
export function useShortcuts() {
  const [on, setOn] = useState(getItem("shortcuts", true));
  return [
    on,
    (wanted) => {
      setItem("shortcuts", wanted);
      setOn(wanted);
    },
  ];
}

/**
 * @param {string[]} keys
 * @param {string} text
 */
const line = (keys, text) => html`
  <tr key=${text}>
    <th scope="row">${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</th>
    <td>${t(`keys.${text}`)}</td>
  </tr>
`;

export const Help = () => html`
  <${Dialog} title=${t("shortcuts")} onClose=${() => change({ help: false })}>
    <table class="keys">
      <tbody>
        ${Object.entries(KEYS).map(([key, { text }]) => line([key], text))}
        ${Object.entries(VIEWS).map(
          ([key, view]) => html`
            <tr key=${view}>
              <th scope="row"><kbd>g</kbd> <kbd>${key}</kbd></th>
              <td>${t(`views.${view}`)}</td>
            </tr>
          `,
        )}
        ${line(["Enter"], "send")}
        ${line(["Ctrl", "Enter"], "sendMail")}
        ${line(["Shift", "Enter"], "line")}
        ${line(["/"], "templates")}
        ${line(["Esc"], "leave")}
      </tbody>
    </table>
    <p class="hint">${t("shortcutsAbout")}</p>
  </${Dialog}>
`;
