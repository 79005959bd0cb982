// The staff member's second factor: setting it up, what is left of it, turning it off.

import { t } from "../shared/page.js";
import { explain, newId, request } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { moment } from "./format.js";
import { leave, signOut } from "./session.js";
import { notice, state } from "./store.js";
import { Dialog, Failed, Skeleton } from "./components.js";
import { bind, Field, Form, FormDialog } from "./forms.js";
import { RecoveryCodes } from "./recovery-codes.js";

/**
 * A field for a code of the app, or for a recovery code.
 * @param {{ form: Staff.FormState, recovery?: boolean, id?: string, hint?: string }} props
 */
export const CodeField = ({ form, recovery = false, ...more }) => html`
  <${Field}
    ...${bind(form, "totp")}
    label=${t(recovery ? "recoveryCode" : "totpCode")}
    inputmode=${recovery ? "text" : "numeric"}
    autocomplete=${recovery ? "off" : "one-time-code"}
    autocapitalize="off"
    spellcheck=${false}
    maxlength="64"
    dir="ltr"
    ...${more}
  />
`;

/**
 * Words the errors of a code and of a password at their fields.
 * @param {any} error
 * @returns {never}
 */
export function explainCode(error) {
  if (error.reason === "totp_invalid") {
    error.details = [{ field: "totp", message: t("wrongCode") }];
  }
  if (error.reason === "invalid_credentials") {
    error.details = [{ field: "password", message: t("wrongPassword") }];
  }
  throw error;
}

/** @param {{ onChanged: () => void }} props */
export function SecondFactor({ onChanged }) {
  const [factor, setFactor] = useState(/** @type {Api.SecondFactor | null} */ (null));
  const [problem, setProblem] = useState("");
  const [open, setOpen] = useState("");
  async function read() {
    setProblem("");
    try {
      setFactor((await request("GET", "/auth/totp")).data);
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => {
    read();
  }, []);
  if (problem) return html`<${Failed} text=${problem} retry=${read} />`;
  if (!factor) return html`<${Skeleton} rows=${2} />`;
  function close() {
    setOpen("");
    read();
    onChanged();
  }
  const action = factor.enabled ? "off" : "on";
  return html`
    <div class="set-up">
      <p class="hint">${t("secondFactorAbout")}</p>
      ${factor.enabled && html`<${Enabled} factor=${factor} />`}
      ${factor.required && html`<p class="hint">${t("secondFactorRequired")}</p>`}
    </div>
    <p class="buttons">
      <button type="button" class="quiet" onClick=${() => setOpen(action)}>
        ${t(factor.enabled ? "turnOff" : "setUp")}
      </button>
    </p>
    ${open === "on" && html`<${SetUpDialog} onClose=${close} />`}
    ${open === "off" && html`<${TurnOffDialog} onClose=${close} />`}
  `;
}

/** @param {{ factor: Api.SecondFactor }} props */
const Enabled = ({ factor: { enabledAt, recoveryCodesLeft } }) => html`
  <p><strong>${t("secondFactorOn", { when: enabledAt ? moment(enabledAt) : "" })}</strong></p>
  <p class=${recoveryCodesLeft < 3 ? "problem" : "hint"}>
    ${t("recoveryCodesLeft", { count: `${recoveryCodesLeft}` })}
    ${recoveryCodesLeft < 3 && ` ${t("recoveryCodesFew")}`}
  </p>
`;

/** @param {{ onClose: () => void }} props */
function TurnOffDialog({ onClose }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field}
      ...${bind(form, "password")}
      label=${t("currentPassword")}
      type="password"
      autocomplete="current-password"
    />
    <${CodeField} form=${form} hint=${t("codeOrRecovery")} />
  `;
  /** @param {object} body */
  async function send(body) {
    await request("DELETE", "/auth/totp", { body }).catch(explainCode);
    notice(t("secondFactorTurnedOff"));
    onClose();
  }
  return html`
    <${FormDialog}
      draft=${false}
      title=${t("turnOffFactor")}
      onClose=${onClose}
      initial=${{ password: "", totp: "" }}
      fields=${fields}
      send=${send}
      label=${t("turnOff")}
    >
      <p>${t("turnOffAbout")}</p>
    </${FormDialog}>
  `;
}

/** @param {{ onClose: () => void }} props */
function SetUpDialog({ onClose }) {
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  return html`
    <${Dialog} title=${t(codes ? "recoveryCodes" : "setUpFactor")} onClose=${onClose} closable=${!codes}>
      ${
        codes
          ? html`<${RecoveryCodes} codes=${codes} onDone=${onClose} />`
          : html`<${SetUp} onCodes=${setCodes} onCancel=${onClose} />`
      }
    </${Dialog}>
  `;
}

/** Over the page of who must have a second factor and has none: there is nothing else to do. */
export function SetUpRequired() {
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  const out = html`
    <button type="button" class="quiet" onClick=${() => signOut().catch(leave)}>
      ${t("signOut")}
    </button>
  `;
  return html`
    <${Dialog}
      title=${t(codes ? "recoveryCodes" : "setUpFactor")}
      onClose=${() => undefined}
      closable=${false}
    >
      ${
        codes
          ? html`<${RecoveryCodes} codes=${codes} onDone=${() => location.reload()} />`
          : html`
              <div class="set-up">
                <p class="notice">${t("setUpRequiredAbout")}</p>
                <${SetUp} onCodes=${setCodes} extra=${out} />
              </div>
            `
      }
    </${Dialog}>
  `;
}

/**
 * A new secret as a QR code and in words, and a form for the first code of the app.
 * @param {{ onCodes: (codes: string[]) => void, onCancel?: () => void, extra?: any }} props
 */
function SetUp({ onCodes, onCancel, extra }) {
  const [made, setMade] = useState(/** @type {Api.PendingTotp | null} */ (null));
  const [problem, setProblem] = useState("");
  async function begin() {
    setProblem("");
    try {
      setMade((await request("POST", "/auth/totp", { key: newId() })).data);
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => {
    begin();
  }, []);
  if (problem) return html`<${Failed} text=${problem} retry=${begin} />${extra}`;
  if (!made) return html`<${Skeleton} rows=${4} />`;
  /**
   * With a key: when its answer is lost on the way, the same codes are answered again.
   * @param {{ totp: string }} body
   * @param {(body: object) => string} keyFor
   */
  async function send(body, keyFor) {
    const key = keyFor(body);
    const { data } = await request("POST", "/auth/totp/confirm", { body, key }).catch(explainCode);
    onCodes(data.recoveryCodes);
  }
  return html`
    <${Secret} made=${made} />
    <${Form}
      draft=${false}
      initial=${{ totp: "" }}
      fields=${(/** @type {Staff.FormState} */ form) => html`<${CodeField} form=${form} />`}
      send=${send}
      label=${t("turnOn")}
      onCancel=${onCancel}
      extra=${extra}
    />
  `;
}

/** @param {{ made: Api.PendingTotp }} props */
const Secret = ({ made: { secret, otpauthUri, qrCode } }) => html`
  <div class="set-up">
  <p>${t("scanAbout")}</p>
  <p class="qr-code"><img src=${qrCode} alt=${t("qrCode", { email: state.me.email })} /></p>
  <p class="hint">
    ${t("typeInstead")} <code class="secret" dir="ltr">${secret.match(/.{1,4}/g)?.join(" ")}</code>
  </p>
  <p><a href=${otpauthUri}>${t("openApp")}</a></p>
  </div>
`;
