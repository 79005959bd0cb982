// Giving a stay another status, or another room: checking in and out, cancelling, moving.

import { t } from "../../shared/page.js";
import { explain, request } from "../request.js";
import { notice } from "../store.js";

/**
 * Changes a stay; whether that succeeded.
 * @param {Api.Stay} stay
 * @param {{ status?: string, room?: string | null }} body
 * @param {() => void} onChanged
 */
async function put(stay, body, onChanged) {
  try {
    await request("PATCH", `/stays/${stay.id}`, { body });
  } catch (error) {
    notice(explain(error), "bad");
    return false;
  } finally {
    onChanged();
  }
  return true;
}

/** @param {Api.Stay} stay */
const nameOf = (stay) => stay.guest?.name ?? t("day.noGuest");

/**
 * Gives a stay another status, which can be undone for a while.
 * @param {Api.Stay} stay
 * @param {Api.Stay["status"]} status
 * @param {() => void} onChanged
 */
export async function move(stay, status, onChanged) {
  const back = () => put(stay, { status: stay.status }, onChanged);
  const name = nameOf(stay);
  if (await put(stay, { status }, onChanged)) notice(t(`stays.done.${status}`, { name }), "", back);
}

/**
 * Gives a stay another room, which can be undone for a while; whether that succeeded.
 * @param {Api.Stay} stay
 * @param {string} room
 * @param {() => void} onChanged
 */
export async function moveTo(stay, room, onChanged) {
  const back = () => put(stay, { room: stay.room }, onChanged);
  if (!(await put(stay, { room: room.trim() || null }, onChanged))) return false;
  notice(t("stays.movedTo", { name: nameOf(stay), room: room.trim() || "–" }), "", back);
  return true;
}
