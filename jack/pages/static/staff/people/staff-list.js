// The members of staff; for administrators, invitations, roles and departments.

import { t } from "../../shared/page.js";
import { explain, newId, request } from "../request.js";
import { html, useState } from "../preact.js";
import { moment } from "../format.js";
import { SplitView, Rows, useList, useOne } from "../list-data.js";
import { departmentName, isAdmin, notice, state } from "../store.js";
import { Avatar, Empty, Failed, Head, Skeleton } from "../components.js";
import { bind, Check, ConfirmDialog, Field, Form, FormDialog, Option, Options } from "../forms.js";
import { ShownOnce } from "./shown-once.js";

const ROLES = ["staff", "manager", "admin"];
const BLANK = { name: "", email: "", role: "staff", department: "" };

export function StaffList() {
  const [making, setMaking] = useState(false);
  const [invite, setInvite] = useState(/** @type {Api.Invite | null} */ (null));
  const list = useList("/staff", {});
  const { id } = state.route;
  const none = t("nothingHere");
  const rows = html`
    <${Rows} list=${list} view="staff" line=${line} label=${t("views.staff")} none=${none} />
  `;
  const add = html`
    <button type="button" onClick=${() => setMaking(true)}>${t("inviteSomebody")}</button>
  `;
  const open = html`
    <${Member} key=${id} id=${id} onChanged=${list.reload} onInvite=${setInvite} />
  `;
  /** @param {Api.Invite} made */
  function created(made) {
    setMaking(false);
    setInvite(made);
    list.reload();
  }
  return html`
    <div class="page">
      <${Head} title=${t("views.staff")}>${isAdmin() && add}</${Head}>
      <${SplitView} open=${id} view="staff" list=${rows}>
        ${id ? open : html`<${Empty} title=${t("chooseMember")} />`}
      </${SplitView}>
      ${making && html`<${NewMember} onClose=${() => setMaking(false)} onCreated=${created} />`}
      ${invite && html`<${Invitation} invite=${invite} onClose=${() => setInvite(null)} />`}
    </div>
  `;
}

/** @param {Api.StaffMember} member */
function line({ name, role, department, active, invited }) {
  const place = department ? ` · ${departmentName(department)}` : "";
  const mark = t(active ? "invited" : "inactive");
  return html`
    <${Avatar} name=${name} />
    <span class="what">
      <span class="name" dir="auto">${name}</span>
      <span class="preview">${t(`roles.${role}`)}${place}</span>
      ${(!active || invited) && html`<span class="marks"><span class="state">${mark}</span></span>`}
    </span>
  `;
}

