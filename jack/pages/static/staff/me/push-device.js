// Whether this browser is told of what happens (Web Push): subscribing it, and ending that.

import { BELOW } from "../../shared/api.js";
import { language } from "../../shared/page.js";
import { getItem, setItem } from "../local-storage.js";
import { request } from "../request.js";

const KEPT = "push"; // the id of this browser's subscription

/** Whether this browser can be told; not without https, nor on an iPhone outside an app. */
export const supported = () =>
  "serviceWorker" in navigator && ["PushManager", "Notification"].every((name) => name in window);

export const ownId = () => getItem(KEPT);

/** Asks for permission and subscribes this browser; false when it was not given. */
export async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return false;
  await subscribe();
  return true;
}

/** Has a browser that was told told on: in this session, with the key of now. */
export async function resume() {
  if (supported() && Notification.permission === "granted") await subscribe();
  else setItem(KEPT, null);
}

/** Ends what this browser is told. */
export async function turnOff() {
  const id = ownId();
  setItem(KEPT, null);
  if (id) await end(id);
  const subscription = await (await pushManager()).getSubscription();
  await subscription?.unsubscribe();
}

/**
 * Ends what a device is told.
 * @param {string} id
 */
export async function end(id) {
  await request("DELETE", `/push/subscriptions/${id}`).catch((error) => {
    if (error.status !== 404) throw error; // it has ended meanwhile
  });
}

async function pushManager() {
  const options = { scope: `${BELOW}/` };
  await navigator.serviceWorker.register(`${BELOW}/service-worker.js`, options);
  return (await navigator.serviceWorker.ready).pushManager;
}

async function subscribe() {
  const { data: key } = await request("GET", "/push/key");
  const applicationServerKey = bytesOf(key.publicKey);
  const manager = await pushManager();
  let subscription = await manager.getSubscription();
  if (subscription && !isOf(subscription, applicationServerKey)) {
    await subscription.unsubscribe(); // Jack has other keys now
    subscription = null;
  }
  subscription ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { endpoint, keys } = subscription.toJSON();
  const body = { endpoint, keys, language };
  setItem(KEPT, (await request("POST", "/push/subscriptions", { body })).data.id);
}

/**
 * @param {PushSubscription} subscription
 * @param {Uint8Array} key
 */
function isOf({ options }, key) {
  const known = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return known.length === key.length && known.every((byte, place) => byte === key[place]);
}

/** @param {string} text base64url */
function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}
