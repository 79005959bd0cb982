// What the views are put together from.

import { t } from "../shared/page.js";
import { createContext, html, useContext, useEffect, useRef, useState } from "./preact.js";
import { explain, keys, problems } from "./request.js";
import { Icon } from "./icons.js";

// What ids begin with. A window over the page has its own: the same field may stand below it.
const Place = createContext("f");

/** A field with its label, its hint, and the place for what is wrong with it. */
export function Field({ label, name, value, onInput, problem, hint, type = "text", rows, children, id: own, ...more }) {
  const place = useContext(Place);
  const id = own ?? `${place}-${name}`;
  const said = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ") || undefined;
  const shared = { id, name, "aria-describedby": said, "aria-invalid": problem ? "true" : undefined, onInput: (event) => onInput?.(event.target.value), ...more };
  let input = html`<input type=${type} value=${value ?? ""} dir=${type === "text" ? "auto" : undefined} ...${shared} />`;
  if (children) input = html`<select value=${value ?? ""} ...${shared}>${children}</select>`;
  else if (rows) input = html`<textarea rows=${rows} value=${value ?? ""} dir="auto" ...${shared}></textarea>`;
  return html`<div class="field"><label for=${id}>${label}</label>${input}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${problem && html`<p class="problem" id=${`${id}-problem`}>${problem}</p>`}</div>`;
}

export const Option = ({ value, children }) => html`<option value=${value}>${children}</option>`;

/** A box to tick. */
export const Check = ({ label, checked, onChange, ...more }) => html`
  <label class="check"><input type="checkbox" checked=${checked} onChange=${(event) => onChange(event.target.checked)} ...${more} /><span>${label}</span></label>`;

/**
 * A form: its fields get `{values, set, wrong}`; `send(values, keyed)` asks Jack, with the key of a body from `keyed(body)`, whose refusals are shown at their fields, or above
 * the form where no field is to blame. `reload` shows what somebody else has made of it meanwhile.
 */
export function Form({ initial, send, label, fields, extra, quiet, onCancel, reload, className = "" }) {
  const [values, put] = useState(initial);
  const [wrong, setWrong] = useState({});
  const [problem, setProblem] = useState("");
  const [stale, setStale] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  const going = useRef(false);
  const [keyed] = useState(keys);
  async function submit(event) {
    event.preventDefault();
    if (going.current) return;
    going.current = true;
    setBusy(true);
    setProblem("");
    setWrong({});
    try {
      await send(values, keyed);
    } catch (error) {
      const known = problems(error);
      const here = Object.keys(known).filter((name) => form.current?.elements.namedItem(name));
      setWrong(known);
      setStale(error.status === 412);
      if (!here.length) setProblem(Object.values(known)[0] ?? explain(error));
      setTimeout(() => form.current?.querySelector("[aria-invalid=true]")?.focus());
    } finally {
      going.current = false;
      setBusy(false);
    }
  }
  const set = (name) => (value) => put((before) => ({ ...before, [name]: value }));
  return html`<form class=${className} onSubmit=${submit} novalidate ref=${form}>
    ${problem && html`<p class="notice bad" role="alert">${problem} ${stale && reload && html`<button type="button" class="link" onClick=${reload}>${t("showNow")}</button>`}</p>`}
    ${fields({ values, set, wrong, put })}
    <div class="buttons"><button type="submit" class=${quiet ? "quiet" : ""} aria-disabled=${busy ? "true" : undefined}>${busy ? t("wait") : label}</button>
      ${onCancel && html`<button type="button" class="quiet" onClick=${onCancel}>${t("cancel")}</button>`}${extra}</div></form>`;
}

/** A window over the page, closed with Escape. */
export function Dialog({ title, onClose, children, closable = true, className = "" }) {
  const element = useRef(null);
  const place = `${useContext(Place)}-over`;
  useEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.isConnected && before.focus?.();
  }, []);
  return html`<dialog class=${className} ref=${element} aria-labelledby=${`${place}-head`} onCancel=${(event) => { event.preventDefault(); if (closable) onClose(); }}>
    <header><h2 id=${`${place}-head`}>${title}</h2>${closable && html`<button type="button" class="icon" onClick=${onClose} aria-label=${t("close")}><${Icon} name="close" /></button>`}</header>
    <${Place.Provider} value=${place}>${children}</${Place.Provider}></dialog>`;
}

/** Nothing here, said kindly. */
export const Empty = ({ title, children }) => html`<div class="empty"><p class="big">${title}</p>${children && html`<p>${children}</p>`}</div>`;

/** Where something will be in a moment. */
export const Skeleton = ({ rows = 6 }) => html`<div class="skeleton" role="status" aria-label=${t("loading")}>${Array.from({ length: rows }, () => html`<span></span>`)}</div>`;

/** Something failed, and the way to try it again. */
export const Failed = ({ text, retry }) => html`<div class="empty"><p class="problem" role="alert">${text}</p><button type="button" class="quiet" onClick=${retry}>${t("tryAgain")}</button></div>`;

/** The first letters of a name; of a number, its last digits. */
export function Avatar({ name }) {
  const number = /^\+?[\d\s()-]*(\d\d)$/.exec(name ?? "");
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("");
  return html`<span class="avatar" aria-hidden="true">${number?.[1] ?? (letters.toUpperCase() || "?")}</span>`;
}

/** The head of a view. */
export const Head = ({ title, children }) => html`<header class="head"><h1 tabindex="-1">${title}</h1>${children}</header>`;

/** A box to search in. It asks when the typing rests. */
export function Search({ label, value, onSearch, id, placeholder = label }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  function typed(event) {
    setText(event.target.value);
    clearTimeout(timer.current);
    const wanted = event.target.value;
    timer.current = setTimeout(() => onSearch(wanted), 250);
  }
  return html`<div class="search"><${Icon} name="search" size=${18} /><input type="search" id=${id} aria-label=${label} placeholder=${placeholder} value=${text} maxlength="200" onInput=${typed} /></div>`;
}
