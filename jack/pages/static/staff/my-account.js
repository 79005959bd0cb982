// One's own: language, sound, shortcuts, password, signing out.

import { language, t } from "../shared/page.js";
import { wantSound, wantsSound } from "./alerts.js";
import { ask } from "./request.js";
import { html, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { useShortcuts } from "./shortcuts.js";
import { to } from "./router.js";
import { all } from "./send-queue.js";
import { signOut } from "./session.js";
import { departmentName, notice, state } from "./store.js";
import { Check, Dialog, Field, Form, Head, Option } from "./components.js";

const LANGUAGES = JSON.parse(document.body.dataset.languages);

export function Me() {
  const [sound, setSound] = useState(wantsSound());
  const [shortcuts, setShortcuts] = useShortcuts();
  const [leaving, setLeaving] = useState(null);
  const { me } = state;
  function speak(name) {
    document.cookie = `language=${name}; Path=/; Max-Age=31536000; SameSite=Strict`;
    location.reload();
  }
  return html`<div class="page"><${Head} title=${me.name} />
    <p class="hint">${me.email} · ${t(`roles.${me.role}`)}${me.department ? ` · ${departmentName(me.department)}` : ""}</p>
    <nav class="elsewhere" aria-label=${t("rest")}>${["staff", "settings"].map((name) => html`<a key=${name} href=${to(name)}><${Icon} name=${name} />${t(`views.${name}`)}</a>`)}</nav>
    <div class="cards"><section><h2>${t("wishes")}</h2>
      <${Field} label=${t("fields.language")} name="page-language" value=${language} onInput=${speak}>${Object.entries(LANGUAGES).map(([name, words]) => html`<${Option} key=${name} value=${name}>${words}</${Option}>`)}</${Field}>
      <${Check} label=${t("sound")} checked=${sound} onChange=${(on) => { wantSound(on); setSound(on); }} />
      <${Check} label=${t("shortcutsOn")} checked=${shortcuts} onChange=${setShortcuts} /></section>
    <section><h2>${t("password")}</h2><${Password} /></section>
    <section><h2>${t("signOut")}</h2><div class="buttons"><button type="button" class="quiet" onClick=${() => setLeaving("here")}>${t("signOut")}</button>
      <button type="button" class="quiet" onClick=${() => setLeaving("everywhere")}>${t("signOutEverywhere")}</button></div></section></div>
    ${leaving && html`<${Leave} everywhere=${leaving === "everywhere"} onClose=${() => setLeaving(null)} />`}</div>`;
}

function Leave({ everywhere, onClose }) {
  const unsent = all().length;
  async function go() {
    await signOut(everywhere);
  }
  return html`<${Dialog} title=${t(everywhere ? "signOutEverywhere" : "signOut")} onClose=${onClose}>
    <p>${t(everywhere ? "signOutEverywhereAbout" : "signOutAbout")}</p>${unsent > 0 && html`<p class="notice bad">${t("unsentLost")}</p>`}
    <${Form} initial=${{}} fields=${() => null} send=${go} label=${t("signOut")} onCancel=${onClose} /></${Dialog}>`;
}

function Password() {
  const [turn, setTurn] = useState(0);
  const fields = ({ values, set, wrong }) => html`
    <input type="email" class="unseen" autocomplete="username" value=${state.me.email} readonly tabindex="-1" aria-hidden="true" />
    <${Field} label=${t("currentPassword")} name="currentPassword" type="password" autocomplete="current-password" value=${values.currentPassword} onInput=${set("currentPassword")} problem=${wrong.currentPassword} />
    <${Field} label=${t("newPassword")} name="newPassword" type="password" autocomplete="new-password" value=${values.newPassword} onInput=${set("newPassword")} problem=${wrong.newPassword} hint=${t("passwordHint")} />`;
  async function send(body) {
    try {
      await ask("PUT", "/auth/password", { body });
    } catch (error) {
      if (error.reason === "invalid_credentials") error.details = [{ field: "currentPassword", message: t("wrongPassword") }];
      throw error;
    }
    notice(t("passwordChanged"));
    setTurn(turn + 1);
  }
  return html`<${Form} key=${turn} initial=${{ currentPassword: "", newPassword: "" }} fields=${fields} send=${send} label=${t("changePassword")} quiet />`;
}

