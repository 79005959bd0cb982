// The inbox: the list, the open conversation, and its guest beside it.

import { t } from "../shared/page.js";
import { loadMore, NO_FILTERS, showList } from "./conversation-list-data.js";
import { html, useEffect, useRef } from "./preact.js";
import { brief, number, since } from "./format.js";
import { Icon } from "./icons.js";
import { setItem } from "./local-storage.js";
import { previewText } from "./media-words.js";
import { linkTo } from "./router.js";
import { CHANNELS, nameOf, state } from "./store.js";
import { StayLine } from "./stay.js";
import { GuestCard } from "./guest-card.js";
import { Conversation } from "./conversation.js";
import { Avatar, Empty, Failed, Search, Skeleton, Unread } from "./components.js";
import { Option, Options } from "./forms.js";

const LATE = 15 * 60_000;
/** @type {Api.Conversation["status"][]} */
const STATUSES = ["open", "pending", "closed"];

export function Inbox() {
  const { id } = state.route;
  const nothing = html`
    <section class="conversation nothing">
      <${Empty} title=${t("chooseOne")}>${t("chooseOneAbout")}</${Empty}>
    </section>
  `;
  return html`
    <div class=${id ? "inbox open" : "inbox"}>
      <h1 class="unseen">${t("views.inbox")}</h1>
      <section class="list" aria-label=${t("conversations")}><${Filters} /><${List} /></section>
      ${id ? html`<${Conversation} key=${id} id=${id} />` : nothing}
      ${
        id &&
        html`
          <aside class="beside" aria-label=${t("guest")}>
            <${GuestCard} key=${id} conversation=${state.conversations.get(id)?.conversation} />
          </aside>
        `
      }
    </div>
  `;
}

/** @param {Partial<Staff.Filters>} part */
function set(part) {
  const filters = { ...(state.list?.filters ?? NO_FILTERS), ...part };
  setItem("filters", { ...filters, search: "" });
  showList(filters);
}

function Filters() {
  const { search, unread, assignee, channel } = state.list?.filters ?? NO_FILTERS;
  const count = state.counts?.unread;
  return html`
    <div class="filters">
      <div class="first">
        <${Search}
          id="search"
          label=${t("searchConversations")}
          placeholder=${t("keys.search")}
          value=${search}
          onSearch=${(/** @type {string} */ text) => set({ search: text })}
        />
        <button
          type="button"
          class="chip"
          aria-pressed=${unread ? "true" : "false"}
          onClick=${() => set({ unread: !unread })}
        >
          ${t("unread")}
          ${count ? html` <span class="count">${number(count)}</span>` : ""}
        </button>
      </div>
      <${StatusTabs} />
      <div class="pick">
        <${AssigneeSelect} value=${assignee} />
        <${ChannelSelect} value=${channel} />
      </div>
    </div>
  `;
}

function StatusTabs() {
  const { filters } = state.list ?? { filters: NO_FILTERS };
  return html`
    <div class="tabs" role="group" aria-label=${t("status")}>
      ${STATUSES.map(
        (status) => html`
          <button
            type="button"
            key=${status}
            aria-pressed=${filters.status === status ? "true" : "false"}
            onClick=${() => set({ status: filters.status === status ? "" : status })}
          >
            ${t(`statuses.${status}`)}
            ${state.counts && html` <span class="count">${number(state.counts[status])}</span>`}
          </button>
        `,
      )}
    </div>
  `;
}

/** @param {{ value: string }} props */
function AssigneeSelect({ value }) {
  const { counts, staff, me } = state;
  /** @param {number | undefined} count */
  const many = (count) => (count === undefined ? "" : ` (${number(count)})`);
  const others = staff.filter((member) => member.active && member.id !== me.id);
  /** @param {Event & { target: HTMLSelectElement }} event */
  const choose = (event) => set({ assignee: event.target.value });
  return html`
    <select aria-label=${t("assignee")} value=${value} onChange=${choose}>
      <${Option} value="">${t("anyone")}</${Option}>
      <${Option} value="me">${t("mine")}${many(counts?.mine)}</${Option}>
      <${Option} value="unassigned">${t("nobodys")}${many(counts?.unassigned)}</${Option}>
      <${Options} items=${others.map((member) => [member.id, member.name])} />
    </select>
  `;
}

