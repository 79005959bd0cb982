// What a new hotel does first, and bringing in stays while it has none.

import { html, useEffect, useState } from "../preact.js";
import { request } from "../request.js";
import { linkTo } from "../router.js";
import { mayManage } from "../store.js";
import { FirstSteps as Steps } from "../first-steps/first-steps.js";

/**
 * Shown to those who can do something about it.
 * @param {{ day: ReturnType<typeof import("./today-data.js").useDay> }} props
 */
export function FirstSteps({ day }) {
  const { arrivals, departures, inHouse } = day;
  const [none, setNone] = useState(false);
  const read = arrivals.rows && departures.rows && inHouse.rows;
  const some = arrivals.total + departures.total + inHouse.total;
  const asked = Boolean(read) && some === 0 && mayManage();
  useEffect(() => {
    if (!asked) return;
    request("GET", "/stays?limit=1").then(
      ({ meta }) => setNone(meta.total === 0),
      () => setNone(false),
    );
  }, [asked]);
  if (!read || !mayManage()) return null;
  const stays = { name: "stays", href: linkTo("guests", "import-stays"), done: !asked || !none };
  return html`<${Steps} more=${[stays]} />`;
}