/** @param {{ onClose: () => void, onCreated: (invite: Api.Invite) => void }} props */
function NewMember({ onClose, onCreated }) {
  /**
   * @param {typeof BLANK} values
   * @param {(body: object) => string} keyFor
   */
  async function send({ name, email, role, department }, keyFor) {
    const body = { name, email, role, department: department || null };
    const { data } = await request("POST", "/staff", { body, key: keyFor(body) });
    onCreated(data.invite);
  }
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    ${Fields(form)}
    <${Field} ...${bind(form, "email")} type="email" required />
  `;
  return html`
    <${FormDialog}
      draft="member:new"
      title=${t("inviteSomebody")}
      onClose=${onClose}
      initial=${BLANK}
      fields=${fields}
      send=${send}
      label=${t("invite")}
    />
  `;
}

/** @param {Staff.FormState} form */
const Fields = (form) => html`
  <${Field} ...${bind(form, "name")} maxlength="200" required />
  <div class="pair">
    <${Field} ...${bind(form, "role")} hint=${t(`rolesAbout.${form.values.role}`)}>
      <${Options} items=${ROLES.map((role) => [role, t(`roles.${role}`)])} />
    </${Field}>
    <${Field} ...${bind(form, "department")}>
      <${Option} value="">${t("none")}</${Option}>
      <${Options} items=${state.departments.map(({ slug, name }) => [slug, name])} />
    </${Field}>
  </div>
`;

/**
 * The one-time link, to be handed over.
 * @param {{ invite: Api.Invite, onClose: () => void }} props
 */
const Invitation = ({ invite, onClose }) => html`
  <${ShownOnce}
    title=${t("invitation")}
    about=${[
      invite.mailedTo && t("invitationMailed", { email: invite.mailedTo }),
      t("invitationAbout", { when: moment(invite.expiresAt) }),
    ]
      .filter(Boolean)
      .join(" ")}
    label=${t("link")}
    value=${invite.url}
    id="invite-link"
    onClose=${onClose}
  />
`;

/**
 * @param {{ id: string, onChanged: () => void, onInvite: (invite: Api.Invite) => void }} props
 */
function Member({ id, onChanged, onInvite }) {
  const { data: member, tag, problem, reload } = useOne("/staff", id);
  if (problem?.status === 404) return html`<${Empty} title=${t("gone")} />`;
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!member) return html`<${Skeleton} rows=${4} />`;
  /** @param {Staff.Values} values */
  async function save({ name, role, department, active }) {
    const body = { name, role, department: department || null, active };
    await request("PATCH", `/staff/${id}`, { body, match: tag });
    notice(t("saved"));
    onChanged();
    reload();
  }
  const form = html`
    <${Form}
      key=${tag}
      draft=${`member:${id}`}
      initial=${{ ...member, department: member.department ?? "" }}
      send=${save}
      reload=${reload}
      label=${t("save")}
      fields=${MemberFields}
    />
  `;
  return html`
    <h2 dir="auto">${member.name}</h2>
    <${Facts} member=${member} />
    ${isAdmin() && form}
    ${isAdmin() && member.active && html`<${InviteAgain} id=${id} onInvite=${onInvite} />`}
    ${isAdmin() && id !== state.me.id && html`<${ResetFactor} member=${member} onReset=${reload} />`}
  `;
}

/** @param {{ member: Api.StaffMember }} props */
const Facts = ({ member: { email, lastSeenAt, role, department, totpEnabled } }) => html`
  <dl>
    <div><dt>${t("fields.email")}</dt><dd>${email}</dd></div>
    <div><dt>${t("lastSeen")}</dt><dd>${lastSeenAt ? moment(lastSeenAt) : t("never")}</dd></div>
    ${
      isAdmin() &&
      html`
        <div>
          <dt>${t("secondFactor")}</dt>
          <dd>${t(totpEnabled ? "factorSetUp" : "factorMissing")}</dd>
        </div>
      `
    }
    ${
      !isAdmin() &&
      html`
        <div><dt>${t("fields.role")}</dt><dd>${t(`roles.${role}`)}</dd></div>
        <div>
          <dt>${t("fields.department")}</dt>
          <dd>${department ? departmentName(department) : t("none")}</dd>
        </div>
      `
    }
  </dl>
`;

/** @param {Staff.FormState} form */
const MemberFields = (form) => html`
  ${Fields(form)}
  <${Check}
    label=${t("mayWork")}
    checked=${form.values.active}
    onChange=${form.set("active")}
    name="active"
  />
  ${!form.values.active && html`<p class="hint">${t("leavingAbout")}</p>`}
  ${form.wrong.active && html`<p class="problem">${form.wrong.active}</p>`}
`;

/** @param {{ member: Api.StaffMember, onReset: () => void }} props */
function ResetFactor({ member: { id, name, totpEnabled }, onReset }) {
  const [asking, setAsking] = useState(false);
  if (!totpEnabled) return null;
  async function reset() {
    await request("DELETE", `/staff/${id}/totp`);
    notice(t("saved"));
    setAsking(false);
    onReset();
  }
  return html`
    <h3>${t("secondFactor")}</h3>
    <p class="hint">${t("resetFactorAbout")}</p>
    <p class="buttons">
      <button type="button" class="quiet" onClick=${() => setAsking(true)}>
        ${t("resetFactor")}
      </button>
    </p>
    ${
      asking &&
      html`
        <${ConfirmDialog}
          title=${t("resetFactor")}
          text=${t("resetFactorSure", { name })}
          send=${reset}
          onClose=${() => setAsking(false)}
        />
      `
    }
  `;
}

/** @param {{ id: string, onInvite: (invite: Api.Invite) => void }} props */
function InviteAgain({ id, onInvite }) {
  async function invite() {
    try {
      onInvite((await request("POST", `/staff/${id}/invite`, { key: newId() })).data);
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  return html`
    <h3>${t("forgotten")}</h3>
    <p class="hint">${t("forgottenAdmin")}</p>
    <p class="buttons">
      <button type="button" class="quiet" onClick=${invite}>${t("newInvitation")}</button>
    </p>
  `;
}
