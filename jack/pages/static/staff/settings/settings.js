// The hotel's settings: a form for each; read-only for all but administrators.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { Channels } from "./channels.js";
import { faultsOf, TestAnswer, useTest } from "./channel-test.js";
import { html, useEffect, useState } from "../preact.js";
import { moment } from "../format.js";
import { Icon } from "../icons.js";
import { lazy } from "../lazy.js";
import { useOne } from "../list-data.js";
import { linkTo } from "../router.js";
import { Departments, FIXED, Hotel, Plain, readable } from "./setting-forms.js";
import { Push } from "./push-form.js";
import { Security } from "./security-form.js";
import { departments, isAdmin, mayManage, notice, state } from "../store.js";
import { Failed, Head, Skeleton } from "../components.js";
import { bind, Field, FormDialog } from "../forms.js";

const WebChat = lazy(async () => {
  const { WebChat: found } = await import("../channel-forms/web-chat-form.js");
  return found;
});

const FeedForm = lazy(async () => (await import("../stays/feeds.js")).FeedForm);
const FeedStates = lazy(async () => (await import("../stays/feeds.js")).FeedStates);

/**
 * The form of a channel's account.
 * @param {"Sms" | "WhatsApp"} name
 */
const account = (name) =>
  lazy(async () => (await import("../channel-forms/account-forms.js"))[name]);

const Email = lazy(async () => (await import("../channel-forms/email-form.js")).Email);
const CSS = "message-templates/templates.css";
const Variables = lazy(
  async () => (await import("../message-templates/variables-form.js")).Variables,
);
const Templates = lazy(
  async () => (await import("../message-templates/templates.js")).Templates,
  CSS,
);

const Automations = lazy(
  async () => (await import("../automations/automations.js")).Automations,
  "automations/automations.css",
);

/** @type {Record<string, (props: any) => any>} */
const FORMS = {
  hotel: Hotel,
  departments: Departments,
  variables: Variables,
  security: Security,
  "stays.feeds": FeedForm,
  push: Push,
  "channels.web": WebChat,
  "channels.whatsapp": account("WhatsApp"),
  "channels.sms": account("Sms"),
  "channels.email": Email,
};

const Integrations = lazy(async () => {
  const { Integrations: found } = await import("../integrations/integrations.js");
  return found;
});

const Audit = lazy(async () => {
  const { Audit: found } = await import("../audit/audit.js");
  return found;
});

const Backups = lazy(async () => {
  const { Backups: found } = await import("../backups/backups.js");
  return found;
});

const Privacy = lazy(async () => {
  const { Privacy: found } = await import("../privacy/privacy.js");
  return found;
});

/** Sections that are no setting, with the names of their texts. @type {Record<string, string>} */
const VIEWS = {
  channels: "channel",
  templates: "templates.title",
  automations: "automations.title",
  integrations: "integrations",
  audit: "settingNames.audit",
  backups: "settingNames.backups",
  privacy: "settingNames.privacy",
};
/** What a provider has to be signed in at. @type {Api.Channel[]} */
const ACCOUNTS = ["whatsapp", "sms", "email"];
const FIRST = [
  "hotel",
  "departments",
  "channels",
  "stays.feeds",
  "templates",
  "automations",
  "variables",
  "push",
  "security",
];

/** @param {string} key */
const settingName = (key) =>
  FIXED.includes(key) ? t(`settingNames.${key.replace(".", "_")}`) : key;

export function Settings() {
  const [keys, setKeys] = useState(/** @type {string[] | null} */ (null));
  const [problem, setProblem] = useState("");
  const [making, setMaking] = useState(false);
  const id = state.route.id ?? "hotel";
  async function read() {
    try {
      const { data } = await request("GET", "/settings?limit=100");
      setKeys(data.map((/** @type {Api.Setting} */ { key }) => key));
    } catch (error) {
      setProblem(explain(error));
    }
  }
  useEffect(() => {
    read();
  }, []);
  if (problem && !keys) return html`<${Failed} text=${problem} retry=${read} />`;
  function made() {
    setMaking(false);
    read();
  }
  return html`
    <div class="page">
      <${Head} title=${t("views.settings")} />
      <div class="sections">
        <${Sections} keys=${keys ?? []} id=${id} onNew=${() => setMaking(true)} />
        <section class="sheet" aria-label=${t("details")}>
          <${Sheet} id=${id} />
        </section>
      </div>
      ${making && html`<${NewSetting} onClose=${made} />`}
    </div>
  `;
}

