// Charts: small SVGs in the colours of the page. Each has a table behind it, which says the same.

import { t } from "../../shared/page.js";
import { number } from "../format.js";
import { html } from "../preact.js";

const WIDTH = 640;
const HEIGHT = 180;
const FOOT = 18; // below the bars, for the days
const GAP = 0.25; // of a bar's place

/** @typedef {{ name: string, values: number[], class: string }} Row a row of bars */

/**
 * A section with a chart and, folded away, the table it is drawn from.
 * @param {{ title: string, head: string[], rows: (string | number)[][], children: any }} props
 */
export const Chart = ({ title, head, rows, children }) => html`
  <section class="chart">
    <h2>${title}</h2>
    ${children}
    <details>
      <summary>${t("reports.table")}</summary>
      <${Table} label=${title} head=${head} rows=${rows} />
    </details>
  </section>
`;

/**
 * A table whose first column names the rows.
 * @param {{ label: string, head: string[], rows: (string | number)[][] }} props
 */
export const Table = ({ label, head, rows }) => html`
  <div class="scrolled" tabindex="0" role="group" aria-label=${label}>
    <table>
      <thead>
        <tr>
          ${head.map((name) => html`<th key=${name} scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, ...cells]) => html`
            <tr key=${name}>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>
          `,
        )}
      </tbody>
    </table>
  </div>
`;

/**
 * Bars side by side: a group for each label, a bar in it for each series.
 * @param {{ title: string, labels: string[], series: Row[] }} props
 */
export function Bars({ title, labels, series }) {
  const top = Math.max(1, ...series.flatMap(({ values }) => values));
  const place = WIDTH / labels.length;
  const width = (place * (1 - GAP)) / series.length;
  const every = Math.ceil(labels.length / 8); // so that the labels do not touch
  return html`
    <svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${title}>
      <line x1="0" x2=${WIDTH} y1=${HEIGHT - FOOT} y2=${HEIGHT - FOOT} />
      ${series.map((one, index) =>
        one.values.map((value, at) => {
          const high = (value / top) * (HEIGHT - FOOT - 16);
          const x = at * place + (place * GAP) / 2 + index * width;
          return html`
            <rect
              class=${one.class}
              x=${x}
              y=${HEIGHT - FOOT - high}
              width=${width}
              height=${high}
            >
              <title>${`${labels[at]}: ${one.name} ${number(value)}`}</title>
            </rect>
          `;
        }),
      )}
      ${labels.map(
        (label, at) =>
          at % every === 0 && html`<text x=${at * place + 2} y=${HEIGHT - 4}>${label}</text>`,
      )}
      <text class="top" x="0" y="14">${number(top)}</text>
    </svg>
    <${Legend} series=${series} />
  `;
}

/**
 * What the colours mean.
 * @param {{ series: Row[] }} props
 */
const Legend = ({ series }) => html`
  <p class="legend">
    ${series.map(
      (one) => html`
        <span key=${one.name}>
          <svg width="12" height="12" aria-hidden="true">
            <rect class=${one.class} width="12" height="12" rx="2" />
          </svg>
          ${one.name}
        </span>
      `,
    )}
  </p>
`;

/**
 * Hours and weekdays: the darker a square, the more there was.
 * @param {{ title: string, days: string[], hours: number[][] }} props
 */
export function Heat({ title, days, hours }) {
  const top = Math.max(1, ...hours.flat());
  const [left, side] = [44, 24];
  return html`
    <svg
      class="heat"
      viewBox="0 0 ${left + 24 * side} ${7 * side + FOOT}"
      role="img"
      aria-label=${title}
    >
      ${days.map(
        (day, row) => html`
          <text x="0" y=${row * side + 16}>${day}</text>
          ${hours[row].map(
            (value, hour) => html`
              <rect
                x=${left + hour * side + 1}
                y=${row * side + 1}
                width=${side - 2}
                height=${side - 2}
                rx="3"
                fill-opacity=${value ? 0.15 + (0.85 * value) / top : 0.04}
              >
                <title>${`${day} ${hour}:00: ${number(value)}`}</title>
              </rect>
            `,
          )}
        `,
      )}
      ${[0, 6, 12, 18].map(
        (hour) => html`<text x=${left + hour * side + 1} y=${7 * side + 13}>${hour}</text>`,
      )}
    </svg>
  `;
}

/**
 * Lines with a bar each, the longest the widest.
 * @param {{ title: string, rows: { name: string, value: number, text?: string }[] }} props
 */
export function Lines({ title, rows }) {
  const top = Math.max(1, ...rows.map(({ value }) => value));
  return html`
    <ul class="measures" aria-label=${title}>
      ${rows.map(
        ({ name, value, text }) => html`
          <li key=${name}>
            <span dir="auto">${name}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width=${(100 * value) / top} height="10" />
            </svg>
            <span>${text ?? number(value)}</span>
          </li>
        `,
      )}
    </ul>
  `;
}
