// What the views of guests, knowledge and staff have in common: a list that is searched and paged, beside the one that is open.

import { t } from "../shared/page.js";
import { ask, explain } from "./request.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { Icon } from "./icons.js";
import { to } from "./router.js";
import { state } from "./store.js";
import { Empty, Failed, Skeleton } from "./components.js";

const LIMIT = 50;

/** The rows of a path with these filters; `more()` asks for the next page, `again()` for all anew. */
export function useList(path, filters) {
  const [found, setFound] = useState({ rows: null, total: 0, problem: "" });
  const turn = useRef(0);
  const key = JSON.stringify(filters);
  async function read(page, before) {
    const mine = (turn.current += 1);
    const asked = new URLSearchParams({ limit: LIMIT, page });
    Object.entries(filters).forEach(([name, value]) => value && asked.set(name, value));
    try {
      const { data, meta } = await ask("GET", `${path}?${asked}`);
      if (mine === turn.current) setFound({ rows: [...before, ...data.filter(({ id }) => !before.some((row) => row.id === id))], total: meta.total, page, problem: "" });
    } catch (error) {
      if (mine === turn.current) setFound((was) => ({ ...was, problem: explain(error) }));
    }
  }
  useEffect(() => { read(1, []); }, [key]);
  return { ...found, more: () => read(found.page + 1, found.rows), again: () => read(1, []) };
}

/** One thing of a path, read anew when another is open; `null` before it is here. */
export function useOne(path, id) {
  const [found, setFound] = useState({ data: null, tag: null, problem: null });
  const turn = useRef(0);
  async function read() {
    const mine = (turn.current += 1);
    try {
      const { data, tag } = await ask("GET", `${path}/${encodeURIComponent(id)}`);
      if (mine === turn.current) setFound({ data, tag, problem: null });
    } catch (error) {
      if (mine === turn.current) setFound({ data: null, tag: null, problem: error });
    }
  }
  useEffect(() => {
    setFound({ data: null, tag: null, problem: null });
    if (id) read();
  }, [path, id]);
  return { ...found, again: read };
}

/** The list, or why there is none. `line(row)` is what a row says. */
export function Rows({ list, view, line, none, noneAbout, label }) {
  if (list.problem && !list.rows) return html`<${Failed} text=${list.problem} retry=${list.again} />`;
  if (!list.rows) return html`<${Skeleton} rows=${8} />`;
  if (!list.rows.length) return html`<${Empty} title=${none}>${noneAbout}</${Empty}>`;
  return html`<ul class="rows" aria-label=${label}>${list.rows.map((row) => html`<li key=${row.id} class="row"><a href=${to(view, row.id)} aria-current=${state.route.id === row.id ? "true" : undefined}>${line(row)}</a></li>`)}
    ${list.rows.length < list.total && html`<li class="more"><button type="button" class="quiet" onClick=${list.more}>${t("more")}</button></li>`}</ul>`;
}

/** Two columns, of which a phone shows one: the list, or what is open of it. */
export const Pair = ({ open, view, list, children }) => html`<div class=${open ? "pair-view open" : "pair-view"}><section class="list" aria-label=${t(`views.${view}`)}>${list}</section>
  <section class="sheet" aria-label=${t("details")}>${open && html`<a class="icon back" href=${to(view)} aria-label=${t("back")}><${Icon} name="back" /></a>`}${children}</section></div>`;
