// Choosing a moment by the hotel's clock: for a message to leave, or a conversation to come back.

import { t } from "../../shared/page.js";
import { Dialog } from "../components.js";
import { clock, fromLocal, hotelToday, moment, toLocal } from "../format.js";
import { Check, Field } from "../forms.js";
import { html, useRef, useState } from "../preact.js";
import { explain } from "../request.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** @param {number} at */
const wholeMinute = (at) => fromLocal(toLocal(at));

/**
 * What one often means: a word, and the moment.
 * @param {Api.CurrentStay | null} stay
 * @returns {[word: string, at: string][]}
 */
function usual(stay) {
  const today = hotelToday();
  const tomorrow = new Date(Date.parse(today) + DAY).toISOString().slice(0, 10);
  /** @type {[string, string][]} */
  const found = [
    ["hour", wholeMinute(Date.now() + HOUR)],
    ["tonight", fromLocal(`${today}T20:00`)],
    ["tomorrow", fromLocal(`${tomorrow}T09:00`)],
  ];
  if (stay?.status === "booked") found.push(["arrival", fromLocal(`${stay.arrival}T10:00`)]);
  return found.filter(([, at]) => Date.parse(at) > Date.now());
}

/**
 * What is chosen, and its being saved.
 * @param {Pick<WhenProps, "at" | "content" | "save" | "onClose">} props
 * @param {string | undefined} otherwise
 */
function useWhen({ at: first, content = null, save, onClose }, otherwise) {
  const [local, setLocal] = useState(toLocal(Date.parse(first ?? otherwise ?? "")));
  const [text, setText] = useState(content ?? "");
  const [onReply, setOnReply] = useState(false);
  const [problem, setProblem] = useState("");
  const busy = useRef(false);
  const at = local && fromLocal(local);
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    event.stopPropagation(); // the dialog may stand inside the reply form
    if (busy.current || (content !== null && !text.trim())) return;
    if (!at || Date.parse(at) <= Date.now()) {
      setProblem(t("later.past"));
      return;
    }
    busy.current = true;
    try {
      await save(at, { content: text, onReply });
      onClose();
    } catch (error) {
      setProblem(explain(error));
    }
    busy.current = false;
  }
  return { at, local, setLocal, text, setText, onReply, setOnReply, problem, submit };
}

/**
 * `save(at, values)` takes the moment (RFC 3339); it closes by itself. `content`: a text that can
 * be changed as well. `askReply`: whether a guest's answer cancels it.
 * @typedef {{ title: string, label: string, conversation: Api.Conversation | null,
 *   at?: string | null, content?: string | null, askReply?: boolean, onClose: () => void,
 *   save: (at: string, values: { content: string, onReply: boolean }) => unknown }} WhenProps
 */

/** @param {WhenProps} props */
export function WhenDialog({ title, label, conversation, askReply, ...props }) {
  const choices = usual(conversation?.stay ?? null);
  const form = useWhen(props, choices[1][1]);
  const { onReply, setOnReply } = form;
  const isOver = askReply && isTooLate(conversation, form.at);
  return html`
    <${Dialog} title=${title} onClose=${props.onClose}>
      <form class="when" onSubmit=${form.submit} novalidate>
        <${Choices} choices=${choices} form=${form} />
        <${Moment} form=${form} />
        ${props.content && html`<${Text} form=${form} />`}
        ${
          askReply &&
          html`<${Check} label=${t("later.onReply")} checked=${onReply} onChange=${setOnReply} />`
        }
        ${isOver && html`<p class="notice">${t("later.windowEnds")}</p>`}
        <div class="buttons">
          <button type="submit">${label}</button>
          <button type="button" class="quiet" onClick=${props.onClose}>${t("cancel")}</button>
        </div>
      </form>
    </${Dialog}>
  `;
}

/** @param {{ choices: [string, string][], form: ReturnType<typeof useWhen> }} props */
const Choices = ({ choices, form: { at, setLocal } }) => html`
  <div class="chips" role="group" aria-label=${t("later.usual")}>
    ${choices.map(
      ([word, one]) => html`
        <button
          type="button"
          class="chip"
          key=${word}
          aria-pressed=${at === one ? "true" : "false"}
          onClick=${() => setLocal(toLocal(Date.parse(one)))}
        >
          ${choiceText(word, one)}
        </button>
      `,
    )}
  </div>
`;

/**
 * @param {string} word
 * @param {string} at
 */
function choiceText(word, at) {
  if (word === "arrival") return t("later.arrival", { time: moment(at) });
  return t(`later.${word}`, { time: clock(at) });
}

/** @param {{ form: ReturnType<typeof useWhen> }} props */
const Moment = ({ form: { local, setLocal, problem } }) => html`
  <${Field}
    label=${t("later.when")}
    name="when"
    type="datetime-local"
    value=${local}
    onInput=${setLocal}
    hint=${t("later.hotelTime")}
    problem=${problem}
    required
  />
`;

/** @param {{ form: ReturnType<typeof useWhen> }} props */
const Text = ({ form: { text, setText } }) => html`
  <${Field}
    label=${t("replyText")}
    name="content"
    rows="4"
    maxlength="4096"
    value=${text}
    onInput=${setText}
    required
  />
`;

/**
 * Whether WhatsApp's window will be over by then, as far as is known now.
 * @param {Api.Conversation | null} conversation
 * @param {string} at
 */
const isTooLate = (conversation, at) =>
  Boolean(at && conversation?.windowExpiresAt && at > conversation.windowExpiresAt);
