// Whether this browser is told of what happens (Web Push): subscribing it, and ending that.

import { BELOW } from "../../shared/api.js";
import { language } from "../../shared/page.js";
import { getItem, setItem } from "../local-storage.js";
import { request } from "../request.js";

const KEPT = "push"; // the id of this browser's subscription
const SESSION = "pushSession"; // the id of the session that it is of

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

/**
 * Has a browser that was told told on, in this session and with the key of now; unless another
 * device has ended it.
 */
export async function resume() {
  if (!supported() || Notification.permission !== "granted") setItem(KEPT, null);
  else if (await wasRemoved()) await turnOff();
  else await subscribe();
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

/** Whether another device has ended it: it is gone, its session and Jack's key are as they were. */
async function wasRemoved() {
  try {
    await request("GET", `/push/subscriptions/${ownId()}`);
    return false;
  } catch (/** @type {any} */ error) {
    if (error.status !== 404) throw error;
  }
  if (getItem(SESSION) !== (await sessionId())) return false; // it has ended with its session
  const subscription = await (await pushManager()).getSubscription();
  return subscription !== null && isOf(subscription, await jacksKey());
}

/** The id of this session: it is the first. */
async function sessionId() {
  return (await request("GET", "/auth/sessions?limit=1")).data[0]?.id ?? null;
}

async function jacksKey() {
  return bytesOf((await request("GET", "/push/key")).data.publicKey);
}

async function pushManager() {
  const options = { scope: `${BELOW}/` };
  await navigator.serviceWorker.register(`${BELOW}/service-worker.js`, options);
  return (await navigator.serviceWorker.ready).pushManager;
}

async function subscribe() {
  const applicationServerKey = await jacksKey();
  const session = await sessionId();
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
  setItem(SESSION, session);
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
