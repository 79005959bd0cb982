// Forms: fields with their labels and errors, and one request at a time.

import { hasText, t } from "../shared/page.js";
import { Dialog, IdPrefix } from "./components.js";
import { Kept, useKept } from "./kept-values.js";
import { html, useContext, useRef, useState } from "./preact.js";
import { explain, fieldErrors, idempotencyKeys } from "./request.js";

/**
 * @typedef {{ label: string, name: string, value: any, onInput?: (value: string) => void,
 *   problem?: string, hint?: string, type?: string, rows?: string | number, children?: any,
 *   id?: string }} FieldProps
 */

/**
 * An input with its label, hint and error: a select when it has children, a textarea with `rows`.
 * @param {FieldProps} props
 */
export function Field({ label, hint, problem, id: own, ...input }) {
  const prefix = useContext(IdPrefix);
  const id = own ?? `${prefix}-${input.name}`;
  const describedBy = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <${Input}
        id=${id}
        aria-describedby=${describedBy || undefined}
        aria-invalid=${problem ? "true" : undefined}
        ...${input}
      />
      ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
      ${problem && html`<p class="problem" id=${`${id}-problem`}>${problem}</p>`}
    </div>
  `;
}

/** @param {Omit<FieldProps, "label" | "hint" | "problem">} props */
function Input({ value, onInput, type = "text", rows, children, ...more }) {
  const shared = {
    value: value ?? "",
    ...more,
    /** @param {Event & { target: HTMLInputElement }} event */
    onInput: (event) => onInput?.(event.target.value),
  };
  if (children) return html`<select ...${shared}>${children}</select>`;
  if (rows) return html`<textarea rows=${rows} dir="auto" ...${shared}></textarea>`;
  return html`
    <input type=${type} dir=${type === "text" ? "auto" : undefined} ...${shared} />
  `;
}

/**
 * A field's label, or its name where there is no text.
 * @param {string} name
 */
export const fieldLabel = (name) => (hasText(`fields.${name}`) ? t(`fields.${name}`) : name);

/**
 * The props of a field that shows and changes the form's value `name`.
 * @param {Staff.FormState} form
 * @param {string} name
 */
export const bind = ({ values, set, wrong }, name) => ({
  name,
  label: fieldLabel(name),
  value: values[name],
  onInput: set(name),
  problem: wrong[name],
});

/** @param {{ value: string, children: any }} props */
export const Option = ({ value, children }) => html`
  <option value=${value}>${children}</option>
`;

/**
 * The options of a select.
 * @param {{ items: [value: string, label: string][] }} props
 */
export const Options = ({ items }) =>
  items.map(
    ([value, label]) => html`
      <${Option} key=${value} value=${value}>${label}</${Option}>
    `,
  );

/**
 * A checkbox.
 * @param {{ label: string, checked: boolean, onChange: (on: boolean) => void,
 *   name?: string }} props
 */
export const Check = ({ label, checked, onChange, ...more }) => html`
  <label class="check">
    <input
      type="checkbox"
      checked=${checked}
      onChange=${(/** @type {any} */ event) => onChange(event.target.checked)}
      ...${more}
    />
    <span>${label}</span>
  </label>
`;

/**
 * Sends a form's values once at a time, and keeps what went wrong.
 * @param {(values: Staff.Values, keyFor: (body: object) => string) => Promise<void>} send
 * @param {import("preact").RefObject<HTMLFormElement>} form
 * @param {Pick<ReturnType<typeof useKept>, "sending" | "settle">} draft
 */
function useSubmit(send, form, { sending, settle }) {
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState("");
  const [outdated, setOutdated] = useState(false);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const [keyFor] = useState(idempotencyKeys);
  /** @param {any} error */
  function show(error) {
    const errors = fieldErrors(error);
    const here = Object.keys(errors).filter((name) => form.current?.elements.namedItem(name));
    setWrong(errors);
    setOutdated(error.status === 412);
    if (!here.length) setProblem(Object.values(errors)[0] ?? explain(error));
    const first = "[aria-invalid=true]";
    setTimeout(() => /** @type {any} */ (form.current?.querySelector(first))?.focus());
  }
  /** @param {Staff.Values} values */
  async function submit(values) {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem("");
    setWrong({});
    sending(values);
    await send(values, keyFor).then(() => settle(values), show);
    sending(null);
    running.current = false;
    setBusy(false);
  }
  return { wrong, problem, outdated, busy, submit };
}

/**
 * A form. `fields(form)` draws its fields; `send(values, keyFor)` calls the API, with the
 * Idempotency-Key of a body from `keyFor(body)`. Errors are shown at their fields, or above the
 * form. `reload` shows what somebody else has changed meanwhile. What is typed is kept on this
 * device, under the name `draft`, else by address and fields; not at all with `draft` false.
 * `faults` are errors of fields that are known from elsewhere.
 * @param {{ initial: Staff.Values, send: (values: any, keyFor: any) => Promise<void>,
 *   label: string, fields: (form: Staff.FormState) => any, extra?: any, quiet?: boolean,
 *   onCancel?: () => void, reload?: () => void, className?: string,
 *   draft?: string | false, faults?: Record<string, string> }} props
 */
export function Form({ initial, send, fields, reload, className = "", draft, faults, ...buttons }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const { values, put, forget, sending, settle, ...kept } = useKept(initial, draft, form);
  const { wrong, problem, outdated, busy, submit } = useSubmit(send, form, { sending, settle });
  /** @type {(name: string) => (value: any) => void} */
  const set = (name) => (value) => put((before) => ({ ...before, [name]: value }));
  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    submit(values);
  }
  function showNow() {
    forget();
    reload?.();
  }
  const again = html`
    <button type="button" class="link" onClick=${showNow}>${t("showNow")}</button>
  `;
  return html`
    <form class=${className} onSubmit=${onSubmit} novalidate ref=${form}>
      ${
        problem &&
        html`<p class="notice bad" role="alert">${problem} ${outdated && reload && again}</p>`
      }
      ${fields({ values, set, wrong: { ...faults, ...wrong }, put })}
      <${Buttons} busy=${busy} forget=${forget} ...${buttons} />
      <${Kept} ...${kept} overtaken=${Boolean(kept.overtaken && reload)} />
    </form>
  `;
}

/**
 * @param {{ busy: boolean, label: string, forget: () => void, quiet?: boolean,
 *   onCancel?: () => void, extra?: any }} props
 */
const Buttons = ({ busy, label, forget, quiet, onCancel, extra }) => html`
  <div class="buttons">
    <button type="submit" class=${quiet ? "quiet" : ""} aria-disabled=${busy ? "true" : undefined}>
      ${busy ? t("wait") : label}
    </button>
    ${
      onCancel &&
      html`
        <button
          type="button"
          class="quiet"
          onClick=${() => {
            forget();
            onCancel();
          }}
        >
          ${t("cancel")}
        </button>
      `
    }
    ${extra}
  </div>
`;

/**
 * A form in a dialog; the other props are those of Form.
 * @param {{ title: string, onClose: () => void, children?: any } & Record<string, any>} props
 */
export const FormDialog = ({ title, onClose, children, ...form }) => html`
  <${Dialog} title=${title} onClose=${onClose}>
    ${children}
    <${Form} onCancel=${onClose} ...${form} />
  </${Dialog}>
`;

/**
 * A dialog that asks before it calls `send`.
 * @param {{ title: string, text: string, send: () => Promise<void>, onClose: () => void,
 *   children?: any }} props
 */
export const ConfirmDialog = ({ title, text, send, onClose, children = null }) => html`
  <${FormDialog}
    title=${title}
    onClose=${onClose}
    initial=${{}}
    fields=${() => null}
    send=${send}
    label=${title}
  >
    <p dir="auto">${text}</p>
    ${children}
  </${FormDialog}>
`;
