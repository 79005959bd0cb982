// What a browser says of itself, in words.

import { t } from "../../shared/page.js";

// The first that fits: Edge and Opera also name Chrome, and Chrome also names Safari.
/** @type {[RegExp, string][]} */
const BROWSERS = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"],
  [/\bOPR\/|\bOPiOS\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\//, "Safari"],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/**
 * @param {[RegExp, string][]} names
 * @param {string} agent
 */
const found = (names, agent) => names.find(([pattern]) => pattern.test(agent))?.[1] ?? null;

/**
 * The browser and the system that a User-Agent names, null for what it does not name; of a program
 * that is no browser, its own first word.
 * @param {string | null} agent
 */
export function deviceOf(agent) {
  const browser = found(BROWSERS, agent ?? "");
  const system = found(SYSTEMS, agent ?? "");
  const program = agent && !browser && !system ? agent.split(/[/\s]/, 1)[0].slice(0, 40) : null;
  return { browser: browser ?? program, system };
}

/** @param {string | null} agent */
export function deviceName(agent) {
  const { browser, system } = deviceOf(agent);
  if (browser && system) return t("browserOn", { browser, system });
  return browser ?? system ?? t("unknownDevice");
}
