// Calendars of booking sites that stays are read from: which, and how each is.

import { t } from "../../shared/page.js";
import { Failed, Skeleton, SmallButton } from "../components.js";
import { moment } from "../format.js";
import { fieldLabel, Field, Form } from "../forms.js";
import { Icon } from "../icons.js";
import { useList } from "../list-data.js";
import { html, useEffect, useRef } from "../preact.js";
import { linkTo } from "../router.js";
import { mayManage } from "../store.js";

const LOOK = 2000; // while one has not been read yet

/** @typedef {{ name: string, url: string, room: string | null }} Feed */

/**
 * @param {{ value: Staff.Values, put: (value: any) => Promise<void>, reload: () => void }} props
 */
export function FeedForm({ value, put, reload }) {
  /** @param {Staff.FormState} form */
  function fields({ values, put: change, wrong }) {
    /** @type {Feed[]} */
    const feeds = values.feeds;
    /** @param {Feed[]} changed */
    const set = (changed) => change({ feeds: changed });
    return html`
      ${feeds.map(
        (feed, place) => html`
          <${FeedFields}
            key=${place}
            feed=${feed}
            place=${place}
            wrong=${wrong}
            onChange=${(/** @type {Feed} */ changed) => set(feeds.with(place, changed))}
            onRemove=${() => set(feeds.toSpliced(place, 1))}
          />
        `,
      )}
      ${wrong.feeds && html`<p class="problem" role="alert">${wrong.feeds}</p>`}
      <p class="buttons">
        <${SmallButton}
          label=${t("feeds.add")}
          onClick=${() => set([...feeds, { name: "", url: "", room: "" }])}
        />
      </p>
    `;
  }
  return html`
    <p class="text">${t("feeds.about")}</p>
    <${Form}
      draft="setting:stays.feeds"
      initial=${{ feeds: value.feeds }}
      fields=${fields}
      send=${(/** @type {Staff.Values} */ { feeds }) => put({ feeds })}
      reload=${reload}
      label=${t("save")}
    />
  `;
}

/**
 * @param {{ feed: Feed, place: number, wrong: Record<string, string>,
 *   onChange: (feed: Feed) => void, onRemove: () => void }} props
 */
function FeedFields({ feed, place, wrong, onChange, onRemove }) {
  /**
   * @param {keyof Feed} name
   * @param {object} [more]
   */
  const field = (name, more = {}) => html`
    <${Field}
      label=${fieldLabel(name)}
      id=${`feed-${name}-${place}`}
      name=${`feeds.${place}.${name}`}
      value=${feed[name] ?? ""}
      onInput=${(/** @type {string} */ text) => onChange({ ...feed, [name]: text })}
      problem=${wrong[`feeds.${place}.${name}`]}
      ...${more}
    />
  `;
  return html`
    <fieldset>
      <legend class="unseen">${feed.name || place + 1}</legend>
      <div class="pair">
        ${field("name", { hint: t("feeds.nameHint"), maxlength: 60, required: true })}
        ${field("room", { hint: t("feeds.roomHint"), maxlength: 32 })}
      </div>
      ${field("url", { hint: t("feeds.urlHint"), maxlength: 2000, required: true })}
      <p class="buttons">
        <button
          type="button"
          class="quiet small"
          aria-label=${`${t("remove")}: ${feed.name}`}
          onClick=${onRemove}
        >
          ${t("remove")}
        </button>
      </p>
    </fieldset>
  `;
}

/**
 * How each calendar is; read again while one waits, and when the setting has changed.
 * @param {{ version: unknown }} props
 */
export function FeedStates({ version }) {
  const { rows, problem, reload } = useList("/stay-feeds", {});
  const known = useRef(version);
  const waits = rows?.some(({ state }) => state === "waiting");
  useEffect(() => {
    if (known.current !== version) reload();
    known.current = version;
  }, [version]);
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setTimeout(reload, LOOK);
    return () => clearTimeout(timer);
  }, [rows]);
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${2} />`;
  return html`
    <h3>${t("feeds.states")}</h3>
    ${rows.length === 0 && html`<p class="hint">${t("feeds.none")}</p>`}
    <ul class="devices feed-states">
      ${rows.map((row) => html`<li key=${row.name}><${FeedState} feed=${row} /></li>`)}
    </ul>
    ${
      mayManage() &&
      html`<p><a href=${linkTo("guests", "import-stays")}>${t("feeds.fromFile")}</a></p>`
    }
  `;
}

/** @param {{ feed: any }} props */
function FeedState({ feed: { name, room, state, checkedAt, succeededAt, error, stays, unnamed } }) {
  const failing = state === "failing";
  const when = succeededAt ? moment(succeededAt) : t("never");
  return html`
    <div>
      <p class="device">
        ${failing && html`<${Icon} name="warn" size=${16} /> `}<span dir="auto">${name}</span>
        ${room && ` · ${t("roomNumber", { room })}`} · ${t(`feeds.state.${state}`)}
      </p>
      ${failing && html`<p class="late" dir="auto">${`${moment(checkedAt)}: ${error}`}</p>`}
      <p class="hint">
        ${[
          t("feeds.readAt", { when }),
          t("feeds.stays", { count: stays }),
          unnamed > 0 && t("feeds.unnamed", { count: unnamed }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </div>
  `;
}
