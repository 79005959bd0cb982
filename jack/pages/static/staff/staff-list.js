// The members of staff: who they are; for administrators, invitations, roles and departments.

import { t } from "../shared/page.js";
import { ask, explain, unique } from "./request.js";
import { html, useState } from "./preact.js";
import { moment } from "./format.js";
import { Pair, Rows, useList, useOne } from "./list-data.js";
import { departmentName, isAdmin, notice, state } from "./store.js";
import { Avatar, Check, Dialog, Empty, Failed, Field, Form, Head, Option, Skeleton } from "./components.js";

const ROLES = ["staff", "manager", "admin"];

export function People() {
  const [making, setMaking] = useState(false);
  const [invite, setInvite] = useState(null);
  const list = useList("/staff", {});
  const { id } = state.route;
  const line = (member) => html`<${Avatar} name=${member.name} /><span class="what"><span class="name" dir="auto">${member.name}</span><span class="preview">${t(`roles.${member.role}`)}${member.department ? ` · ${departmentName(member.department)}` : ""}</span>
    ${(!member.active || member.invited) && html`<span class="marks"><span class="state">${t(member.active ? "invited" : "inactive")}</span></span>`}</span>`;
  async function create({ name, email, role, department }, keyed) {
    const body = { name, email, role, department: department || null };
    const { data } = await ask("POST", "/staff", { body, key: keyed(body) });
    setMaking(false);
    setInvite(data.invite);
    list.again();
  }
  return html`<div class="page"><${Head} title=${t("views.staff")}>${isAdmin() && html`<button type="button" onClick=${() => setMaking(true)}>${t("inviteSomebody")}</button>`}</${Head}>
    <${Pair} open=${id} view="staff" list=${html`<${Rows} list=${list} view="staff" line=${line} label=${t("views.staff")} none=${t("nothingHere")} />`}>
      ${id ? html`<${Member} key=${id} id=${id} onChanged=${list.again} onInvite=${setInvite} />` : html`<${Empty} title=${t("chooseMember")} />`}</${Pair}>
    ${making && html`<${Dialog} title=${t("inviteSomebody")} onClose=${() => setMaking(false)}><${Form} initial=${{ name: "", email: "", role: "staff", department: "" }} send=${create} label=${t("invite")} onCancel=${() => setMaking(false)} fields=${(form) => html`${Fields(form)}<${Field} label=${t("fields.email")} name="email" type="email" value=${form.values.email} onInput=${form.set("email")} problem=${form.wrong.email} required />`} /></${Dialog}>`}
    ${invite && html`<${Invitation} invite=${invite} onClose=${() => setInvite(null)} />`}</div>`;
}

const Fields = ({ values, set, wrong }) => html`
  <${Field} label=${t("fields.name")} name="name" value=${values.name} onInput=${set("name")} problem=${wrong.name} maxlength="200" required />
  <div class="pair"><${Field} label=${t("fields.role")} name="role" value=${values.role} onInput=${set("role")} problem=${wrong.role} hint=${t(`rolesAbout.${values.role}`)}>${ROLES.map((role) => html`<${Option} key=${role} value=${role}>${t(`roles.${role}`)}</${Option}>`)}</${Field}>
    <${Field} label=${t("fields.department")} name="department" value=${values.department} onInput=${set("department")} problem=${wrong.department}><${Option} value="">${t("none")}</${Option}>${state.departments.map(({ slug, name }) => html`<${Option} key=${slug} value=${slug}>${name}</${Option}>`)}</${Field}></div>`;

/** The link that is shown this once, to be handed over. */
function Invitation({ invite, onClose }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(invite.url);
    } catch {
      const box = document.getElementById("invite-link"); // without TLS there is no clipboard to ask for
      box.select();
      document.execCommand("copy");
    }
    setCopied(true);
  }
  return html`<${Dialog} title=${t("invitation")} onClose=${onClose}><p>${t("invitationAbout", { when: moment(invite.expiresAt) })}</p>
    <div class="field"><label for="invite-link">${t("link")}</label><input id="invite-link" readonly value=${invite.url} dir="ltr" onFocus=${(event) => event.target.select()} /></div>
    <div class="buttons"><button type="button" onClick=${copy}>${t(copied ? "copied" : "copy")}</button><button type="button" class="quiet" onClick=${onClose}>${t("close")}</button></div></${Dialog}>`;
}

function Member({ id, onChanged, onInvite }) {
  const { data: member, tag, problem, again } = useOne("/staff", id);
  if (problem) return problem.status === 404 ? html`<${Empty} title=${t("gone")} />` : html`<${Failed} text=${explain(problem)} retry=${again} />`;
  if (!member) return html`<${Skeleton} rows=${4} />`;
  async function save({ name, role, department, active }) {
    await ask("PATCH", `/staff/${id}`, { body: { name, role, department: department || null, active }, match: tag });
    notice(t("saved"));
    onChanged();
    again();
  }
  async function invite() {
    try {
      onInvite((await ask("POST", `/staff/${id}/invite`, { key: unique() })).data);
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  const about = html`<dl><div><dt>${t("fields.email")}</dt><dd>${member.email}</dd></div><div><dt>${t("lastSeen")}</dt><dd>${member.lastSeenAt ? moment(member.lastSeenAt) : t("never")}</dd></div>
    ${!isAdmin() && html`<div><dt>${t("fields.role")}</dt><dd>${t(`roles.${member.role}`)}</dd></div><div><dt>${t("fields.department")}</dt><dd>${member.department ? departmentName(member.department) : t("none")}</dd></div>`}</dl>`;
  if (!isAdmin()) return html`<h2 dir="auto">${member.name}</h2>${about}`;
  return html`<h2 dir="auto">${member.name}</h2>${about}
    <${Form} key=${tag} initial=${{ ...member, department: member.department ?? "" }} send=${save} reload=${again} label=${t("save")} fields=${(form) => html`${Fields(form)}<${Check} label=${t("mayWork")} checked=${form.values.active} onChange=${form.set("active")} name="active" />${form.wrong.active && html`<p class="problem">${form.wrong.active}</p>`}`} />
    ${member.active && html`<h3>${t("forgotten")}</h3><p class="hint">${t("forgottenAdmin")}</p><p class="buttons"><button type="button" class="quiet" onClick=${invite}>${t("newInvitation")}</button></p>`}`;
}
