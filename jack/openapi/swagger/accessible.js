// Gives Swagger UI's controls the names it leaves out, and what scrolls a place among what keys
// reach.
"use strict";

(() => {
  /** @param {Element} element */
  const operation = (element) =>
    element.closest(".opblock")?.querySelector(".opblock-summary-path")?.textContent ?? "";

  /** @param {Element} element */
  const method = (element) =>
    element.closest(".opblock")?.querySelector(".opblock-summary-method")?.textContent ?? "";

  /** @param {Element} element */
  const parameter = (element) =>
    element.closest("[data-param-name]")?.getAttribute("data-param-name") ?? "Value";

  /**
   * What has no name of its own, and how it is called.
   * @type {[selector: string, name: (element: Element) => string][]}
   */
  const NAMES = [
    ["#servers", () => "Server"],
    [".operation-filter-input", () => "Filter by tag or path"],
    [".body-param__text", () => "Request body"],
    [".examples-select-element", () => "Example"],
    ["[data-param-name] :is(select, input, textarea)", parameter],
    ["select.content-type", () => "Media type"],
    [
      ".responses-table[role=region]",
      (table) =>
        `${table.matches(".live-responses-table") ? "Answer" : "Responses"}: ${method(table)} ${operation(table)}`,
    ],
  ];
  /** @type {[selector: string, name: string][]} */
  const REGIONS = [
    [".information-container", "About this API"],
    [".schemes-server-container", "Server"],
    [".filter-container", "Filter"],
  ];
  const SCROLLED = ".info .description table, pre.microlight, .highlight-code > pre";

  const mend = () => {
    for (const [selector, name] of NAMES) {
      for (const found of document.querySelectorAll(`${selector}:not([aria-label])`)) {
        found.setAttribute("aria-label", name(found));
      }
    }
    for (const [selector, name] of REGIONS) {
      const found = document.querySelector(selector);
      found?.setAttribute("role", "region");
      found?.setAttribute("aria-label", name);
    }
    for (const found of document.querySelectorAll(SCROLLED)) found.setAttribute("tabindex", "0");
  };

  let due = 0;
  new MutationObserver(() => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      mend();
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
