// Shows the API's description, without what would only be in a reader's way.
"use strict";

(() => {
  const DESCRIPTION = new URL("openapi.json", document.baseURI).href;
  const VALUES = new Set(["example", "examples", "default", "enum"]);

  /** @param {any} node */
  const isObject = (node) => node !== null && typeof node === "object" && !Array.isArray(node);

  /**
   * @param {any} node
   * @returns {any}
   */
  const shorter = (node) => {
    if (Array.isArray(node)) return node.map(shorter);
    if (!isObject(node)) return node;
    const found = Object.fromEntries(
      Object.entries(node).map(([name, inner]) => [
        name,
        VALUES.has(name) ? inner : shorter(inner),
      ]),
    );
    // Patterns of control characters are for programs; common headers are in the introduction.
    if (typeof found.pattern === "string" && found.pattern.includes("\\x")) delete found.pattern;
    if (isObject(found.headers)) found.headers = withoutCommon(found.headers);
    return found;
  };

  /** @param {object} headers */
  const withoutCommon = (headers) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("X-")));

  /** @param {object} description */
  const forThePage = (description) => {
    const found = shorter(description);
    // All errors look alike, and the introduction shows how.
    const responses = /** @type {{ content?: object }[]} */ (
      Object.values(found.components.responses)
    );
    for (const refusal of responses) delete refusal.content;
    return found;
  };

  let shown = false;
  /** @param {{ ok: boolean, url: string, text: string }} answer */
  const readable = (answer) => {
    if (!shown && answer.ok && answer.url === DESCRIPTION) {
      shown = true;
      answer.text = JSON.stringify(forThePage(JSON.parse(answer.text)));
    }
    return answer;
  };

  /**
   * The path of an operation stands in a button already, where no link may be: it is text there.
   * @param {any} Link
   * @param {{ React: any }} system
   */
  const linkOrText =
    (Link, { React }) =>
    (/** @type {any} */ props) =>
      props.path.includes("/")
        ? React.createElement("span", null, props.text)
        : React.createElement(Link, props);

  SwaggerUIBundle({
    url: DESCRIPTION,
    dom_id: "#docs",
    responseInterceptor: readable,
    validatorUrl: null,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelExpandDepth: 2,
    defaultModelsExpandDepth: 0,
    filter: true,
    plugins: [{ wrapComponents: { DeepLink: linkOrText } }],
  });
})();
