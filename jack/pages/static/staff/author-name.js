// What the page calls whoever has written or done something.

import { t } from "../shared/page.js";
import { state } from "./store.js";

/** @param {Api.Message["author"]} author */
export function authorName({ type, id, name }) {
  if (type === "integration") return name ?? t("program");
  if (type === "automation") return name ?? t("automation");
  if (type === "guest") return name ?? t("erasedGuest");
  if (type !== "staff") return t("system");
  return id === null
    ? t("hotelsPhone")
    : id === state.me.id
      ? t("you")
      : (name ?? t("formerMember"));
}
