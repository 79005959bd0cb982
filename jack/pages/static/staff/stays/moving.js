// Giving a stay another status: checking in and out, cancelling.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { notice } from "../store.js";

/**
 * Gives a stay another status, which can be undone for a while.
 * @param {Api.Stay} stay
 * @param {Api.Stay["status"]} status
 * @param {() => void} onChanged
 */
export async function move(stay, status, onChanged) {
  /** @param {string} to */
  const put = async (to) => {
    try {
      await request("PATCH", `/stays/${stay.id}`, { body: { status: to } });
    } catch (error) {
      notice(explain(error), "bad");
      return false;
    } finally {
      onChanged();
    }
    return true;
  };
  const name = stay.guest?.name ?? t("day.noGuest");
  if (await put(status)) notice(t(`stays.done.${status}`, { name }), "", () => put(stay.status));
}
