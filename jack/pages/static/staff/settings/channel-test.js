// The test of a channel's account: begun with a button, shown step by step as the worker does it.

import { hasText, t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { number } from "../format.js";
import { Icon } from "../icons.js";

/** @typedef {"test" | "test-letter"} How */

const EVERY = 700; // milliseconds between two looks at a test; Jack ends it within ten seconds

/**
 * Tests a channel's account, or sends a letter to oneself (`how`). `found` is the test as it is
 * now, `problem` why there is none. When it has ended, which may have changed how the channel is,
 * `ended` is called. What is to be run while a test runs begins when that has ended.
 * @param {Api.Channel} channel
 * @param {() => Promise<void>} ended
 */
export function useTest(channel, ended) {
  const [found, setFound] = useState(/** @type {Api.ChannelTest | null} */ (null));
  const [problem, setProblem] = useState("");
  const gone = useRef(false);
  const running = useRef(false);
  const next = useRef(/** @type {How | null} */ (null));
  useEffect(() => () => void (gone.current = true), []);
  /** @param {How} how */
  async function run(how) {
    next.current = how;
    if (running.current) return;
    running.current = true;
    while (next.current && !gone.current) {
      const now = next.current;
      next.current = null;
      await once(now);
    }
    running.current = false;
  }
  /** @param {How} how */
  async function once(how) {
    setProblem("");
    setFound({ status: "running", steps: [] });
    try {
      const { id } = (await request("POST", `/channels/${channel}/${how}`)).data;
      let status = "running";
      while (status === "running" && !gone.current) {
        await new Promise((resolve) => setTimeout(resolve, EVERY));
        const now = (await request("GET", `/channels/${channel}/test/${id}`)).data;
        setFound(now);
        status = now.status;
      }
      if (!gone.current) await ended();
    } catch (error) {
      setFound(null);
      const { reason } = /** @type {any} */ (error);
      if (reason !== "channel_not_configured") setProblem(explain(error));
    }
  }
  return { found, problem, run, busy: found?.status === "running" };
}

/** The fields of an account that a step tries out. @type {Record<string, string>} */
const FIELD = {
  look_up: "host",
  connect: "port",
  encrypt: "security",
  greet: "security",
  sign_in: "password",
  open_folder: "folder",
};
/** @type {Record<string, string[]>} */
const API_FIELDS = {
  credentials: ["accessToken", "authToken"],
  api_key: ["apiKeySecret"],
};

/**
 * What a test has found wrong, by the fields of the form.
 * @param {Api.ChannelTest | null} found
 * @returns {Record<string, string>}
 */
export function faultsOf(found) {
  const failed = found?.steps.filter(({ ok }) => !ok) ?? [];
  const faults = failed.flatMap(({ name, message }) => {
    const [server, step] = name.split(".");
    const text = `${label(name)}: ${message}`;
    if (server === "api") return (API_FIELDS[step] ?? []).map((field) => [field, text]);
    return step in FIELD ? [[`${server}.${FIELD[step]}`, text]] : [];
  });
  return Object.fromEntries(faults);
}

/** @type {Record<string, string>} */
const LOOK = { failed: "bad", ok: "works" };

/** @param {{ found: Api.ChannelTest | null, problem: string }} props */
export function TestAnswer({ found, problem }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [found?.status]);
  if (problem) return html`<p class="notice bad" role="status" dir="auto">${problem}</p>`;
  if (!found) return null;
  return html`
    <section class="channel-test" aria-label=${t("testChannel")} ref=${box}>
      <ol>
        ${found.steps.map((step) => html`<${Step} key=${step.name} step=${step} />`)}
      </ol>
      <p class=${`notice ${LOOK[found.status] ?? ""}`} role="status">
        ${t(`channelTest.${found.status}`)}
      </p>
    </section>
  `;
}

/** @param {{ step: Api.ChannelTestStep }} props */
const Step = ({ step }) => html`
  <li class=${step.ok ? "ok" : "bad"}>
    <${Icon} name=${step.ok ? "check" : "warn"} />
    <span class="unseen">${t(step.ok ? "channelTest.stepOk" : "channelTest.stepFailed")}</span>
    <span>${label(step.name)}</span>
    <span class="ms">${t("channelTest.milliseconds", { number: number(step.ms) })}</span>
    ${!step.ok && html`<p lang="en" dir="auto">${step.message}</p>`}
  </li>
`;

/**
 * The name of a step in words: `imap.sign_in` is "Reading (IMAP): sign in".
 * @param {string} name
 */
function label(name) {
  const [server, step] = name.split(".");
  const where = `channelTest.servers.${server}`;
  const what = `channelTest.steps.${step ?? server}`;
  return (
    [where, what]
      .filter(hasText)
      .map((text) => t(text))
      .join(": ") || name
  );
}
