// The panel of another site's page that this chat may be in. That page says when it opens and closes the panel; it is
// told when the guest wants it closed, how much is unread, and that there is a chat at all. Where the browser keeps
// nothing for a frame, the page keeps the chat's memory as well, as long as its tab is open. Nothing else passes.

import { forgetful, lend } from "./memory.js";
import { setOpen } from "./presence.js";
import { $ } from "../shared/page.js";

const framed = window.parent !== window;
const sites = [location.origin, ...JSON.parse(document.body.dataset.sites)];
const touch = matchMedia("(hover: none)");
let site = null; // who shows us, once they have said so
let last = {};
let meet;

/** When the memory is there: at once, or in a frame that has none of its own, when the page has handed it over. */
export const met = new Promise((resolve) => {
  meet = resolve;
  if (!framed || !forgetful()) resolve();
});

/** Tells the site's page: {unread} or {begun}. What it knows already is not said again. */
export function tell(news) {
  const fresh = Object.entries(news).filter(([name, value]) => last[name] !== value);
  last = { ...last, ...news };
  if (fresh.length) post(Object.fromEntries(fresh));
}

function post(news) {
  if (site) window.parent.postMessage({ jack: news }, site);
}

function hear({ source, origin, data }) {
  if (source !== window.parent || !sites.includes(origin) || typeof data?.jack?.open !== "boolean") return;
  const { kept } = data.jack;
  if (site === null) {
    site = origin;
    if (forgetful()) lend(typeof kept === "string" ? kept : "", (keep) => post({ keep }));
    meet();
    post({ ready: true, ...last });
  }
  setOpen(data.jack.open);
  if (data.jack.open && data.jack.focus) focusInside();
}

/** Where one would go on: the box, or the question who one is; no keyboard is called up where it covers half the chat. */
function focusInside() {
  const fields = touch.matches ? [] : [$("text"), $("name")];
  (fields.find((field) => field.offsetParent) ?? $("title")).focus();
}

/** The Tab key goes round within the panel. */
function goRound(event) {
  const all = document.querySelectorAll("button, input, textarea, [tabindex='0']");
  const places = [...all].filter((place) => place.offsetParent && !place.disabled);
  const [from, to] = event.shiftKey ? [places[0], places.at(-1)] : [places.at(-1), places[0]];
  if (document.activeElement !== from && places.includes(document.activeElement)) return;
  event.preventDefault();
  to.focus();
}

if (framed) {
  setOpen(false);
  addEventListener("message", hear);
  $("close")?.addEventListener("click", () => post({ close: true }));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) post({ close: true });
    if (event.key === "Tab") goRound(event);
  });
}
