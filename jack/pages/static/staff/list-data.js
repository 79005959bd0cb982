// What the views of guests, knowledge and staff share: a paged list beside one open entry.

import { t } from "../shared/page.js";
import { explain, request } from "./request.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { linkTo } from "./router.js";
import { state } from "./store.js";
import { Empty, Failed, Skeleton } from "./components.js";

const LIMIT = 50;

/** @typedef {{ rows: any[] | null, total: number, problem: string }} Rows */

/**
 * @param {any[]} rows
 * @param {any[]} known
 */
function without(rows, known) {
  const ids = new Set(known.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}

/**
 * The first page as it is now, and what was shown after it.
 * @param {any[]} first
 * @param {any[]} shown
 */
function renewed(first, shown) {
  const ids = new Set(first.map(({ id }) => id));
  const last = shown.findLastIndex(({ id }) => ids.has(id));
  return last < 0 ? first : [...first, ...shown.slice(last + 1)];
}

/**
 * @param {Record<string, string | string[]>} filters
 * @param {number} page
 */
function queryOf(filters, page) {
  const query = new URLSearchParams({ limit: `${LIMIT}`, page: `${page}` });
  for (const [name, value] of Object.entries(filters)) {
    for (const one of [value].flat()) if (one) query.append(name, one);
  }
  return query;
}

/**
 * The rows of a path that match the filters; `more()` reads the next page, `reload()` all anew,
 * `renew()` the first page alone, and the others stay.
 * @param {string} path
 * @param {Record<string, string | string[]>} filters
 */
export function useList(path, filters) {
  const [found, setFound] = useState(/** @type {Rows} */ ({ rows: null, total: 0, problem: "" }));
  const turn = useRef(0); // of the list as a whole
  const isWhole = useRef(false); // what is shown is of these filters
  const renewal = useRef(0);
  /**
   * @param {number} page
   * @param {(data: any[], shown: any[]) => any[]} join
   * @param {() => boolean} [isWanted]
   */
  async function read(page, join, isWanted = () => true) {
    const mine = turn.current;
    const isCurrent = () => mine === turn.current && isWanted();
    try {
      const { data, meta } = await request("GET", `${path}?${queryOf(filters, page)}`);
      const { total } = meta;
      if (!isCurrent()) return;
      isWhole.current = true;
      setFound(({ rows }) => ({ rows: join(data, rows ?? []), total, problem: "" }));
    } catch (error) {
      if (isCurrent()) setFound((was) => ({ ...was, problem: explain(error) }));
    }
  }
  function reload() {
    turn.current += 1;
    isWhole.current = false;
    return read(1, (data) => data);
  }
  function renew() {
    if (!isWhole.current) return reload();
    const mine = (renewal.current += 1);
    return read(1, renewed, () => mine === renewal.current);
  }
  function more() {
    if (!isWhole.current) return reload();
    const next = Math.floor((found.rows ?? []).length / LIMIT) + 1;
    return read(next, (data, shown) => [...shown, ...without(data, shown)]);
  }
  useEffect(() => {
    reload();
  }, [JSON.stringify(filters)]);
  return { ...found, more, reload, renew };
}

/**
 * One entry of a path, read anew when the id changes; `data` is null until it is here, and never
 * that of another id.
 * @param {string} path
 * @param {string} id
 */
export function useOne(path, id) {
  const nothing = /** @type {{ of: string, data: any, tag: string | null, problem: any }} */ ({
    of: id,
    data: null,
    tag: null,
    problem: null,
  });
  const [found, setFound] = useState(nothing);
  const turn = useRef(0);
  async function read() {
    const mine = (turn.current += 1);
    try {
      const { data, tag } = await request("GET", `${path}/${encodeURIComponent(id)}`);
      if (mine === turn.current) setFound({ of: id, data, tag, problem: null });
    } catch (error) {
      if (mine === turn.current) setFound({ ...nothing, problem: error });
    }
  }
  useEffect(() => {
    setFound(nothing);
    if (id) read();
  }, [path, id]);
  return { ...(found.of === id ? found : nothing), reload: read };
}

/**
 * The rows of a list, or why there are none. `line(row)` is the content of a row.
 * @param {{ list: ReturnType<typeof useList>, view: string, line: (row: any) => any,
 *   none: string, noneAbout?: string, label: string }} props
 */
export function Rows({ list, view, line, none, noneAbout, label }) {
  const { rows, total, problem, reload, more } = list;
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${8} />`;
  if (!rows.length) return html`<${Empty} title=${none}>${noneAbout}</${Empty}>`;
  return html`
    <ul class="rows" aria-label=${label}>
      ${rows.map(
        (row) => html`
          <li key=${row.id} class="row">
            <a
              href=${linkTo(view, row.id)}
              aria-current=${state.route.id === row.id ? "true" : undefined}
            >
              ${line(row)}
            </a>
          </li>
        `,
      )}
      ${
        rows.length < total &&
        html`
          <li class="more">
            <button type="button" class="quiet" onClick=${more}>${t("more")}</button>
          </li>
        `
      }
    </ul>
  `;
}

/**
 * Two columns, of which a phone shows one: the list, or the open entry.
 * @param {{ open: string | null, view: string, list: any, children: any }} props
 */
export const SplitView = ({ open, view, list, children }) => html`
  <div class=${open ? "pair-view open" : "pair-view"}>
    <section class="list" aria-label=${t(`views.${view}`)}>${list}</section>
    <section class="sheet" aria-label=${t("details")}>
      ${
        open &&
        html`
          <a class="icon back" href=${linkTo(view)} aria-label=${t("back")}>
            <${Icon} name="back" />
          </a>
        `
      }
      ${children}
    </section>
  </div>
`;
