// The inbox: the list, the open conversation, and its guest beside it.

import { t } from "../shared/page.js";
import { loadMore, NO_FILTERS, showList } from "./conversation-list-data.js";
import { html, useLayoutEffect, useRef } from "./preact.js";
import { number } from "./format.js";
import { setItem } from "./local-storage.js";
import { CHANNELS, isAdmin, state } from "./store.js";
import { GuestCard } from "./guest-card.js";
import { Conversation } from "./conversation.js";
import { ConversationRow } from "./conversation-row.js";
import { Empty, Failed, Search, Skeleton } from "./components.js";
import { Option, Options } from "./forms.js";
import { lazy } from "./lazy.js";
import { WhoWaits } from "./who-waits.js";

const FirstSteps = lazy(
  async () => (await import("./first-steps/first-steps.js")).FirstSteps,
  true,
);

/** Whether the list has the whole width, and no pane beside it. */
const isPhone = () => matchMedia("(max-width: 48rem)").matches;

/** @type {Api.Conversation["status"][]} */
const STATUSES = ["open", "pending", "closed"];

export function Inbox() {
  const { id } = state.route;
  const nothing = html`
    <section class="conversation nothing">
      ${isAdmin() && html`<${FirstSteps} />`}
      <${WhoWaits} />
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
  setItem("inboxFilters", { ...filters, search: "" });
  showList(filters);
}

function Filters() {
  const filters = state.list?.filters ?? NO_FILTERS;
  const { search, unread } = filters;
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
      <${Narrowing} filters=${filters} />
    </div>
  `;
}

/** @param {{ filters: Staff.Filters }} props */
const Narrowing = ({ filters: { assignee, channel, mentioned, ...later } }) => html`
  <div class="pick">
    <${AssigneeSelect} value=${assignee} />
    <${ChannelSelect} value=${channel} />
    <${LaterSelect} ...${later} />
    <button
      type="button"
      class="chip"
      title=${t("mentions")}
      aria-label=${t("mentions")}
      aria-pressed=${mentioned ? "true" : "false"}
      onClick=${() => set({ mentioned: !mentioned })}
    >
      @
    </button>
  </div>
`;

/**
 * What is put off: snoozed conversations, and those with a message that leaves later.
 * @param {{ snoozed: boolean, scheduled: boolean }} props
 */
function LaterSelect({ snoozed, scheduled }) {
  /** @param {Event & { target: HTMLSelectElement }} event */
  const choose = ({ target: { value } }) =>
    set({ snoozed: value === "snoozed", scheduled: value === "scheduled" });
  const value = (snoozed && "snoozed") || (scheduled && "scheduled") || "";
  return html`
    <select aria-label=${t("later.view")} value=${value} onChange=${choose}>
      <${Option} value="">${t("later.view")}</${Option}>
      <${Option} value="snoozed">${t("snoozed")}</${Option}>
      <${Option} value="scheduled">${t("scheduled")}</${Option}>
    </select>
  `;
}

function StatusTabs() {
  const { waiting, status, search, ...later } = state.list?.filters ?? NO_FILTERS;
  const other = later.snoozed || later.scheduled || Boolean(search.trim()); // of whatever status
  const chosen = waiting || other ? "" : status;
  const usual = { snoozed: false, scheduled: false, search: "" };
  return html`
    <div class="tabs" role="group" aria-label=${t("status")}>
      <${Tab}
        name=${t("waiting")}
        count=${state.counts?.waiting}
        pressed=${waiting && !other}
        onClick=${() => set({ ...usual, waiting: true, status: "open" })}
      />
      ${STATUSES.map(
        (one) => html`
          <${Tab}
            key=${one}
            name=${t(`statuses.${one}`)}
            count=${state.counts?.[one]}
            pressed=${chosen === one}
            onClick=${() => set({ ...usual, waiting: false, status: chosen === one ? "" : one })}
          />
        `,
      )}
    </div>
  `;
}

/** @param {{ name: string, count?: number, pressed: boolean, onClick: () => void }} props */
const Tab = ({ name, count, pressed, onClick }) => html`
  <button type="button" aria-pressed=${pressed ? "true" : "false"} onClick=${onClick}>
    ${name} ${count !== undefined && html`<span class="count">${number(count)}</span>`}
  </button>
`;

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

/**
 * Another list begins at its top. The row of what is open, or was open last, is in sight: also
 * where the list was away meanwhile, as on a phone, and came back at its top.
 */
function useListScroll() {
  const { list, route } = state;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const filters = useRef(list?.filters);
  const last = useRef(/** @type {string | null} */ (null));
  useLayoutEffect(() => {
    if (filters.current !== list?.filters) box.current?.scrollTo(0, 0);
    filters.current = list?.filters;
  }, [list?.filters]);
  useLayoutEffect(() => {
    last.current = route.id ?? last.current;
    const id = last.current && CSS.escape(last.current);
    const row = id && box.current?.querySelector(`[data-id="${id}"]`);
    if (row) row.scrollIntoView({ block: "nearest" });
  }, [route.id, Boolean(list?.rows)]);
  return box;
}

function List() {
  const { list } = state;
  const box = useListScroll();
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
      ${list.rows.map((row) => html`<${ConversationRow} key=${row.id} row=${row} />`)}
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
  const { status, channel, assignee, unread, mentioned, search, waiting } = filters;
  const later = filters.snoozed || filters.scheduled;
  const narrowed = later || mentioned || channel || assignee || unread || search;
  if (!narrowed && status !== "open") return html`<${Empty} title=${t("nothingHere")} />`;
  return html`
    <div class="empty">
      <p class="big">${narrowed ? t("nothingFound") : t("nobodyWaits")}</p>
      ${!narrowed && html`<p>${t("nobodyWaitsAbout")}</p>`}
      ${!narrowed && isAdmin() && isPhone() && html`<${FirstSteps} />`}
      ${
        (narrowed || waiting) &&
        html`
          <button
            type="button"
            class="quiet"
            onClick=${() => set({ ...NO_FILTERS, waiting: false })}
          >
            ${t("showAll")}
          </button>
        `
      }
    </div>
  `;
}
