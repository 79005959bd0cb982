// Signing in, and signing in again where one was.

import { t } from "../shared/page.js";
import { ask } from "./request.js";
import { html, useState } from "./preact.js";
import { leave, signIn } from "./session.js";
import { state } from "./store.js";
import { Dialog, Field, Form } from "./components.js";

const { hotel, letters, staffed } = document.body.dataset;

/** Signs in; what Jack says against it in the reader's words. */
async function attempt({ email, password }) {
  try {
    await signIn(email.trim(), password);
  } catch (error) {
    if (error.reason === "invalid_credentials") error.details = [{ field: "", message: t("wrongLogin") }];
    else if (error.status === 400) error.details = [{ field: "", message: t("needBoth") }];
    else if (error.status === 429) error.details = [{ field: "", message: t("tooManyLogins") }];
    throw error;
  }
}

export function SignIn() {
  const [help, setHelp] = useState(false);
  const [email, setEmail] = useState("");
  const fields = ({ values, set, wrong }) => html`
    <${Field} label=${t("fields.email")} name="email" type="email" autocomplete="username" value=${values.email} onInput=${(text) => { set("email")(text); setEmail(text); }} problem=${wrong.email} autofocus />
    <${Field} label=${t("password")} name="password" type="password" autocomplete="current-password" value=${values.password} onInput=${set("password")} problem=${wrong.password} />`;
  return html`<main class="card"><img class="mark" src="/favicon.svg" alt="" width="40" height="40" />
    <h1>${t("signInTo", { hotel })}</h1>
    ${staffed === "no" && html`<p class="notice">${t("notSetUp")}</p>`}
    <${Form} initial=${{ email: "", password: "" }} fields=${fields} send=${attempt} label=${t("signIn")} />
    <p class="help"><button type="button" class="link" aria-expanded=${help ? "true" : "false"} onClick=${() => setHelp(!help)}>${t("forgotten")}</button></p>
    ${help && (letters === "yes" ? html`<${Letter} email=${email} />` : html`<p class="hint">${t("forgottenAbout")}</p>`)}
    <p class="soft"><a href="/chat">${t("guestChat")}</a> · <a href="/api/v1/docs">${t("apiDocs")}</a></p></main>`;
}

/** A link by e-mail, for whoever has forgotten their password. Whether the address is known, nobody is told. */
function Letter({ email }) {
  const [sent, setSent] = useState(false);
  const fields = ({ values, set, wrong }) => html`<p class="hint">${t("letterAbout")}</p>
    <${Field} id="letter-email" label=${t("fields.email")} name="email" type="email" autocomplete="username" value=${values.email} onInput=${set("email")} problem=${wrong.email} />`;
  async function send({ email }) {
    setSent(false);
    try {
      await ask("POST", "/auth/forgotten-password", { body: { email: email.trim() } });
    } catch (error) {
      if (error.status === 429) error.details = [{ field: "", message: t("tooManyLetters") }];
      throw error;
    }
    setSent(true);
  }
  return html`<${Form} className="letter" initial=${{ email }} fields=${fields} send=${send} label=${t("sendLetter")} quiet />
    <div role="status">${sent && html`<p class="notice">${t("letterSent")}</p><p class="hint">${t("letterMissing")}</p>`}</div>`;
}

/** Over the page, whose drafts and messages wait meanwhile. */
export function Again() {
  const fields = ({ values, set, wrong }) => html`
    <${Field} id="again-email" label=${t("fields.email")} name="email" type="email" autocomplete="username" value=${state.me.email} readonly />
    <${Field} id="again-password" label=${t("password")} name="password" type="password" autocomplete="current-password" value=${values.password} onInput=${set("password")} problem=${wrong.password} />`;
  return html`<${Dialog} title=${t("signInAgain")} closable=${false}><p>${t(state.locked === "revoked" ? "revokedAbout" : "expiredAbout")}</p>
    <${Form} initial=${{ email: state.me.email, password: "" }} fields=${fields} send=${attempt} label=${t("signIn")} extra=${html`<button type="button" class="quiet" onClick=${leave}>${t("somebodyElse")}</button>`} /></${Dialog}>`;
}

