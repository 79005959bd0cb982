// Guests or stays from a file: choose it, see how it is read, try it without writing, bring it in.

import { t } from "../../shared/page.js";
import { Field, Options } from "../forms.js";
import { Kept, useKept } from "../kept-values.js";
import { html, useRef, useState } from "../preact.js";
import { useJob, isOver } from "./file-jobs.js";
import { Preview } from "./import-preview.js";
import { ImportResult } from "./import-result.js";
import { explain, fieldErrors, newId, request } from "../request.js";
import { linkTo } from "../router.js";

const ON_MATCH = ["skip", "fill", "overwrite"];

/**
 * The chosen file, and how it is read, or why it cannot be.
 * @param {string} kind
 */
function useFile(kind) {
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [preview, setPreview] = useState(/** @type {Api.ImportPreview | null} */ (null));
  const [problem, setProblem] = useState("");
  const turn = useRef(0);
  /** @param {Event & { target: HTMLInputElement }} event */
  async function choose({ target }) {
    const chosen = target.files?.[0] ?? null;
    const mine = (turn.current += 1);
    setPreview(null);
    setProblem("");
    setFile(chosen);
    if (!chosen) return;
    try {
      const { data } = await send(`/imports/${kind}/preview`, chosen);
      if (mine === turn.current) setPreview(data);
    } catch (error) {
      if (mine === turn.current) setProblem(whatIsWrong(error));
    }
  }
  return { file, preview, problem, choose, turn: turn.current };
}

/** What can be brought in, each under an address of its own. @type {[string, string][]} */
const KINDS = [
  ["guests", "import"],
  ["stays", "import-stays"],
];

/** @param {{ kind: string, onImported: () => void }} props */
export function ImportFile({ kind, onImported }) {
  const { file, preview, problem, choose, turn } = useFile(kind);
  const read = { kind, file, preview, onImported };
  const reading = html`<${Reading} key=${turn} ...${read} />`;
  return html`
    <h2>${t("files.import")}</h2>
    <nav class="tabs kinds-of-files" aria-label=${t("files.what")}>
      ${KINDS.map(
        ([name, place]) => html`
          <a
            key=${name}
            href=${linkTo("guests", place)}
            aria-current=${name === kind ? "page" : undefined}
          >
            ${t(`files.kinds.${name}`)}
          </a>
        `,
      )}
    </nav>
    <p>${t(`files.importAbout.${kind}`)}</p>
    <div class="field">
      <label for="import-file">${t("files.file")}</label>
      <input
        id="import-file"
        type="file"
        accept=".csv,.tsv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson"
        onChange=${choose}
      />
    </div>
    ${problem && html`<p class="notice bad" role="alert" dir="auto">${problem}</p>`}
    ${file && !preview && !problem && html`<p role="status">${t("files.reading")}</p>`}
    ${file && preview && reading}
  `;
}

/**
 * Sends a file to be imported, and asks how far that is.
 * @param {string} kind
 * @param {File} file
 */
function useImport(kind, file) {
  const [path, setPath] = useState(/** @type {string | null} */ (null));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const job = useJob(path);
  const running = busy || Boolean(path && !(job && isOver(job)));
  /** @param {Record<string, string>} fields */
  async function begin(fields) {
    if (running) return;
    setBusy(true);
    setProblem("");
    setPath(null);
    try {
      const { data } = await send(`/imports/${kind}`, file, fields);
      setPath(`/imports/${data.id}`);
    } catch (error) {
      setProblem(whatIsWrong(error));
    }
    setBusy(false);
  }
  return { path, problem, job, running, begin };
}

/**
 * @param {{ kind: string, file: File, preview: Api.ImportPreview,
 *   onImported: () => void }} props
 */
function Reading({ kind, file, preview, onImported }) {
  const box = useRef(null);
  const initial = { mapping: preview.mapping, onMatch: "skip" };
  const draft = `import:${kind}:${preview.columns.join()}`;
  const { values, put, forget, ...kept } = useKept(initial, draft, box);
  const { mapping, onMatch } = values;
  const { path, problem, job, running, begin } = useImport(kind, file);
  /** @param {boolean} dryRun */
  function start(dryRun) {
    const columns = preview.columns.filter(Boolean);
    const chosen = Object.fromEntries(columns.map((name) => [name, mapping[name] || null]));
    begin({ mapping: JSON.stringify(chosen), onMatch, dryRun: String(dryRun) });
    if (!dryRun) forget();
  }
  /** @type {(column: string, field: string) => void} */
  const map = (column, field) => put({ onMatch, mapping: { ...mapping, [column]: field } });
  return html`
    <${Preview} preview=${preview} mapping=${mapping} map=${map} />
    <${Field}
      label=${t(`files.onMatch.${kind}`)}
      name="onMatch"
      value=${onMatch}
      onInput=${(/** @type {string} */ chosen) => put({ mapping, onMatch: chosen })}
      hint=${t(`files.onMatchHint.${kind}`)}
    >
      <${Options} items=${ON_MATCH.map((one) => [one, t(`files.match.${one}`)])} />
    </${Field}>
    ${problem && html`<p class="notice bad" role="alert" dir="auto">${problem}</p>`}
    <${Buttons} running=${running} start=${start} />
    <${Kept} ...${kept} />
    ${path && html`<${ImportResult} key=${path} job=${job} path=${path} onOver=${onImported} />`}
  `;
}

/** @param {{ running: boolean, start: (dryRun: boolean) => void }} props */
function Buttons({ running, start }) {
  const disabled = running ? "true" : undefined;
  return html`
    <div class="buttons">
      <button type="button" class="quiet" aria-disabled=${disabled} onClick=${() => start(true)}>
        ${t("files.dryRun")}
      </button>
      <button type="button" aria-disabled=${disabled} onClick=${() => start(false)}>
        ${t("files.go")}
      </button>
    </div>
  `;
}

/**
 * @param {string} path
 * @param {File} file
 * @param {Record<string, string>} [fields]
 */
function send(path, file, fields = {}) {
  const body = new FormData();
  Object.entries(fields).forEach(([name, value]) => body.append(name, value));
  body.append("file", file);
  return request("POST", path, { body, key: newId() });
}

/**
 * An error of an upload: of a file that cannot be read its own words.
 * @param {any} error
 */
const whatIsWrong = (error) =>
  error.details?.[0]?.field === "file"
    ? t("files.unreadable", { because: error.details[0].message })
    : (Object.values(fieldErrors(error))[0] ?? explain(error));
