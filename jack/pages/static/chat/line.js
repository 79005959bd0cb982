// The line to the hotel: one turn after another sends what waits, fetches what is new, and says what has been read.
// It never gives up and never sends twice: a message keeps its key until Jack has confirmed it.

import { call, Refused, Unreachable } from "../shared/api.js";
import { language } from "../shared/page.js";
import { memory } from "./memory.js";
import { onReturn, pace } from "./presence.js";

const SWITCHED_OFF = 60;
const PAGE = 100;

export class Line {
  #tell;
  #timer;
  #turning = false;
  #again = false;
  #failures = 0;
  #lost = false; // the connection, as far as we know
  #waitUntil = 0; // for everything
  #sendFrom = 0; // for sending
  #token = null;
  #cursor = 0;
  #tag = null;
  #unread = false;

  /**
   * `tell` is the page: state(name) of the line, "" when all is well; messages(list) that are new; sent(key, message);
   * seen(id), up to which of the guest's messages the hotel has read; refused(); restarted(), when the chat is another
   * one; isRead(), whether the guest has what was shown before them.
   */
  constructor(tell) {
    this.#tell = tell;
    addEventListener("online", () => this.#reconnect());
    onReturn(() => this.wake());
  }

  /** Something is to be done: do it now, or as soon as that makes sense. */
  wake() {
    this.#again = true;
    if (!this.#turning) this.#turnIn(this.#waitUntil - Date.now());
  }

  /** A session for this visitor. Of several tabs, one asks for it and all use it. */
  async begin() {
    const ask = async () => {
      if (!memory.token) memory.token = (await call("POST", "/webchat/sessions", { body: introduction() })).data.token;
    };
    try {
      await (navigator.locks ? navigator.locks.request("jack.chat", ask) : ask());
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      await ask(); // a frame that may keep nothing has no locks either, and no other tab to share with
    }
  }

  #reconnect() {
    if (this.#lost) this.#waitUntil = 0;
    this.wake();
  }

  #turnIn(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, pause));
  }

  async #turn() {
    this.#turning = true;
    this.#again = false;
    let pause;
    try {
      await this.#send();
      await this.#fetch();
      await this.#confirm();
      this.#failures = 0;
      pause = this.#again ? 0 : pace();
    } catch (error) {
      pause = this.#stumble(error);
      this.#waitUntil = Date.now() + pause;
    }
    this.#turning = false;
    if (this.#again || memory.token || memory.queue.length) this.#turnIn(pause);
  }

  /** What went wrong, told; returns how long to wait, in milliseconds. */
  #stumble(error) {
    this.#lost = error instanceof Unreachable;
    if (error instanceof Refused && error.status === 429) {
      this.#tell.state("slow");
      return error.retryAfter * 1000;
    }
    this.#failures += 1;
    if (error instanceof Refused && error.status === 401) this.#end();
    else this.#tell.state("offline");
    if (!(error instanceof Refused || error instanceof Unreachable)) setTimeout(() => { throw error; });
    return Math.min(30_000, 1000 * 2 ** this.#failures) * (0.75 + Math.random() / 2);
  }

  /** The session is over: another one begins with the next message. */
  #end() {
    if (memory.token === this.#token) memory.token = null;
    this.#follow();
    this.#tell.state("");
  }

  /** Take up the session that is remembered: this tab's own, or one that another tab has begun. */
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

  /** A session, without those details that Jack will not take. */
  async #introduced() {
    try {
      await this.begin();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 400) throw error;
      memory.who = {};
      await this.begin();
    }
  }

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
      this.#unread ||= answer.data.some((message) => message.direction === "outbound" && message.status !== "read");
      this.#tell.messages(answer.data);
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
  const spoken = navigator.language || language;
  const tag = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i.test(spoken) ? spoken : language;
  return { ...memory.who, language: tag };
}
