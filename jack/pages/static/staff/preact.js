// Preact and htm: a component returns html`…`. What stands in ${…} becomes text, never markup.

import htm from "../vendor/htm.js";
import { createContext, Fragment, h, render } from "../vendor/preact.js";

export {
  useContext,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from "../vendor/hooks.js";
export { createContext, Fragment, render };

export const html = htm.bind(h);
