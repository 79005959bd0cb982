// Components that several views use.

import { t } from "../shared/page.js";
import { createContext, html, useContext, useEffect, useRef, useState } from "./preact.js";
import { number } from "./format.js";
import { Icon } from "./icons.js";
import { leave } from "./leaving.js";

/** What ids of fields begin with; in a dialog another, since the same field may stand below it. */
export const IdPrefix = createContext("f");

const FIRST_FIELD =
  "[autofocus], input:not([type=hidden]):not(:disabled), textarea:not(:disabled), select:not(:disabled)";

/**
 * A modal dialog, closed with Escape. Its first field has the focus; afterwards what had it before.
 * @param {{ title: string, onClose: () => void, children: any, closable?: boolean }} props
 */
export function Dialog({ title, onClose, children, closable = true }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const prefix = `${useContext(IdPrefix)}-over`;
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (element.current);
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector(FIRST_FIELD))?.focus();
    return () => {
      dialog.close(); // while it is open nothing else takes the focus
      if (before?.isConnected) before.focus();
    };
  }, []);
  const close = () => leave(onClose, element.current ?? undefined);
  /** @param {Event} event */
  function cancel(event) {
    event.preventDefault();
    if (closable) close();
  }
  return html`
    <dialog class="" ref=${element} aria-labelledby=${`${prefix}-head`} onCancel=${cancel}>
      <header>
        <h2 id=${`${prefix}-head`}>${title}</h2>
        ${
          closable &&
          html`
            <button type="button" class="icon" onClick=${close} aria-label=${t("close")}>
              <${Icon} name="close" />
            </button>
          `
        }
      </header>
      <${IdPrefix.Provider} value=${prefix}>${children}</${IdPrefix.Provider}>
    </dialog>
  `;
}

/**
 * A small button of little weight.
 * @param {{ label: string, onClick: () => void, danger?: boolean }} props
 */
export const SmallButton = ({ label, onClick, danger = false }) => html`
  <button type="button" class=${danger ? "quiet small danger" : "quiet small"} onClick=${onClick}>
    ${label}
  </button>
`;

/**
 * A list or view without content.
 * @param {{ title: string, children?: any }} props
 */
export const Empty = ({ title, children }) =>
  html`
    <div class="empty"><p class="big">${title}</p>${children && html`<p>${children}</p>`}</div>
  `;

/**
 * Grey bars in place of what is being loaded.
 * @param {{ rows?: number }} props
 */
export const Skeleton = ({ rows = 6 }) =>
  html`
    <div class="skeleton" role="status" aria-label=${t("loading")}>
      ${Array.from({ length: rows }, () => html`<span></span>`)}
    </div>
  `;

/**
 * An error, and a button to try again.
 * @param {{ text: string, retry: () => void }} props
 */
export const Failed = ({ text, retry }) =>
  html`
    <div class="empty">
      <p class="problem" role="alert">${text}</p>
      <button type="button" class="quiet" onClick=${retry}>${t("tryAgain")}</button>
    </div>
  `;

/**
 * The first letters of a name, or the last digits of a phone number.
 * @param {{ name?: string | null }} props
 */
export function Avatar({ name }) {
  const digits = /^\+?[\d\s()-]*(\d\d)$/.exec(name ?? "");
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("");
  return html`
    <span class="avatar" aria-hidden="true">${digits?.[1] ?? (letters.toUpperCase() || "?")}</span>
  `;
}

/**
 * A number of unread messages.
 * @param {{ count: number }} props
 */
export const Unread = ({ count }) => html`
  <span class="badge">${number(count)}<span class="unseen"> ${t("unread")}</span></span>
`;

/**
 * The head of a view.
 * @param {{ title: string, children?: any }} props
 */
export const Head = ({ title, children }) =>
  html`<header class="head"><h1 tabindex="-1">${title}</h1>${children}</header>`;

/**
 * A search box; calls `onSearch(text)` 250 ms after the last key.
 * @param {{ label: string, value: string, onSearch: (text: string) => void, id?: string,
 *   placeholder?: string }} props
 */
export function Search({ label, value, onSearch, id, placeholder = label }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  const told = useRef(value);
  /** @param {Event & { target: HTMLInputElement }} event */
  function typed(event) {
    const wanted = event.target.value;
    setText(wanted);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch((told.current = wanted)), 250);
  }
  useEffect(() => {
    if (value === told.current) return; // somebody else has set it
    clearTimeout(timer.current);
    setText((told.current = value));
  }, [value]);
  return html`
    <div class="search">
      <${Icon} name="search" size=${18} />
      <input
        type="search"
        id=${id}
        aria-label=${label}
        placeholder=${placeholder}
        value=${text}
        maxlength="200"
        onInput=${typed}
      />
    </div>
  `;
}
