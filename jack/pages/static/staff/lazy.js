// Views that are seldom opened, in folders of their own: each is loaded when it is first shown.

import { t } from "../shared/page.js";
import { html, useEffect, useState } from "./preact.js";
import { Failed, Skeleton } from "./components.js";

/**
 * A component that is loaded when it is first shown. One that cannot be loaded is tried again with
 * the page: it may be of an older version than the server.
 * @param {() => Promise<(props: any) => any>} load
 * @param {boolean} quiet of what is only an extra nothing is shown before and instead
 */
export function lazy(load, quiet = false) {
  /** @type {((props: any) => any) | null} */
  let loaded = null;
  return function Lazy(/** @type {object} */ props) {
    const [, draw] = useState(() => loaded); // a function is called for the state
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (found) => {
          loaded = found;
          draw(() => found);
        },
        () => setFailed(true),
      );
    }, []);
    if (quiet && !loaded) return null;
    if (failed)
      return html`<${Failed} text=${t("unreachable")} retry=${() => location.reload()} />`;
    return loaded ? html`<${loaded} ...${props} />` : html`<${Skeleton} rows=${4} />`;
  };
}
