// The page: who is not signed in signs in; everybody else finds the views here.

import { t } from "../shared/page.js";
import { html, render, useEffect, useReducer } from "./preact.js";
import { number } from "./format.js";
import { Guests } from "./guests.js";
import { Icon } from "./icons.js";
import { Inbox } from "./inbox.js";
import { Help } from "./shortcuts.js";
import { Knowledge } from "./knowledge.js";
import { Me } from "./my-account.js";
import "./refresh.js";
import { People } from "./staff-list.js";
import { to } from "./router.js";
import { start } from "./session.js";
import { Settings } from "./settings.js";
import { Again, SignIn } from "./sign-in.js";
import { announce, change, state, watch } from "./store.js";
import { Tasks } from "./tasks.js";
import { Avatar, Skeleton } from "./components.js";

const MINUTE = 30_000;
const EVERY_DAY = ["inbox", "tasks", "guests", "knowledge"];
const NOW_AND_THEN = ["staff", "settings"]; // on a phone these are found under "More"
const VIEWS = { inbox: Inbox, tasks: Tasks, guests: Guests, knowledge: Knowledge, staff: People, settings: Settings, me: Me };

function App() {
  const [, draw] = useReducer((turn) => turn + 1, 0);
  useEffect(() => watch(draw), []);
  if (state.phase === "out") return html`<${SignIn} />`;
  const View = VIEWS[state.route.view];
  return html`<div class="app"><${Rail} />
    <main id="main" tabindex="-1">
      ${state.offline && html`<p class="strip" role="status">${t("offline")}</p>`}
      ${state.phase === "in" ? html`<${View} />` : html`<${Shape} />`}</main>
    <div class="notices" role="status">${state.notices.map((one) => html`<p key=${one.text} class="notice ${one.kind}">${one.text}</p>`)}</div>
    <div class="unseen" aria-live="polite">${state.said}</div>
    ${state.help && html`<${Help} />`}${state.locked && html`<${Again} />`}</div>`;
}

function Rail() {
  const { view } = state.route;
  const unread = state.counts?.unread;
  const main = document.getElementById.bind(document, "main");
  return html`<button type="button" class="skip" onClick=${() => main()?.focus()}>${t("skip")}</button>
    <nav class="rail" aria-label=${t("mainMenu")}><p class="brand"><img src="/favicon.svg" alt="" width="28" height="28" /><span dir="auto">${state.hotel.name ?? document.body.dataset.hotel}</span></p>
    <ul>${[...EVERY_DAY, ...NOW_AND_THEN].map((name) => html`<li key=${name} class=${NOW_AND_THEN.includes(name) ? "rare" : ""}><a href=${to(name)} aria-current=${view === name ? "page" : undefined}><${Icon} name=${name} size=${22} /><span>${t(`views.${name}`)}</span>
      ${name === "inbox" && unread > 0 && html`<span class="badge">${number(unread)}<span class="unseen"> ${t("unread")}</span></span>`}</a></li>`)}</ul>
    <div class="own"><button type="button" class="plain help" onClick=${() => change({ help: true })}>${t("shortcuts")}</button>
      <a href=${to("me")} class=${NOW_AND_THEN.includes(view) ? "near" : ""} aria-current=${view === "me" ? "page" : undefined}><${Avatar} name=${state.me?.name} /><span class="name" dir="auto">${state.me?.name ?? ""}</span><span class="rest">${t("rest")}</span></a></div></nav>`;
}

const Shape = () => html`<div class="inbox"><h1 class="unseen">${t("loading")}</h1><section class="list" aria-busy="true"><${Skeleton} rows=${8} /></section><section class="talk nothing"></section></div>`;

// Waiting times grow by themselves.
setInterval(() => !document.hidden && announce(), MINUTE);

// Another view begins at its top, and a screen reader hears which.
let last = state.route.view;
watch(({ route }) => {
  if (route.view === last) return;
  last = route.view;
  requestAnimationFrame(() => {
    const head = document.querySelector("main h1");
    if (document.activeElement === document.body || document.activeElement?.closest("nav")) head?.focus({ preventScroll: true });
  });
});

render(html`<${App} />`, document.getElementById("app"));
start();
