// The audit log, for administrators: who did what, when and from where.

import { hasText, t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { fromLocal, moment } from "../format.js";
import { useList, useOne } from "../list-data.js";
import { linkTo } from "../router.js";
import { nameOf, notice, state } from "../store.js";
import { explain, request } from "../request.js";
import { Empty, Failed, Skeleton } from "../components.js";
import { bind, Field, fieldLabel, Form, Option, Options } from "../forms.js";

const KINDS = ["sign_in", "staff", "setting", "guest", "conversation", "task", "knowledge"];
/** @type {Record<string, string>} */
const VIEWS = {
  guest: "guests",
  conversation: "inbox",
  task: "tasks",
  knowledge: "knowledge",
  staff: "staff",
  setting: "settings",
};
const NONE = { actor: "", kind: "", from: "", to: "" };

/**
 * What is asked for by these choices: whole days of the hotel's clock.
 * @param {typeof NONE} chosen
 */
function filtersOf({ actor, kind, from, to }) {
  const end = to && new Date(Date.parse(fromLocal(`${to}T23:59`)) + 59_999).toISOString();
  return {
    actor,
    action: kind && `${kind}.*`,
    since: from && fromLocal(`${from}T00:00`),
    until: end,
  };
}

export function Audit() {
  const [chosen, setChosen] = useState(NONE);
  const list = useList("/audit", filtersOf(chosen));
  return html`
    <h2>${t("settingNames.audit")}</h2>
    <p class="hint">${t("auditAbout")}</p>
    <${Filters} chosen=${chosen} onChange=${setChosen} />
    <${Lines} list=${list} />
    <${Kept} />
  `;
}

/** @param {{ chosen: typeof NONE, onChange: (chosen: typeof NONE) => void }} props */
function Filters({ chosen, onChange }) {
  /** @param {keyof typeof NONE} name */
  const field = (name) => ({
    name,
    id: `audit-${name}`,
    label: t(`auditFilters.${name}`),
    value: chosen[name],
    onInput: (/** @type {string} */ value) => onChange({ ...chosen, [name]: value }),
  });
  return html`
    <div class="audit-filters">
      <${Field} ...${field("actor")}>
        <${Option} value="">${t("auditFilters.anybody")}</${Option}>
        <${Options} items=${state.staff.map(({ id, name }) => [id, name])} />
        <${Option} value="system">${t("auditNobody")}</${Option}>
      </${Field}>
      <${Field} ...${field("kind")}>
        <${Option} value="">${t("auditFilters.anything")}</${Option}>
        <${Options} items=${KINDS.map((kind) => [kind, t(`auditKinds.${kind}`)])} />
      </${Field}>
      <${Field} ...${field("from")} type="date" max=${chosen.to || undefined} />
      <${Field} ...${field("to")} type="date" min=${chosen.from || undefined} />
    </div>
  `;
}

/** @param {{ list: ReturnType<typeof useList> }} props */
function Lines({ list }) {
  const { rows, total, problem, reload, more } = list;
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${8} />`;
  if (!rows.length) return html`<${Empty} title=${t("nothingFound")} />`;
  return html`
    <ul class="audit" aria-label=${t("settingNames.audit")}>
      ${rows.map((entry) => html`<li key=${entry.id}><${Line} entry=${entry} /></li>`)}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
  `;
}

/** @param {{ entry: Api.AuditEntry }} props */
function Line({ entry }) {
  const { at, action, changed, ip } = entry;
  const known = `auditActions.${action.replaceAll(".", "_")}`;
  const names = changed.map(fieldLabel).join(", ");
  return html`
    <p class="hint when"><time datetime=${at}>${moment(at)}</time></p>
    <div>
      <p class="deed">
        <bdi>${whoOf(entry)}</bdi> · ${hasText(known) ? t(known) : action}${" "}
        <${Subject} entry=${entry} />
      </p>
      ${names && html`<p class="hint" dir="auto">${names}</p>`}
      ${ip && html`<p class="hint"><bdi>${ip}</bdi></p>`}
    </div>
  `;
}

/**
 * The name of who did it, as far as there is one.
 * @param {Api.AuditEntry} entry
 */
function whoOf({ actor, action }) {
  if (actor.name) return actor.name;
  if (actor.id) return actor.id;
  return t(action.startsWith("sign_in.") ? "auditNotSignedIn" : "auditNobody");
}

/**
 * What it was done to, with a link where the page shows it.
 * @param {{ entry: Api.AuditEntry }} props
 */
function Subject({ entry: { subject, actor } }) {
  const { type, id } = subject;
  const view = VIEWS[type];
  if (!view || !id || id === actor.id) return null;
  const name = (type === "staff" && nameOf(id)) || (type === "setting" && settingName(id));
  return html`<a href=${linkTo(view, id)} dir="auto">${name || t("auditShow")}</a>`;
}

/** @param {string} key */
function settingName(key) {
  const known = `settingNames.${key.replace(".", "_")}`;
  return hasText(known) ? t(known) : key;
}

/** For how many days a line is kept. */
function Kept() {
  const { data, tag, problem, reload } = useOne("/settings", "audit");
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return null;
  /** @param {Staff.Values} values */
  async function send({ days }) {
    const body = { value: { days: Number(days) } };
    await request("PUT", "/settings/audit", { body, match: tag }).catch((error) => {
      for (const detail of error.details ?? []) detail.field = detail.field.replace(/^value\./, "");
      throw error;
    });
    notice(t("saved"));
    await reload();
  }
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "days")} type="number" min="30" max="3650" hint=${t("daysHint")} />
  `;
  return html`
    <${Form}
      version=${tag}
      className="audit-kept"
      initial=${{ days: 365, ...data.value }}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}
