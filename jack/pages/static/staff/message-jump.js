// Opens a conversation at one of its messages, as far back as that is.

import { explain, request } from "./request.js";
import { html, useEffect, useLayoutEffect } from "./preact.js";
import { cached, inTurn, merge } from "./conversation-cache.js";
import { notice, notify, state } from "./store.js";

const LIMIT = 100;

/**
 * @param {string} id
 * @param {Record<string, string>} which page
 * @returns {Promise<Api.Answer<Api.Message[]>>}
 */
function fetchPage(id, which) {
  const query = new URLSearchParams({ order: "desc", limit: `${LIMIT}`, ...which });
  return request("GET", `/conversations/${id}/messages?${query}`);
}

/**
 * Reads a conversation's messages from the latest back to this one, unless it is known.
 * @param {string} id
 * @param {string} messageId
 */
async function readBackTo(id, messageId) {
  const has = () => cached(id).messages?.some((one) => one.id === messageId);
  if (has()) return;
  const { data, meta } = await fetchPage(id, { around: messageId });
  const between = [];
  for (let page = 1; page < meta.page; page += 1) {
    between.push(...(await fetchPage(id, { page: `${page}` })).data);
  }
  const found = cached(id);
  const messages = merge(found, found.messages ?? [], [...data, ...between]);
  found.older = messages.length < meta.total;
  notify();
}

/**
 * Reads an open conversation back to the message that the address names, once its latest are read.
 * @param {string} id
 * @param {boolean} ready
 */
export function useReach(id, ready) {
  const { at } = state.route;
  useEffect(() => {
    if (!at || !ready) return;
    inTurn(id, () => readBackTo(id, at)).catch(
      (error) => error.status !== 401 && notice(explain(error), "bad"),
    );
  }, [at, ready]);
}

/**
 * Scrolls the log to the message that the address names, when it is there.
 * @param {{ current: HTMLElement | null }} box
 * @param {{ current: boolean }} atEnd
 * @param {Api.Message[] | null} messages
 */
export function useFound(box, atEnd, messages) {
  const { at } = state.route;
  const found = Boolean(at && messages?.some(({ id }) => id === at));
  useLayoutEffect(() => {
    if (!found) return;
    atEnd.current = false;
    box.current?.querySelector(".found")?.scrollIntoView({ block: "center" });
  }, [at, found]);
}

/**
 * What a search has found, its words marked; a range counts characters, not UTF-16 units.
 * @param {{ match: Api.Match }} props
 */
export function Snippet({ match: { snippet, ranges } }) {
  const signs = Array.from(snippet);
  let done = 0;
  const parts = ranges.map(([start, end]) => {
    const before = signs.slice(done, start).join("");
    done = end;
    return html`${before}<mark>${signs.slice(start, end).join("")}</mark>`;
  });
  return html`${parts}${signs.slice(done).join("")}`;
}
