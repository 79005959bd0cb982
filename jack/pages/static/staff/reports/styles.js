// The styles of these views, loaded with them: the first visit does without.

/** Waits until the styles are there, or cannot be had. */
export function withStyles() {
  const href = new URL("reports.css", import.meta.url).pathname;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
    document.head.append(link);
  });
}