/** @param {{ value: string }} props */
function ChannelSelect({ value }) {
  /** @param {Event & { target: HTMLSelectElement }} event */
  const choose = (event) => set({ channel: event.target.value });
  return html`
    <select aria-label=${t("channel")} value=${value} onChange=${choose}>
      <${Option} value="">${t("anyChannel")}</${Option}>
      <${Options} items=${CHANNELS.map((one) => [one, t(`channels.${one}`)])} />
    </select>
  `;
}

function List() {
  const { list } = state;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => box.current?.scrollTo(0, 0), [list?.filters]);
  if (list?.problem && !list.rows) {
    return html`<${Failed} text=${list.problem} retry=${() => showList(list.filters)} />`;
  }
  if (!list?.rows) return html`<${Skeleton} rows=${8} />`;
  if (!list.rows.length) return html`<${NoRows} filters=${list.filters} />`;
  /** @param {Event & { target: HTMLElement }} event */
  const onScroll = ({ target }) =>
    target.scrollHeight - target.scrollTop - target.clientHeight < 600 && loadMore();
  return html`
    <ul class="rows" ref=${box} onScroll=${onScroll} aria-busy=${list.loading ? "true" : "false"}>
      ${list.rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}
      ${
        list.rows.length < list.total &&
        html`
          <li class="more">
            <button type="button" class="quiet" onClick=${loadMore}>${t("more")}</button>
          </li>
        `
      }
    </ul>
  `;
}

/** @param {{ filters: Staff.Filters }} props */
function NoRows({ filters }) {
  const { status, channel, assignee, unread, search } = filters;
  if (channel || assignee || unread || search) {
    return html`
      <div class="empty">
        <p class="big">${t("nothingFound")}</p>
        <button type="button" class="quiet" onClick=${() => set({ ...NO_FILTERS })}>
          ${t("showAll")}
        </button>
      </div>
    `;
  }
  if (status !== "open") return html`<${Empty} title=${t("nothingHere")} />`;
  return html`<${Empty} title=${t("nobodyWaits")}>${t("nobodyWaitsAbout")}</${Empty}>`;
}

/** @param {{ row: Api.Conversation }} props */
function Row({ row }) {
  const name = row.guest?.name ?? t("erasedGuest");
  const at = row.lastMessageAt ?? row.createdAt;
  return html`
    <li class=${row.unread ? "row unread" : "row"}>
      <a
        href=${linkTo("inbox", row.id)}
        aria-current=${state.route.id === row.id ? "true" : undefined}
        data-id=${row.id}
      >
        <${Avatar} name=${name} />
        <span class="what">
          <span class="top">
            <span class="name" dir="auto">${name}</span>
            <time datetime=${at}>${brief(at)}</time>
          </span>
          <span class="preview" dir="auto">
            ${row.subject ? html`<b>${row.subject}</b> ` : ""}
            ${previewText(row)}
          </span>
          <${Marks} row=${row} />
        </span>
      </a>
    </li>
  `;
}

/** @param {{ row: Api.Conversation }} props */
function Marks({ row: { channel, stay, waitingSince, status, assignee, unread } }) {
  const late = waitingSince && Date.now() - Date.parse(waitingSince) > LATE;
  return html`
    <span class="marks">
      <span class="mark-channel">
        <${Icon} name=${channel} size=${14} />
        ${t(`channels.${channel}`)}
      </span>
      <${StayLine} stay=${stay} />
      ${
        waitingSince &&
        html`
          <span class=${late ? "waits late" : "waits"}>
            <${Icon} name="clock" size=${14} />
            ${t("waits", { time: since(waitingSince) })}
          </span>
        `
      }
      ${status !== "open" && html`<span class="state">${t(`statuses.${status}`)}</span>`}
      ${
        assignee &&
        html`
          <span class="who">${assignee === state.me.id ? t("you") : nameOf(assignee)}</span>
        `
      }
      ${unread > 0 && html`<${Unread} count=${unread} />`}
    </span>
  `;
}
