// The staff page: the sign-in form, or the view of the route.

import { BELOW } from "../shared/api.js";
import { t } from "../shared/page.js";
import { html, render, useLayoutEffect, useReducer } from "./preact.js";
import { Guests } from "./guests.js";
import { Icon } from "./icons.js";
import { Health } from "./health.js";
import { Inbox } from "./inbox.js";
import { Help } from "./shortcuts.js";
import { Knowledge } from "./knowledge.js";
import { LeaveDialog } from "./leave-dialog.js";
import { lazy } from "./lazy.js";
import "./refresh.js";
import { linkTo } from "./router.js";
import { start } from "./session.js";
import { SetUpRequired } from "./second-factor.js";
import { SignInAgain, SignIn } from "./sign-in.js";
import { NOW_AND_THEN, notify, change, seldom, state, watch } from "./store.js";
import { Tasks } from "./tasks.js";
import { Avatar, Skeleton, Unread } from "./components.js";

const StaffList = lazy(async () => {
  const { StaffList: found } = await import("./people/staff-list.js");
  return found;
});

const Today = lazy(async () => {
  const { Today: found } = await import("./today/today.js");
  return found;
}, "today/today.css");

const Reports = lazy(async () => {
  const { Reports: found } = await import("./reports/reports.js");
  return found;
}, "reports/reports.css");

const Handover = lazy(async () => {
  const { Handover: found } = await import("./handover/handover.js");
  return found;
}, "handover/handover.css");

const MyAccount = lazy(async () => {
  const { MyAccount: found } = await import("./me/my-account.js");
  return found;
});

const Settings = lazy(async () => {
  const { Settings: found } = await import("./settings/settings.js");
  return found;
});

const REDRAW = 30_000; // waiting times grow
const EVERY_DAY = ["today", "inbox", "tasks", "guests"];
/** @type {Record<string, (props: any) => any>} */
const VIEWS = {
  today: () => html`<${Today} />`,
  inbox: Inbox,
  tasks: Tasks,
  guests: Guests,
  knowledge: Knowledge,
  handover: () => html`<${Handover} />`,
  reports: () => html`<${Reports} />`,
  staff: () => html`<${StaffList} />`,
  settings: Settings,
  me: MyAccount,
};

function App() {
  const [, draw] = useReducer((/** @type {number} */ turn) => turn + 1, 0);
  useLayoutEffect(() => watch(() => draw(undefined)), []); // before the first answer may come
  if (state.phase === "out") return html`<${SignIn} />`;
  const View = VIEWS[state.route.view];
  return html`
    <div class="app">
      <${Rail} />
      <main id="main" tabindex="-1">
        ${state.offline && html`<p class="strip" role="status">${t("offline")}</p>`}
        ${state.waiting && html`<p class="strip" role="status">${t("waitsItsTurn")}</p>`}
        ${state.phase === "in" && !state.locked ? html`<${View} />` : html`<${Placeholder} />`}
      </main>
      <div class="notices" role="status">
        ${state.notices.map(
          (one) => html`
            <p key=${one.text} class="notice ${one.kind}">
              ${one.text}
              ${one.href && html` <a href=${one.href}>${t("goThere")}</a>`}
              ${
                one.undo &&
                html` <button type="button" class="quiet small" onClick=${one.undo}>
                  ${t("undo")}
                </button>`
              }
            </p>
          `,
        )}
      </div>
      <div class="unseen" aria-live="polite">${state.announcement}</div>
      ${state.help && html`<${Help} />`}
      ${state.leaving && html`<${LeaveDialog} />`}
      ${state.mustSetUp && !state.locked && html`<${SetUpRequired} />`}
      ${state.locked && html`<${SignInAgain} />`}
    </div>
  `;
}

function Rail() {
  const { view } = state.route;
  const skip = () => document.getElementById("main")?.focus();
  return html`
    <button type="button" class="skip" onClick=${skip}>${t("skip")}</button>
    <nav class="rail" aria-label=${t("mainMenu")}>
      <p class="brand">
        <img src="${BELOW}/favicon.svg" alt="" width="28" height="28" />
        <span dir="auto">${state.hotel.name ?? document.body.dataset.hotel}</span>
      </p>
      <ul>
        ${[...EVERY_DAY, ...seldom()].map((name) => html`<${ViewLink} key=${name} name=${name} />`)}
      </ul>
      <div class="own">
        <${Health} />
        <button type="button" class="plain help" onClick=${() => change({ help: true })}>
          ${t("shortcuts")}
        </button>
        <a
          href=${linkTo("me")}
          class=${NOW_AND_THEN.includes(view) ? "near" : ""}
          aria-current=${view === "me" ? "page" : undefined}
        >
          <${Avatar} name=${state.me.name} />
          <span class="name" dir="auto">${state.me.name}</span>
          <span class="rest">${t("rest")}</span>
        </a>
      </div>
    </nav>
  `;
}

/** @param {{ name: string }} props */
function ViewLink({ name }) {
  const unread = name === "inbox" ? (state.counts?.unread ?? 0) : 0;
  return html`
    <li class=${NOW_AND_THEN.includes(name) ? "rare" : ""}>
      <a href=${linkTo(name)} aria-current=${state.route.view === name ? "page" : undefined}>
        <${Icon} name=${name} size=${22} />
        <span>${t(`views.${name}`)}</span>
        ${unread > 0 && html`<${Unread} count=${unread} />`}
      </a>
    </li>
  `;
}

const Placeholder = () =>
  html`
    <div class="inbox">
      <h1 class="unseen">${t("loading")}</h1>
      <section class="list" aria-busy="true"><${Skeleton} rows=${8} /></section>
      <section class="conversation nothing"></section>
    </div>
  `;

setInterval(() => !document.hidden && notify(), REDRAW);

// Another view gets the focus on its heading, so that a screen reader announces it.
let last = state.route.view;
watch(({ route }) => {
  if (route.view === last) return;
  last = route.view;
  requestAnimationFrame(() => {
    const head = /** @type {HTMLElement | null} */ (document.querySelector("main h1"));
    const focused = document.activeElement;
    if (focused === document.body || focused?.closest("nav")) head?.focus({ preventScroll: true });
  });
});

render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
start();
