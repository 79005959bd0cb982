// The signed-in staff member: language, sound, shortcuts, password, second factor, devices,
// sign-out.

import { BELOW } from "../../shared/api.js";
import { language, t } from "../../shared/page.js";
import { setSoundOn, soundOn } from "../alerts.js";
import { EnterChoice } from "../enter-key.js";
import { Health } from "../health.js";
import { request } from "../request.js";
import { html, useState } from "../preact.js";
import { Icon } from "../icons.js";
import { useShortcuts } from "../shortcuts.js";
import { chosenHours, HOURS } from "../format.js";
import { setItem } from "../local-storage.js";
import { linkTo } from "../router.js";
import { queued } from "../send-queue.js";
import { Devices } from "./devices.js";
import { Notifications } from "./notifications.js";
import { SecondFactor } from "../second-factor.js";
import { signOut } from "../session.js";
import { departmentName, notice, notify, seldom, state } from "../store.js";
import { Dialog, Head } from "../components.js";
import { bind, Check, Field, Form, Options } from "../forms.js";

const LANGUAGES = JSON.parse(document.body.dataset.languages ?? "{}");

export function MyAccount() {
  const { name, email, role, department } = state.me;
  const [turn, setTurn] = useState(0);
  const changed = () => setTurn((before) => before + 1); // other devices have been signed out
  const place = department ? ` · ${departmentName(department)}` : "";
  return html`
    <div class="page">
      <${Head} title=${name} />
      <p class="hint">${`${email} · ${t(`roles.${role}`)}${place}`}</p>
      <nav class="elsewhere" aria-label=${t("rest")}>
        ${seldom().map(
          (view) => html`
            <a key=${view} href=${linkTo(view)}><${Icon} name=${view} />${t(`views.${view}`)}</a>
          `,
        )}
      </nav>
      <${Health} />
      <div class="cards">
        <${Preferences} />
        <${Notifications} />
        <section><h2>${t("password")}</h2><${Password} onChanged=${changed} /></section>
        <section><h2>${t("secondFactor")}</h2><${SecondFactor} onChanged=${changed} /></section>
        <section><h2>${t("devices")}</h2><${Devices} key=${turn} /></section>
        <${SignOut} />
      </div>
    </div>
  `;
}

/** How hours are written, on this device. */
function HoursChoice() {
  /** @param {string} wanted */
  function choose(wanted) {
    setItem("hours", wanted);
    notify();
  }
  return html`
    <${Field} label=${t("hours.label")} name="hours" value=${chosenHours()} onInput=${choose}>
      <${Options} items=${Object.keys(HOURS).map((one) => [one, t(`hours.${one}`)])} />
    </${Field}>
  `;
}

function Preferences() {
  const [sound, setSound] = useState(soundOn());
  const [shortcuts, setShortcuts] = useShortcuts();
  /** @param {string} name */
  function chooseLanguage(name) {
    document.cookie = `language=${name}; Path=${BELOW || "/"}; Max-Age=31536000; SameSite=Strict`;
    location.reload();
  }
  /** @param {boolean} on */
  function chooseSound(on) {
    setSoundOn(on);
    setSound(on);
  }
  return html`
    <section>
      <h2>${t("wishes")}</h2>
      <${Field}
        label=${t("fields.language")}
        name="page-language"
        value=${language}
        onInput=${chooseLanguage}
      >
        <${Options} items=${Object.entries(LANGUAGES)} />
      </${Field}>
      <${HoursChoice} />
      <${EnterChoice} />
      <${Check} label=${t("sound")} checked=${sound} onChange=${chooseSound} />
      <${Check} label=${t("shortcutsOn")} checked=${shortcuts} onChange=${setShortcuts} />
    </section>
  `;
}

function SignOut() {
  const [asking, setAsking] = useState("");
  return html`
    <section>
      <h2>${t("signOut")}</h2>
      <div class="buttons">
        <button type="button" class="quiet" onClick=${() => setAsking("here")}>
          ${t("signOut")}
        </button>
        <button type="button" class="quiet" onClick=${() => setAsking("everywhere")}>
          ${t("signOutEverywhere")}
        </button>
      </div>
    </section>
    ${
      asking &&
      html`
        <${SignOutDialog} everywhere=${asking === "everywhere"} onClose=${() => setAsking("")} />
      `
    }
  `;
}

/** @param {{ everywhere: boolean, onClose: () => void }} props */
function SignOutDialog({ everywhere, onClose }) {
  const unsent = queued().length > 0;
  return html`
    <${Dialog} title=${t(everywhere ? "signOutEverywhere" : "signOut")} onClose=${onClose}>
      <p>${t(everywhere ? "signOutEverywhereAbout" : "signOutAbout")}</p>
      ${unsent && html`<p class="notice bad">${t("unsentLost")}</p>`}
      <${Form}
        initial=${{}}
        fields=${() => null}
        send=${() => signOut(everywhere)}
        label=${t("signOut")}
        onCancel=${onClose}
      />
    </${Dialog}>
  `;
}

/** @param {Staff.FormState} form */
const passwordFields = (form) => html`
  <input
    type="email"
    class="unseen"
    autocomplete="username"
    value=${state.me.email}
    readonly
    tabindex="-1"
    aria-hidden="true"
  />
  <${Field}
    ...${bind(form, "currentPassword")}
    label=${t("currentPassword")}
    type="password"
    autocomplete="current-password"
  />
  <${Field}
    ...${bind(form, "newPassword")}
    label=${t("newPassword")}
    type="password"
    autocomplete="new-password"
    hint=${t("passwordHint")}
  />
`;

/** @param {{ onChanged: () => void }} props */
function Password({ onChanged }) {
  const [turn, setTurn] = useState(0);
  /** @param {object} body */
  async function send(body) {
    await request("PUT", "/auth/password", { body }).catch((error) => {
      if (error.reason === "invalid_credentials") {
        error.details = [{ field: "currentPassword", message: t("wrongPassword") }];
      }
      throw error;
    });
    notice(t("passwordChanged"));
    setTurn(turn + 1);
    onChanged();
  }
  return html`
    <${Form}
      draft=${false}
      key=${turn}
      initial=${{ currentPassword: "", newPassword: "" }}
      fields=${passwordFields}
      send=${send}
      label=${t("changePassword")}
      quiet
    />
  `;
}
