// The inbox: the list, the open conversation, and its guest beside it.

import { t } from "../shared/page.js";
import * as conversations from "./conversation-list-data.js";
import { html, useEffect, useRef } from "./preact.js";
import { brief, number, since } from "./format.js";
import { Icon } from "./icons.js";
import { keep } from "./local-storage.js";
import { to } from "./router.js";
import { nameOf, state } from "./store.js";
import { GuestCard } from "./guest-card.js";
import { Talk } from "./conversation.js";
import { Avatar, Empty, Failed, Option, Search, Skeleton } from "./components.js";

const LATE = 15 * 60_000;
const STATUSES = ["open", "pending", "closed"];
const CHANNELS = ["whatsapp", "sms", "email", "web"];

export function Inbox() {
  const { id } = state.route;
  return html`<div class=${id ? "inbox open" : "inbox"}>
    <h1 class="unseen">${t("views.inbox")}</h1>
    <section class="list" aria-label=${t("conversations")}><${Filters} /><${List} /></section>
    ${id ? html`<${Talk} key=${id} id=${id} />` : html`<section class="talk nothing"><${Empty} title=${t("chooseOne")}>${t("chooseOneAbout")}</${Empty}></section>`}
    ${id && html`<aside class="beside" aria-label=${t("guest")}><${GuestCard} key=${id} conversation=${state.talks.get(id)?.conversation} /></aside>`}
  </div>`;
}

function set(part) {
  const filters = { ...state.list.filters, ...part };
  keep("filters", { ...filters, search: "" });
  conversations.show(filters);
}

function Filters() {
  const filters = state.list?.filters ?? conversations.EVERYTHING;
  const counts = state.counts;
  const many = (count) => (count === undefined ? "" : ` (${number(count)})`);
  return html`<div class="filters">
    <div class="first"><${Search} id="search" label=${t("searchConversations")} placeholder=${t("keys.search")} value=${filters.search} onSearch=${(search) => set({ search })} />
      <button type="button" class="chip" aria-pressed=${filters.unread ? "true" : "false"} onClick=${() => set({ unread: !filters.unread })}>${t("unread")}${counts?.unread ? html` <span class="count">${number(counts.unread)}</span>` : ""}</button></div>
    <div class="tabs" role="group" aria-label=${t("status")}>${STATUSES.map((status) => html`
      <button type="button" key=${status} aria-pressed=${filters.status === status ? "true" : "false"} onClick=${() => set({ status: filters.status === status ? "" : status })}>
        ${t(`statuses.${status}`)}${counts && html` <span class="count">${number(counts[status])}</span>`}</button>`)}</div>
    <div class="pick">
      <select aria-label=${t("assignee")} value=${filters.assignee} onChange=${(event) => set({ assignee: event.target.value })}>
        <${Option} value="">${t("anyone")}</${Option}>
        <${Option} value="me">${t("mine")}${many(counts?.mine)}</${Option}>
        <${Option} value="unassigned">${t("nobodys")}${many(counts?.unassigned)}</${Option}>
        ${state.staff.filter((member) => member.active && member.id !== state.me.id).map((member) => html`<${Option} key=${member.id} value=${member.id}>${member.name}</${Option}>`)}
      </select>
      <select aria-label=${t("channel")} value=${filters.channel} onChange=${(event) => set({ channel: event.target.value })}>
        <${Option} value="">${t("anyChannel")}</${Option}>${CHANNELS.map((channel) => html`<${Option} key=${channel} value=${channel}>${t(`channels.${channel}`)}</${Option}>`)}
      </select>
    </div></div>`;
}

function List() {
  const { list } = state;
  const box = useRef(null);
  useEffect(() => box.current?.scrollTo(0, 0), [list?.filters]);
  if (list?.problem && !list.rows) return html`<${Failed} text=${list.problem} retry=${() => conversations.show(list.filters)} />`;
  if (!list?.rows) return html`<${Skeleton} rows=${8} />`;
  if (!list.rows.length) return html`<${Nobody} filters=${list.filters} />`;
  const near = ({ target }) => target.scrollHeight - target.scrollTop - target.clientHeight < 600 && conversations.more();
  return html`<ul class="rows" ref=${box} onScroll=${near} aria-busy=${list.loading ? "true" : "false"}>
    ${list.rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}
    ${list.rows.length < list.total && html`<li class="more"><button type="button" class="quiet" onClick=${conversations.more}>${t("more")}</button></li>`}</ul>`;
}

function Nobody({ filters }) {
  const everything = JSON.stringify({ ...filters, status: "open" }) === JSON.stringify(conversations.EVERYTHING);
  if (!everything) {
    return html`<div class="empty"><p class="big">${t("nothingFound")}</p><button type="button" class="quiet" onClick=${() => set({ ...conversations.EVERYTHING })}>${t("showAll")}</button></div>`;
  }
  return html`<${Empty} title=${filters.status === "open" ? t("nobodyWaits") : t("nothingHere")}>${filters.status === "open" ? t("nobodyWaitsAbout") : ""}</${Empty}>`;
}

function Row({ row }) {
  const name = row.guest?.name ?? t("erasedGuest");
  const late = row.waitingSince && Date.now() - new Date(row.waitingSince) > LATE;
  return html`<li class=${row.unread ? "row unread" : "row"}>
    <a href=${to("inbox", row.id)} aria-current=${state.route.id === row.id ? "true" : undefined} data-id=${row.id}>
      <${Avatar} name=${name} />
      <span class="what"><span class="top"><span class="name" dir="auto">${name}</span><time datetime=${row.lastMessageAt ?? row.createdAt}>${brief(row.lastMessageAt ?? row.createdAt)}</time></span>
        <span class="preview" dir="auto">${row.subject ? html`<b>${row.subject}</b> ` : ""}${row.preview ?? ""}</span>
        <span class="marks"><span class="mark-channel"><${Icon} name=${row.channel} size=${14} />${t(`channels.${row.channel}`)}</span>
          ${row.waitingSince && html`<span class=${late ? "waits late" : "waits"}><${Icon} name="clock" size=${14} />${t("waits", { time: since(row.waitingSince) })}</span>`}
          ${row.status !== "open" && html`<span class="state">${t(`statuses.${row.status}`)}</span>`}
          ${row.assignee && html`<span class="who">${row.assignee === state.me.id ? t("you") : nameOf(row.assignee)}</span>`}
          ${row.unread > 0 && html`<span class="badge">${number(row.unread)}<span class="unseen"> ${t("unread")}</span></span>`}</span></span></a></li>`;
}
