// How long an SMS is and what it costs, below the reply box.

import { language, t } from "../../shared/page.js";
import { html } from "../preact.js";
import { cost } from "./segments.js";

/** @param {{ text: string, files: boolean }} props */
export function SmsCount({ text, files }) {
  const { segments, because } = cost(text, files);
  const told = { count: segments, signs: because.map((sign) => `“${sign}”`).join(" ") };
  const facts = [
    t("smsCharacters", { count: [...text].length.toLocaleString(language) }),
    files ? t("smsWithFiles", told) : t("smsSegments", told),
    ...(because.length ? [t(because.length > 1 ? "smsBecauseOfMany" : "smsBecause", told)] : []),
  ];
  return html`<p class="hint sms-count" dir="auto">${text || files ? facts.join(" · ") : ""}</p>`;
}
