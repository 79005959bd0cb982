// What a hotel without stays does first: connect a channel, invite colleagues, bring in stays.

import { t } from "../../shared/page.js";
import { html, useEffect, useState } from "../preact.js";
import { request } from "../request.js";
import { linkTo } from "../router.js";
import { isAdmin, mayManage } from "../store.js";

/**
 * Shown while the hotel has no stay at all, to those who can do something about it.
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
  if (!asked || !none) return null;
  const steps = [
    isAdmin() && ["channels", linkTo("settings", "channels")],
    isAdmin() && ["colleagues", linkTo("staff")],
    ["stays", linkTo("guests", "import-stays")],
  ];
  return html`
    <section class="first-steps">
      <h2>${t("day.first.title")}</h2>
      <ol>
        ${steps.map(
          (step) =>
            step &&
            html`<li key=${step[0]}><a href=${step[1]}>${t(`day.first.${step[0]}`)}</a></li>`,
        )}
      </ol>
    </section>
  `;
}
