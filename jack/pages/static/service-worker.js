// Shows what is pushed to this browser; a click opens what it is about on the staff page. It keeps
// no files and answers no requests.

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) =>
  event.waitUntil(worker.clients.claim()),
);
worker.addEventListener("push", (/** @type {any} */ event) =>
  event.waitUntil(show(event.data.json())),
);
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.address));
});

/**
 * Shows a notification, in place of the one before about the same thing.
 * @param {{ title: string, body: string, view: string, id: string | null, tag: string,
 *   at: string, lang: string }} told
 */
function show({ title, body, view, id, tag, at, lang }) {
  return worker.registration.showNotification(title, {
    body,
    tag,
    lang,
    renotify: true,
    timestamp: Date.parse(at),
    icon: new URL("icon-192.png", worker.registration.scope).href,
    data: { address: `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}` },
  });
}

/**
 * Shows an address of the staff page, in the window that is open or in a new one.
 * @param {string} address `#/inbox/conv-1`
 */
async function open(address) {
  const page = worker.registration.scope;
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const found = windows.find(
    (/** @type {{ url: string }} */ { url }) => url.split("#", 1)[0] === page,
  );
  if (!found) return worker.clients.openWindow(page + address);
  found.postMessage({ open: address });
  return found.focus().catch(() => null); // some browsers show no window that is minimised
}
