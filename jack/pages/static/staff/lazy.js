// Views that are seldom opened, in folders of their own: each is loaded when it is first shown.

import { t } from "../shared/page.js";
import { html, useEffect, useState } from "./preact.js";
import { Failed, Skeleton } from "./components.js";

/**
 * Waits until a style sheet is there, or cannot be had.
 * @param {string} name
 */
function styled(name) {
  const href = new URL(name, import.meta.url).pathname;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
    document.head.append(link);
  });
}

/**
 * A component that is loaded when it is first shown. One that cannot be loaded is tried again with
 * the page: it may be of an older version than the server.
 * @param {() => Promise<(props: any) => any>} load
 * @param {boolean | string} how true of what is only an extra: no more than its children are shown
 *   before and instead; else the name of a style sheet that is loaded with it
 */
export function lazy(load, how = false) {
  /** @type {((props: any) => any) | null} */
  let loaded = null;
  return function Lazy(/** @type {{ children?: any }} */ props) {
    const [, draw] = useState(() => loaded); // a function is called for the state
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      const styles = typeof how === "string" && styled(how);
      Promise.all([load(), styles]).then(
        ([found]) => {
          loaded = found;
          draw(() => found);
        },
        () => setFailed(true),
      );
    }, []);
    if (how === true && !loaded) return props.children ?? null;
    if (failed)
      return html`<${Failed} text=${t("unreachable")} retry=${() => location.reload()} />`;
    return loaded ? html`<${loaded} ...${props} />` : html`<${Skeleton} rows=${4} />`;
  };
}
