// Icons in the colour of the text, hidden from screen readers: a text always says the same.

import { html } from "./preact.js";

/** @type {Record<string, string>} */
const SHAPES = {
  today: "M5 6h14v14H5Zm0 4.500h14M9 3.500V7.500M15 3.500V7.500M9 14.500h2.500v2.500H9Z",
  print: "M7 9V4h10v5M7 16H4V9h16v7h-3M7 13.500h10V20H7Z",
  inbox:
    "M4 13l2.2-7.2A2 2 0 0 1 8.1 4.4h7.8a2 2 0 0 1 1.9 1.4L20 13v4.6a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2Zm0 0h4.6a3.4 3.4 0 0 0 6.8 0H20",
  tasks: "M4 6.5l1.6 1.6L8.4 5M4 17l1.6 1.6 2.8-3.1M12 7h8M12 17.5h8",
  guests:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.6 2.7-6 6-6s6 2.4 6 6M16 4.3a3.5 3.5 0 0 1 0 6.5M18 14.3c1.9.8 3 2.8 3 5.7",
  knowledge:
    "M12 6.5C10 5 7.3 4.4 4 4.5v13.6c3.300 0 6 .6 8 2.100m0-13.700c2-1.500 4.700-2.100 8-2v13.600c-3.300 0-6 .6-8 2.100m0-13.700v13.700",
  handover:
    "M4 8.500h13M13.500 5l3.500 3.500-3.500 3.500M20 15.500H7M10.500 12L7 15.500l3.500 3.500",
  reports: "M4 20h16M6.500 20v-7M12 20V5M17.500 20v-10",
  staff: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.500 8.500c.4-4 3.500-6 7.500-6s7.100 2 7.500 6",
  settings:
    "M4 7h9m5 0h2M4 17h2m5 0h9M15.500 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM8.500 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Zm4.700-1.800L20 20",
  unread:
    "M20 11.500V18H4V6h9M4 6.500l8 6.500 2.500-2M18.500 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z",
  pencil: "M4.500 19.500l1-4.500L16 4.500l3.500 3.500L9 18.500ZM13.500 7l3.500 3.500",
  dots: "M5.500 12h.1m6.400 0h.1m6.400 0h.1",
  back: "M14.500 5.500L8 12l6.500 6.500",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4.500 19.500L20.500 12 4.500 4.500l2 7.500-2 7.500Zm2-7.500h6",
  plus: "M12 5v14M5 12h14",
  check: "M5 12.500l4.500 4.500L19 7",
  clock: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2",
  warn: "M12 4L2.800 19.500h18.400L12 4Zm0 6v4.500m0 2.300v.2",
  note: "M5 4.500h14v9.500l-5.500 5.500H5Zm14 9.500h-5.500v5.500",
  clip: "M19 11l-7.500 7.500a4.600 4.600 0 0 1-6.500-6.500l8-8a3.100 3.100 0 0 1 4.400 4.400l-8 8a1.500 1.500 0 0 1-2.200-2.200L14 7.500",
  picture: "M4 5.500h16v13H4Zm0 10.500l4.500-4.500 4 4 2.500-2.500 5 4.500M15 9.500h.1",
  sound:
    "M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3Zm-6-3.500a6 6 0 0 0 12 0m-6 6v3.500",
  video: "M4 6.500h11v11H4Zm11 4l5-3v9l-5-3",
  whatsapp:
    "M4 20l1.300-4A8 8 0 1 1 8.300 19Zm5-12c0 4 3 7 7 7l.5-2-2.300-1-1 1c-1.300-.5-2.200-1.500-2.700-2.700l1-1-1-2.300Z",
  sms: "M4.500 5.500h15v10h-8L7.500 19v-3.500h-3Zm4 5h.1m3.400 0h.1m3.400 0h.1",
  email: "M4 6h16v12H4Zm0 .5l8 6.500 8-6.500",
  web: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Zm0-17c-5 5-5 12 0 17m0-17c5 5 5 12 0 17M3.800 12h16.400",
};

/**
 * The icon of this name.
 * @param {{ name: string, size?: number }} props
 */
export const Icon = ({ name, size = 20 }) => html`
  <svg
    class="shape i-${name}"
    width=${size}
    height=${size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d=${SHAPES[name] ?? SHAPES.web} />
  </svg>
`;
