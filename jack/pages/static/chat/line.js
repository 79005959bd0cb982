// The connection to the API: each turn sends the queue, fetches new messages and confirms what was
// read. It retries for ever and never sends twice: a message keeps its key until it is confirmed.

import { call, Refused, Unreachable } from "../shared/api.js";
import { language } from "../shared/page.js";
import { memory } from "./memory.js";
import { exclusively, onReturn, pollInterval } from "./panel.js";

const SWITCHED_OFF = 60;
const PAGE = 100;

export class Line {
  #tell;
  #timer = 0;
  #turning = false;
  #again = false;
  #failures = 0;
  #lost = false; // the connection, as far as we know
  #waitUntil = 0; // for everything
  #sendFrom = 0; // for sending
  /** @type {string | null} */
  #token = null;
  #cursor = 0;
  /** @type {string | null} */
  #tag = null;
  #unread = false;

  /**
   * `state("")` is called when connected, `messages` with new ones, `seen` with the last of the
   * guest's messages the hotel has read, `restarted` when another session begins; `isRead` asks
   * whether the guest sees the newest messages.
   * @param {Chat.Listener} tell
   */
  constructor(tell) {
    this.#tell = tell;
    addEventListener("online", () => this.#reconnect());
    onReturn(() => this.wake());
  }

  wake() {
    this.#again = true;
    if (!this.#turning) this.#turnIn(this.#waitUntil - Date.now());
  }

  /** Begins a session for this visitor; several tabs share one. */
  async begin() {
    await exclusively(async () => {
      if (!memory.token)
        memory.token = (
          await call("POST", "/webchat/sessions", { body: introduction() })
        ).data.token;
    });
  }

  #reconnect() {
    if (this.#lost) this.#waitUntil = 0;
    this.wake();
  }

  /** @param {number} pause */
  #turnIn(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, pause));
  }

  async #turn() {
    this.#turning = true;
    this.#again = false;
    let pause = 0;
    try {
      await this.#send();
      await this.#fetch();
      await this.#confirm();
      this.#failures = 0;
      pause = this.#again ? 0 : pollInterval();
    } catch (error) {
      pause = this.#failed(error);
      this.#waitUntil = Date.now() + pause;
    }
    this.#turning = false;
    if (this.#again || memory.token || memory.queue.length) this.#turnIn(pause);
  }

  /**
   * Reports an error; returns how long to wait, in milliseconds.
   * @param {unknown} error
   */
  #failed(error) {
    this.#lost = error instanceof Unreachable;
    if (error instanceof Refused && error.status === 429) {
      this.#tell.state("slow");
      return error.retryAfter * 1000;
    }
    this.#failures += 1;
    if (error instanceof Refused && error.status === 401) this.#end();
    else this.#tell.state("offline");
    if (!(error instanceof Refused || error instanceof Unreachable))
      setTimeout(() => {
        throw error;
      });
    return Math.min(30_000, 1000 * 2 ** this.#failures) * (0.75 + Math.random() / 2);
  }

  /** The session has ended: the next message begins another one. */
  #end() {
    if (memory.token === this.#token) memory.token = null;
    this.#follow();
    this.#tell.state("");
  }

  /** Uses the stored session, which another tab may have begun. */
  #follow() {
    if (this.#token === memory.token) return;
    if (this.#token) this.#tell.restarted();
    this.#token = memory.token;
    this.#cursor = 0;
    this.#tag = null;
  }

  async #send() {
    this.#follow();
    if (!memory.queue.some((entry) => !entry.refused) || Date.now() < this.#sendFrom) return;
    try {
      if (!memory.token) await this.#introduced();
      this.#follow();
      for (const entry of memory.queue) if (!entry.refused) await this.#post(entry);
    } catch (error) {
      if (!(error instanceof Refused) || ![409, 429].includes(error.status)) throw error;
      this.#sendFrom = Date.now() + 1000 * (error.status === 409 ? SWITCHED_OFF : error.retryAfter);
      this.#tell.state(error.status === 409 ? "off" : "slow");
    }
  }

  /** Begins a session, without name and e-mail if the API refuses them. */
  async #introduced() {
    try {
      await this.begin();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 400) throw error;
      memory.who = {};
      await this.begin();
    }
  }

  /** @param {Chat.Queued} entry */
  async #post({ key, content }) {
    try {
      const body = { content, clientMessageId: key };
      const { data } = await call("POST", "/webchat/messages", { token: this.#token, body });
      this.#tell.sent(key, data);
      memory.drop(key);
      this.#tell.state("");
    } catch (error) {
      if (!(error instanceof Refused) || ![400, 413].includes(error.status)) throw error;
      memory.refuse(key);
      this.#tell.refused();
    }
  }

  async #fetch() {
    if (!this.#token) return;
    let answer;
    do {
      const path = `/webchat/messages?after=${this.#cursor}&limit=${PAGE}`;
      answer = await call("GET", path, { token: this.#token, tag: this.#tag });
      if (Date.now() >= this.#sendFrom) this.#tell.state("");
      if (!answer) return;
      this.#tag = answer.tag;
      this.#cursor = answer.meta.cursor;
      /** @type {Api.Message[]} */
      const messages = answer.data;
      this.#unread ||= messages.some(
        (one) => one.direction === "outbound" && one.status !== "read",
      );
      this.#tell.messages(messages);
      this.#tell.seen(answer.meta.seenMessageId);
    } while (answer.data.length === PAGE);
  }

  async #confirm() {
    if (!this.#unread || !this.#tell.isRead()) return;
    await call("POST", "/webchat/read", { token: this.#token, body: { cursor: this.#cursor } });
    this.#unread = false;
  }
}

function introduction() {
  const spoken = memory.language || navigator.language || language;
  const tag = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i.test(spoken) ? spoken : language;
  return { ...memory.who, language: tag };
}
