// Asks before something that is kept nowhere is left.

import { t } from "../shared/page.js";
import { html } from "./preact.js";
import { change, state } from "./store.js";
import { Dialog } from "./components.js";

export function LeaveDialog() {
  const stay = () => change({ leaving: null });
  function go() {
    const act = state.leaving;
    stay();
    act?.();
  }
  return html`
    <${Dialog} title=${t("kept.leave")} onClose=${stay}>
      <p>${t("kept.leaveAbout")}</p>
      <div class="buttons">
        <button type="button" onClick=${stay} autofocus>${t("kept.stay")}</button>
        <button type="button" class="quiet danger" onClick=${go}>${t("kept.leave")}</button>
      </div>
    </${Dialog}>
  `;
}