/** @param {{ id: string }} props */
function Sheet({ id }) {
  if (id === "channels") return html`<${Channels} />`;
  if (id === "templates") return html`<${Templates} />`;
  if (id === "automations" && mayManage()) return html`<${Automations} />`;
  if (id === "integrations" && isAdmin()) return html`<${Integrations} />`;
  if (id === "audit" && isAdmin()) return html`<${Audit} />`;
  if (id === "backups" && isAdmin()) return html`<${Backups} />`;
  if (id === "privacy" && isAdmin()) return html`<${Privacy} />`;
  return html`<${Setting} key=${id} id=${id} />`;
}

/** @param {{ keys: string[], id: string, onNew: () => void }} props */
function Sections({ keys, id, onNew }) {
  const own = keys.filter((key) => !key.startsWith("channels.") && !FIXED.includes(key));
  const views = isAdmin() ? ["audit", "backups", "privacy"] : [];
  const first = FIRST.filter((key) => key !== "automations" || mayManage());
  const developers = isAdmin() ? ["integrations", ...own] : own;
  const current = id.startsWith("channels.") ? "channels" : id;
  return html`
    <nav aria-label=${t("views.settings")}>
      ${[...first, ...views].map((key) => html`<${Section} key=${key} id=${key} current=${current} />`)}
      ${
        developers.length > 0 &&
        html`
          <details open=${developers.includes(current)}>
            <summary>${t("developers")}</summary>
            ${developers.map((key) => html`<${Section} key=${key} id=${key} current=${current} />`)}
            ${isAdmin() && html`<button type="button" class="link" onClick=${onNew}>${t("newSetting")}</button>`}
          </details>
        `
      }
    </nav>
  `;
}

/** @param {{ id: string, current: string }} props */
const Section = ({ id, current }) => html`
  <a href=${linkTo("settings", id)} aria-current=${current === id ? "page" : undefined}>
    ${id in VIEWS ? t(VIEWS[id]) : settingName(id)}
  </a>
`;

/** @param {{ id: string }} props */
function Setting({ id }) {
  const { data, tag, problem, reload } = useOne("/settings", id);
  const channel = ACCOUNTS.find((name) => id === `channels.${name}`);
  const test = useTest(channel ?? "web", async () => {});
  if (problem?.status === 404) return html`<${Failed} text=${t("gone")} retry=${reload} />`;
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return html`<${Skeleton} rows=${5} />`;
  /** @param {any} value */
  async function put(value) {
    await request("PUT", `/settings/${id}`, { body: { value }, match: tag }).catch((error) => {
      for (const detail of error.details ?? []) detail.field = detail.field.replace(/^value\./, "");
      throw error;
    });
    notice(t("saved"));
    await reload();
    if (channel) test.run("test"); // goes on while the form is shown
  }
  const Shape = FORMS[id] ?? Plain;
  const value = id === "departments" ? { items: departments(data) } : data.value;
  const when = data.updatedAt ? t("changedAt", { when: moment(data.updatedAt) }) : t("asDelivered");
  return html`
    ${id.startsWith("channels.") && html`<${UpLink} />`}
    <h2>${settingName(id)}</h2>
    <p class="hint">${when}</p>
    ${
      isAdmin()
        ? html`<${Shape} key=${tag} value=${value} put=${put} reload=${reload} faults=${faultsOf(test.found)} />`
        : id !== "stays.feeds" && html`<${Facts} value=${value} />`
    }
    ${id === "stays.feeds" && html`<${FeedStates} version=${tag} />`}
    <${TestAnswer} found=${test.found} problem=${test.problem} />
  `;
}

const UpLink = () => html`
  <a class="up" href=${linkTo("settings", "channels")}>
    <${Icon} name="back" size=${16} />
    ${t("channel")}
  </a>
`;

/** @param {{ value: Staff.Values }} props */
const Facts = ({ value }) => html`
  <dl class="facts-list">
    ${readable(value).map(
      ([name, text]) => html`
        <div key=${name}><dt>${name}</dt><dd dir="auto">${text}</dd></div>
      `,
    )}
  </dl>
`;

/** @param {{ onClose: () => void }} props */
function NewSetting({ onClose }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "key")} label=${t("keyName")} hint=${t("keyHint")} />
  `;
  /** @param {{ key: string }} values */
  async function send({ key }) {
    const path = `/settings/${encodeURIComponent(key.trim() || " ")}`;
    await request("PUT", path, { body: { value: {} } });
    onClose();
    location.hash = linkTo("settings", key.trim());
  }
  return html`
    <${FormDialog}
      draft="setting:new"
      title=${t("newSetting")}
      onClose=${onClose}
      initial=${{ key: "" }}
      send=${send}
      label=${t("save")}
      fields=${fields}
    >
      <p class="hint">${t("newSettingAbout")}</p>
    </${FormDialog}>
  `;
}
