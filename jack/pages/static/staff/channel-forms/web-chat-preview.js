// The web chat as it is set up: how it looks, its colour, and the line that shows it on a site.

import { BELOW } from "../../shared/api.js";
import { t } from "../../shared/page.js";
import { html, useState } from "../preact.js";
import { SmallButton } from "../components.js";
import { bind, Field } from "../forms.js";
import { copyFrom } from "../people/shown-once.js";
import { state } from "../store.js";

const USUAL = "#0d6a5b";

/** The line to copy into the pages of the hotel's site. */
export function SiteLine() {
  const [copied, setCopied] = useState(false);
  const line = `<script src="${location.origin}${BELOW}/widget.js" async></script>`;
  const copy = () => copyFrom("site-line", line).then(() => setCopied(true));
  return html`
    <div class="field site-line">
      <label for="site-line">${t("chatLine")}</label>
      <input id="site-line" readonly value=${line} dir="ltr" aria-describedby="site-line-hint" />
      <p class="hint" id="site-line-hint">${t("chatLineAbout")}</p>
      <${SmallButton} label=${t(copied ? "copied" : "copy")} onClick=${copy} />
    </div>
  `;
}

/** @param {{ form: Staff.FormState }} props */
export function ColourField({ form }) {
  const { values, set } = form;
  return html`
    <div>
      <${Field} ...${bind(form, "colour")} type="color" value=${values.colour || USUAL} />
      ${
        values.colour &&
        html`<${SmallButton} label=${t("colourUsual")} onClick=${() => set("colour")("")} />`
      }
    </div>
  `;
}

/**
 * Black or white, whichever is better read on a colour.
 * @param {string} colour `#rrggbb`
 */
function ink(colour) {
  const parts = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

/** @param {{ values: Staff.Values }} props */
export function Preview({ values: { title, greeting, colour } }) {
  const brand = /^#[0-9a-f]{6}$/i.test(colour ?? "") ? colour : USUAL;
  const style = { backgroundColor: brand, color: ink(brand) };
  return html`
    <figure class="chat-preview">
      <figcaption>${t("chatPreview")}</figcaption>
      <div class="chat-window">
        <p class="chat-head" style=${style} dir="auto">${title?.trim() || state.hotel.name}</p>
        <p class="bubble" dir="auto">${greeting?.trim() || t("previewGreeting")}</p>
        <p class="bubble own" dir="auto">${t("previewGuest")}</p>
      </div>
    </figure>
  `;
}
