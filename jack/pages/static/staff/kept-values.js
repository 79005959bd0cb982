// What is typed into forms is kept in this browser until it is saved or discarded: the fields that
// were changed, with what they were before. Secrets are never kept.

import { t } from "../shared/page.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { leave, setLosing } from "./leaving.js";
import { getItem, setItem } from "./local-storage.js";
import { notice, state } from "./store.js";

export { leave };

/** @type {{ values: Staff.Values, base: Staff.Values }} */
const NOTHING = { values: {}, base: {} };

/** What is on its way from a form: one drawn anew meanwhile finds only what was typed since. */
const onTheWay = /** @type {Map<string, Staff.Values>} */ (new Map());

/** @param {any} one @param {any} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * @param {Staff.Values} values
 * @param {string[]} names
 * @returns {Staff.Values}
 */
const pick = (values, names) => Object.fromEntries(names.map((name) => [name, values[name]]));

/**
 * The key of a form: `draft`, or where it stands and what its fields are.
 * @param {string | boolean | undefined} draft
 * @param {Staff.Values} initial
 */
function keyOf(draft, initial) {
  const { view, id } = state.route;
  const name = draft || `${view}/${id ?? ""}:${Object.keys(initial).sort().join()}`;
  return `draft:form:${name}`;
}

/**
 * What was typed into a form and still differs from what it shows.
 * @param {string} key
 * @param {Staff.Values} initial
 * @returns {{ values: Staff.Values, base: Staff.Values }}
 */
function read(key, initial) {
  const { values, base } = getItem(key, NOTHING);
  const sent = onTheWay.get(key);
  const names = Object.keys(values).filter(
    (name) => !same(values[name], initial[name] ?? "") && !(sent && same(values[name], sent[name])),
  );
  return { values: pick(values, names), base: pick(sent ?? base, names) };
}

/**
 * Keeps what differs from what the form began with; whether all of it is kept.
 * @param {string} key
 * @param {Staff.Values} initial
 * @param {Staff.Values} values
 * @param {HTMLFormElement | null} form
 */
function store(key, initial, values, form) {
  const changed = Object.keys(values).filter((name) => !same(values[name], initial[name]));
  const open = changed.filter((name) => !isSecret(form, name));
  const kept = { values: pick(values, open), base: pick(initial, open) };
  const stored = setItem(key, open.length ? kept : null);
  return { changed: changed.length > 0, all: stored && open.length === changed.length };
}

/**
 * @param {HTMLFormElement | null} form
 * @param {string} name
 */
const isSecret = (form, name) =>
  /** @type {any} */ (form?.elements.namedItem(name))?.type === "password";

/**
 * Notes what is on its way from a form; null: nothing any more.
 * @param {string} key
 * @returns {(sent: Staff.Values | null) => void}
 */
const sendingOf = (key) => (sent) => void (sent ? onTheWay.set(key, sent) : onTheWay.delete(key));

/**
 * The values of a form, kept while they differ from `initial`. `kept` says how: "" (nothing to
 * keep), "here" (on this device), "partly" (not all of it, so that leaving asks). `overtaken`: one
 * of the fields has been changed by somebody else. With `draft` false nothing is kept or asked.
 * @param {Staff.Values} initial
 * @param {string | boolean | undefined} draft
 * @param {import("preact").RefObject<HTMLFormElement>} form
 */
export function useKept(initial, draft, form) {
  const [first] = useState(initial);
  const [key] = useState(() => (draft === false ? "" : keyOf(draft, initial)));
  const [found] = useState(() => (key ? read(key, first) : NOTHING));
  const latest = useRef(/** @type {Staff.Values} */ ({ ...first, ...found.values }));
  const [values, show] = useState(latest.current);
  const [kept, setKept] = useState(Object.keys(found.values).length ? "here" : "");
  const [overtaken, setOvertaken] = useState(
    Object.keys(found.base).some((name) => !same(found.base[name], first[name])),
  );
  /** @param {Staff.Values | ((before: Staff.Values) => Staff.Values)} next */
  function put(next) {
    latest.current = typeof next === "function" ? next(latest.current) : next;
    show(latest.current);
    if (!key) return;
    const { changed, all } = store(key, first, latest.current, form.current);
    setKept(changed ? (all ? "here" : "partly") : "");
    setLosing(form.current, changed && !all);
  }
  function forget() {
    if (key) setItem(key, null);
    setKept("");
    setOvertaken(false);
    setLosing(form.current, false);
  }
  /** @param {Staff.Values} sent what has been typed since is all that is kept */
  function settle(sent) {
    if (key && !same(latest.current, sent)) store(key, sent, latest.current, form.current);
    else forget();
  }
  /** Goes back to what the form began with. */
  function discard() {
    const typed = latest.current;
    put(first);
    forget();
    notice(t("kept.discarded"), "", () => put(typed));
  }
  useEffect(() => {
    const element = form.current;
    return () => setLosing(element, false);
  }, []);
  return { values, put, kept, overtaken, forget, sending: sendingOf(key), settle, discard };
}

/** Whether something is kept under this name. @param {string} draft */
export const isKept = (draft) => getItem(`draft:form:${draft}`, null) !== null;

/** What is kept under this name, which is kept no longer. @param {string} draft */
export function takeKept(draft) {
  const kept = getItem(`draft:form:${draft}`, null);
  setItem(`draft:form:${draft}`, null);
  return kept;
}

/** Keeps again what was taken. @param {string} draft @param {any} kept */
export const putKept = (draft, kept) => setItem(`draft:form:${draft}`, kept);

/**
 * Says what has become of what is typed.
 * @param {Pick<ReturnType<typeof useKept>, "kept" | "overtaken" | "discard">} props
 */
export const Kept = ({ kept, overtaken, discard }) => html`
  <div aria-live="polite">
    ${
      kept &&
      html`
        <p class="hint kept">
          ${t(`kept.${kept}`)} ${overtaken && t("kept.overtaken")}${" "}
          <button type="button" class="link" onClick=${discard}>${t("kept.discard")}</button>
        </p>
      `
    }
  </div>
`;
