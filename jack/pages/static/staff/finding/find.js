// Looking for words in the open conversation: from the latest message that has them to the next.

import { t } from "../../shared/page.js";
import { Search } from "../components.js";
import { number } from "../format.js";
import { Icon } from "../icons.js";
import { useList } from "../list-data.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { linkTo } from "../router.js";
import { useMarks } from "./marks.js";

/** @param {{ id: string, onClose: () => void }} props */
export function Find({ id, onClose }) {
  const [text, setText] = useState("");
  const form = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  useMarks(text);
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    onClose();
  }
  /** @param {Event} event Enter goes on to the next */
  function submit(event) {
    event.preventDefault();
    /** @type {HTMLElement | undefined} */ (form.current?.querySelector("[data-older]"))?.click();
  }
  return html`
    <form class="find" role="search" ref=${form} onKeyDown=${onKey} onSubmit=${submit}>
      <${Search} label=${t("find.label")} value=${text} onSearch=${setText} />
      ${text.trim() && html`<${Matches} key=${text} id=${id} text=${text} />`}
      <button type="button" class="icon" aria-label=${t("find.close")} onClick=${onClose}>
        <${Icon} name="close" />
      </button>
    </form>
  `;
}

/**
 * How many there are, and the ways to the next ones.
 * @param {{ id: string, text: string }} props
 */
function Matches({ id, text }) {
  const list = useList(`/conversations/${id}/messages`, { search: text, order: "desc" });
  const { rows, total, problem, more } = list;
  const [place, setPlace] = useState(0);
  const at = rows?.[place]?.id;
  useEffect(() => {
    if (at) location.replace(linkTo("inbox", id, at)); // back leads to the list
  }, [at]);
  /** @param {number} step */
  function move(step) {
    const next = place + step;
    if (next < 0 || next >= total) return;
    setPlace(next);
    if (rows && next >= rows.length) more();
  }
  const counted = { place: number(place + 1), total: number(total) };
  const said = problem || (rows && (total ? t("find.count", counted) : t("find.none")));
  return html`
    <span class="hint" role="status">${said}</span>
    <${Step} to="older" off=${place + 1 >= total} onClick=${() => move(1)} />
    <${Step} to="newer" off=${place <= 0} onClick=${() => move(-1)} />
  `;
}

/** @param {{ to: "older" | "newer", off: boolean, onClick: () => void }} props */
const Step = ({ to, off, onClick }) => html`
  <button
    type="button"
    class="icon"
    data-older=${to === "older"}
    title=${t(`find.${to}`)}
    aria-label=${t(`find.${to}`)}
    aria-disabled=${off ? "true" : undefined}
    onClick=${onClick}
  >
    <${Icon} name="back" />
  </button>
`;
