// What is known of a guest: read first, and changed where it stands, one thing at a time.

import { t } from "../../shared/page.js";
import { languageName } from "../format.js";
import { bind, Field, fieldLabel, Form } from "../forms.js";
import { Icon } from "../icons.js";
import { isKept, putKept, takeKept } from "../kept-values.js";
import { Picker } from "../pickers.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { request } from "../request.js";
import { notice } from "../store.js";

/** @typedef {(answer?: Api.Answer) => Promise<void>} Changed */
/** @typedef {{ tag: string | null, before: string }} Begun the guest when typing began */
/** @typedef {"name" | "email" | "phone" | "language" | "tags" | "notes"} Name */

/**
 * How each is typed.
 * @type {Record<Name, (form: Staff.FormState) => any>}
 */
const INPUTS = {
  name: (form) => html`<${Field} ...${bind(form, "name")} maxlength="200" required />`,
  email: (form) => html`<${Field} ...${bind(form, "email")} type="email" />`,
  phone: (form) => html`
    <${Field} ...${bind(form, "phone")} type="tel" hint=${t("phoneHint")} />
  `,
  language: (form) => html`<${Picker} form=${form} name="language" />`,
  tags(form) {
    const wrong = Object.keys(form.wrong).find((name) => name.startsWith("tags.")) ?? "tags";
    return html`
      <${Field} ...${bind(form, "tags")} problem=${form.wrong[wrong]} hint=${t("tagsHint")} />
    `;
  },
  notes: (form) => html`<${Field} ...${bind(form, "notes")} rows="4" />`,
};

/**
 * As it is typed.
 * @param {Api.Guest} guest
 * @param {Name} name
 */
const typed = (guest, name) => (name === "tags" ? guest.tags.join(", ") : (guest[name] ?? ""));

/**
 * As the API takes what was typed.
 * @param {Name} name
 * @param {string} text
 */
function written(name, text) {
  if (name === "tags") return text.split(",").flatMap((tag) => tag.trim() || []);
  if (name === "notes") return text || null;
  return text.trim() || (name === "name" ? "" : null);
}

/**
 * Writes one thing alone, and gives the answer. What a colleague has changed meanwhile stays; the
 * same thing is not written over: then this fails as the API says it.
 * @param {string} id
 * @param {Begun} begun
 * @param {Name} name
 * @param {string} text
 */
async function save(id, { tag, before }, name, text) {
  const path = `/guests/${id}`;
  const body = { [name]: written(name, text) };
  try {
    return await request("PATCH", path, { body, match: tag });
  } catch (error) {
    if (/** @type {any} */ (error).status !== 412) throw error;
    const now = await request("GET", path);
    if (typed(now.data, name) !== before) throw error;
    return request("PATCH", path, { body, match: now.tag });
  }
}

/**
 * Whether something is being typed, and what the keys and buttons around it do. What was typed
 * before, and not saved, is opened again.
 * @param {string} draft
 */
function useEditing(draft) {
  const [editing, setEditing] = useState(() => isKept(draft));
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const moved = useRef(false); // the focus goes where the work goes on
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const wanted = editing ? "input, textarea, select" : "button.pencil";
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(wanted))?.focus();
  }, [editing]);
  /** @param {boolean} on */
  function put(on) {
    moved.current = true;
    setEditing(on);
  }
  /** @param {KeyboardEvent} event Escape gives back what was there */
  function onKeyDown(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault(); // a dialog around it stays open
    event.stopPropagation();
    const kept = takeKept(draft);
    put(false);
    if (!kept) return;
    notice(t("kept.discarded"), "", () => {
      putKept(draft, kept);
      put(true);
    });
  }
  return { editing, box, put, onKeyDown };
}

/**
 * One thing of a guest, with a pencil. `children` is how it is read; `onChanged` shows the answer
 * to what was written, or without one reads the guest again.
 * @param {{ guest: Api.Guest, tag: string | null, name: Name, onChanged: Changed,
 *   children?: any }} props
 */
export function Fact({ guest, tag, name, onChanged, children }) {
  const draft = `guest:${guest.id}:${name}`;
  const { editing, box, put, onKeyDown } = useEditing(draft);
  const begun = useRef(/** @type {Begun | null} */ (null)); // the guest may be read again meanwhile
  if (!editing) {
    begun.current = null;
    return html`
      <div class="fact" data-name=${name} ref=${box}>
        <div class="read">${children}</div>
        <${Pencil} name=${name} onClick=${() => put(true)} />
      </div>
    `;
  }
  const from = (begun.current ??= { tag, before: typed(guest, name) });
  /** @param {Api.Answer} [answer] */
  async function shown(answer) {
    await onChanged(answer);
    put(false);
  }
  /** @param {Record<string, string>} values */
  async function send(values) {
    await shown(await save(guest.id, from, name, values[name]));
  }
  return html`
    <div class="fact" data-name=${name} ref=${box} onKeyDown=${onKeyDown}>
      <${Form}
        draft=${draft}
        initial=${{ [name]: typed(guest, name) }}
        fields=${INPUTS[name]}
        send=${send}
        reload=${() => shown()}
        label=${t("save")}
        onCancel=${() => put(false)}
      />
    </div>
  `;
}

/** @param {{ name: Name, onClick: () => void }} props */
function Pencil({ name, onClick }) {
  const label = t("editField", { field: fieldLabel(name) });
  return html`
    <button type="button" class="icon pencil" title=${label} aria-label=${label} onClick=${onClick}>
      <${Icon} name="pencil" size=${16} />
    </button>
  `;
}

/** @param {{ guest: Api.Guest, tag: string | null, onChanged: Changed }} props */
export function Facts(props) {
  const { notes, tags, language, email, phone } = props.guest;
  /** @type {[Name, any][]} */
  const facts = [
    ["notes", notes && html`<p class="guest-notes" dir="auto">${notes}</p>`],
    ["tags", tags.length > 0 && html`<${Tags} tags=${tags} />`],
    ["language", language && languageName(language)],
    ["email", email && html`<bdi>${email}</bdi>`],
    ["phone", phone && html`<bdi>${phone}</bdi>`],
  ];
  return html`
    <dl class="facts-of-guest">
      ${facts.map(
        ([name, read]) => html`
          <div key=${name}>
            <dt>${fieldLabel(name)}</dt>
            <dd><${Fact} ...${props} name=${name}>${read || "–"}</${Fact}></dd>
          </div>
        `,
      )}
    </dl>
  `;
}

/** @param {{ tags: string[] }} props */
const Tags = ({ tags }) => html`
  <ul class="tags">${tags.map((tag) => html`<li key=${tag} dir="auto">${tag}</li>`)}</ul>
`;
