// Sign-in, and sign-in after a session has ended.

import { BELOW, PREFIX } from "../shared/api.js";
import { t } from "../shared/page.js";
import { request } from "./request.js";
import { html, useEffect, useState } from "./preact.js";
import { CodeField } from "./second-factor.js";
import { queued } from "./send-queue.js";
import { leave, signIn } from "./session.js";
import { state } from "./store.js";
import { Dialog } from "./components.js";
import { bind, Field, Form } from "./forms.js";

const { hotel, resets, staffed } = document.body.dataset;

/**
 * Signing in, in one step or two: `asked` says that the password was right and a code is needed,
 * and `attempt(values)` signs in. Errors get a text of their own, shown above the form.
 */
function useSignIn() {
  const [asked, setAsked] = useState(false);
  /** @param {{ email: string, password: string, totp: string }} values */
  async function attempt({ email, password, totp }) {
    const code = asked && totp.trim() ? { totp } : {};
    await signIn({ email: email.trim(), password, ...code }).catch((error) => {
      if (error.reason === "totp_required" && !asked) {
        setAsked(true);
        return;
      }
      explainRefusal(error, asked);
      throw error;
    });
  }
  return { asked, attempt };
}

/**
 * @param {any} error
 * @param {boolean} asked
 */
function explainRefusal(error, asked) {
  if (error.reason === "invalid_credentials") explainBy(error, t("wrongLogin"));
  else if (error.reason === "totp_invalid") explainBy(error, t("wrongCode"), "totp");
  else if (error.reason === "totp_required") explainBy(error, t("needCode"), "totp");
  else if (error.code === "VALIDATION_ERROR" && !asked) explainBy(error, t("needBoth"));
  else if (error.code === "RATE_LIMITED") explainBy(error, t("tooManyLogins"));
}

/**
 * @param {{ details: Api.Detail[] }} error
 * @param {string} message
 */
function explainBy(error, message, field = "") {
  error.details = [{ field, message }];
}

/**
 * The field for the code of the second factor, once it is asked for.
 * @param {{ form: Staff.FormState, asked: boolean, id: string }} props
 */
function SecondStep({ form, asked, id }) {
  const [recovery, setRecovery] = useState(false);
  useEffect(() => {
    if (asked) document.getElementById(id)?.focus();
  }, [asked, recovery]);
  if (!asked) return null;
  return html`
    <${CodeField}
      form=${form}
      id=${id}
      recovery=${recovery}
      hint=${t(recovery ? "recoveryHint" : "totpHint")}
    />
    <p class="help">
      <button type="button" class="link" onClick=${() => setRecovery(!recovery)}>
        ${t(recovery ? "useApp" : "useRecovery")}
      </button>
    </p>
  `;
}

export function SignIn() {
  const [help, setHelp] = useState(false);
  const [email, setEmail] = useState("");
  const { asked, attempt } = useSignIn();
  /** @param {Staff.FormState} form */
  function fields(form) {
    /** @param {string} text */
    function onEmail(text) {
      form.set("email")(text);
      setEmail(text);
    }
    return html`
      <${EmailField} form=${form} onInput=${onEmail} autofocus />
      <${PasswordField} form=${form} />
      <${SecondStep} form=${form} asked=${asked} id="totp" />
    `;
  }
  const reset = html`<${ResetLink} email=${email} />`;
  return html`
    <main class="card">
      <img class="mark" src="${BELOW}/favicon.svg" alt="" width="40" height="40" />
      <h1>${t("signInTo", { hotel })}</h1>
      ${staffed === "no" && html`<p class="notice">${t("notSetUp")}</p>`}
      <${Form}
        draft=${false}
        initial=${{ email: "", password: "", totp: "" }}
        fields=${fields}
        send=${attempt}
        label=${t("signIn")}
      />
      <${HelpButton} open=${help} onClick=${() => setHelp(!help)} />
      ${help && (resets === "yes" ? reset : html`<p class="hint">${t("forgottenAbout")}</p>`)}
      <${Links} />
    </main>
  `;
}

/** @param {{ open: boolean, onClick: () => void }} props */
const HelpButton = ({ open, onClick }) => html`
  <p class="help">
    <button type="button" class="link" aria-expanded=${open ? "true" : "false"} onClick=${onClick}>
      ${t("forgotten")}
    </button>
  </p>
`;

const Links = () => html`
  <p class="soft">
    <a href="${BELOW}/chat">${t("guestChat")}</a> · <a href="${PREFIX}/docs">${t("apiDocs")}</a>
  </p>
`;

/** @param {{ form: Staff.FormState } & Record<string, any>} props */
const EmailField = ({ form, ...more }) => html`
  <${Field} ...${bind(form, "email")} type="email" autocomplete="username" ...${more} />
`;

/** @param {{ form: Staff.FormState, id?: string }} props */
const PasswordField = ({ form, id }) => html`
  <${Field}
    ...${bind(form, "password")}
    id=${id}
    label=${t("password")}
    type="password"
    autocomplete="current-password"
  />
`;

/**
 * Asks for a link by e-mail to choose a new password. The answer does not say whether the address
 * is known.
 * @param {{ email: string }} props
 */
function ResetLink({ email }) {
  const [sent, setSent] = useState(false);
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <p class="hint">${t("resetAbout")}</p>
    <${EmailField} form=${form} id="reset-email" />
  `;
  /** @param {{ email: string }} values */
  async function send(values) {
    setSent(false);
    const body = { email: values.email.trim() };
    await request("POST", "/auth/forgotten-password", { body }).catch((error) => {
      if (error.code === "RATE_LIMITED") explainBy(error, t("resetTooMany"));
      throw error;
    });
    setSent(true);
  }
  const text = html`
    <p class="notice">${t("resetSent")}</p>
    <p class="hint">${t("resetMissing")}</p>
  `;
  return html`
    <${Form}
      draft=${false}
      className="reset"
      initial=${{ email }}
      fields=${fields}
      send=${send}
      label=${t("resetSend")}
      quiet
    />
    <div role="status">${sent && text}</div>
  `;
}

/** Sign-in in a dialog over the page, whose drafts and queued messages wait. */
export function SignInAgain() {
  const { email } = state.me;
  const { asked, attempt } = useSignIn();
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${EmailField} form=${form} id="again-email" value=${email} onInput=${undefined} readonly />
    <${PasswordField} form=${form} id="again-password" />
    <${SecondStep} form=${form} asked=${asked} id="again-totp" />
  `;
  const other = html`
    <button type="button" class="quiet" onClick=${leave}>${t("somebodyElse")}</button>
  `;
  return html`
    <${Dialog} title=${t("signInAgain")} closable=${false}>
      <p>${t(state.locked === "revoked" ? "revokedAbout" : "expiredAbout")}</p>
      ${queued().length > 0 && html`<p>${t("waitsForPassword")}</p>`}
      <p class="hint">${t("draftsKept")}</p>
      <${Form}
        draft=${false}
        initial=${{ email, password: "", totp: "" }}
        fields=${fields}
        send=${attempt}
        label=${t("signIn")}
        extra=${other}
      />
    </${Dialog}>
  `;
}
