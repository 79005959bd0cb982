// The backups, for administrators: what there is, one more, downloads, and when they are made.

import { t } from "../../shared/page.js";
import { html, useEffect, useState } from "../preact.js";
import { moment, number } from "../format.js";
import { saveFile } from "../files/file-jobs.js";
import { useList, useOne } from "../list-data.js";
import { notice } from "../store.js";
import { explain, request } from "../request.js";
import { Empty, Failed, Skeleton } from "../components.js";
import { bind, Check, Field, Form, FormDialog } from "../forms.js";

const EVERY = 1500; // milliseconds between two looks at one that is being made
const MB = 1_000_000;

export function Backups() {
  const list = useList("/backups", {});
  const [asked, ask] = useState(/** @type {Api.Backup | null} */ (null));
  const { rows, total, problem, reload, more } = list;
  const busy = rows?.some(({ status }) => status === "queued" || status === "running");
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(reload, EVERY);
    return () => clearInterval(timer);
  }, [busy]);
  async function now() {
    try {
      await request("POST", "/backups");
      reload();
    } catch (error) {
      notice(explain(error), "bad");
    }
  }
  if (problem && !rows) return html`<${Failed} text=${problem} retry=${reload} />`;
  if (!rows) return html`<${Skeleton} rows=${5} />`;
  return html`
    <div class="section-head">
      <h2 id="backups">${t("settingNames.backups")}</h2>
      <button type="button" disabled=${busy} onClick=${now}>${t("backups.now")}</button>
    </div>
    <p class="hint">${t("backups.about")}</p>
    ${rows.length === 0 && html`<${Empty} title=${t("backups.none")}>${t("backups.noneAbout")}</${Empty}>`}
    <ul class="devices backups" aria-labelledby="backups">
      ${rows.map((backup) => html`<${Backup} key=${backup.id} backup=${backup} ask=${ask} />`)}
    </ul>
    ${
      rows.length < total &&
      html`<button type="button" class="quiet" onClick=${more}>${t("more")}</button>`
    }
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <${Schedule} />
    ${asked && html`<${Download} backup=${asked} onClose=${() => ask(null)} />`}
  `;
}

/** @param {{ backup: Api.Backup, ask: (backup: Api.Backup) => void }} props */
function Backup({ backup, ask }) {
  const { status, reason, encrypted, createdAt } = backup;
  return html`
    <li>
      <div>
        <p class="device">
          <time datetime=${createdAt}>${moment(createdAt)}</time>
          ${" "}<span class="hint">${t(`backups.${reason}`)}</span>
          ${encrypted && html` <span class="state">${t("backups.encrypted")}</span>`}
        </p>
        <${Facts} backup=${backup} />
      </div>
      ${
        status === "done" &&
        html`
          <div class="acts">
            <button
              type="button"
              class="quiet small"
              aria-label=${`${t("backups.download")}: ${moment(createdAt)}`}
              onClick=${() => ask(backup)}
            >
              ${t("backups.download")}
            </button>
          </div>
        `
      }
    </li>
  `;
}

/** @param {{ backup: Api.Backup }} props */
function Facts({ backup }) {
  const { status, bytes, counts, error, copiedAt, copyError } = backup;
  if (status === "queued") return html`<p class="hint">${t("backups.waiting")}</p>`;
  if (status === "running") return html`<p class="hint">${t("backups.making")}</p>`;
  if (status === "failed" || !counts) {
    return html`<p class="problem"><bdi>${t("backups.failed")}: ${error}</bdi></p>`;
  }
  const { guests, messages, files, damagedFiles } = counts;
  const many = { guests: number(guests), messages: number(messages), files: number(files) };
  const size = number(Math.max(0.1, Math.round((bytes ?? 0) / (MB / 10)) / 10));
  return html`
    <p class="hint">${t("backups.size", { size })} · ${t("backups.counts", many)}</p>
    ${
      damagedFiles > 0 &&
      html`<p class="problem">${t("backups.damaged", { count: number(damagedFiles) })}</p>`
    }
    ${copiedAt && html`<p class="hint">${t("backups.copied")}</p>`}
    ${copyError && html`<p class="problem"><bdi>${copyError}</bdi></p>`}
  `;
}

/** @param {{ backup: Api.Backup, onClose: () => void }} props */
function Download({ backup, onClose }) {
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Field} ...${bind(form, "password")} type="password" autocomplete="current-password" />
  `;
  /** @param {Staff.Values} values */
  async function send({ password }) {
    const path = `/backups/${backup.id}`;
    const { data } = await request("POST", `${path}/token`, { body: { password } });
    onClose();
    await saveFile(
      `${path}/file?token=${encodeURIComponent(data.token)}`,
      backup.file ?? "jack.db",
    );
  }
  return html`
    <${FormDialog}
      title=${t("backups.download")}
      onClose=${onClose}
      initial=${{ password: "" }}
      fields=${fields}
      send=${send}
      label=${t("backups.download")}
    >
      <p>${t("backups.downloadAbout")}</p>
    </${FormDialog}>
  `;
}

const NUMBERS = /** @type {const} */ ([
  ["hour", 0, 23],
  ["keepDays", 1, 31],
  ["keepWeeks", 0, 53],
  ["keepMonths", 0, 60],
]);

/** When they are made, and how many are kept. */
function Schedule() {
  const { data, tag, problem, reload } = useOne("/settings", "backups");
  if (problem) return html`<${Failed} text=${explain(problem)} retry=${reload} />`;
  if (!data) return null;
  /** @param {Staff.Values} values */
  async function send(values) {
    const value = Object.fromEntries(NUMBERS.map(([name]) => [name, Number(values[name])]));
    const body = { value: { enabled: values.enabled, ...value } };
    await request("PUT", "/settings/backups", { body, match: tag }).catch((error) => {
      for (const detail of error.details ?? []) detail.field = detail.field.replace(/^value\./, "");
      throw error;
    });
    notice(t("saved"));
    reload();
  }
  /** @param {Staff.FormState} form */
  const fields = (form) => html`
    <${Check}
      label=${t("fields.nightly")}
      checked=${form.values.enabled}
      onChange=${form.set("enabled")}
      name="enabled"
    />
    <div class="pair">
      ${NUMBERS.map(
        ([name, min, max]) =>
          html`<${Field} key=${name} ...${bind(form, name)} type="number" min=${min} max=${max} />`,
      )}
    </div>
  `;
  return html`
    <h3>${t("backups.when")}</h3>
    <${Form}
      key=${tag}
      initial=${{ enabled: true, hour: 4, keepDays: 7, keepWeeks: 4, keepMonths: 6, ...data.value }}
      fields=${fields}
      send=${send}
      reload=${reload}
      label=${t("save")}
    />
  `;
}
