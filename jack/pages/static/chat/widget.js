// Puts the chat on a page of another site: <script src="https://jack.example.com/widget.js" async>
// with data-position="left|right", data-language="es", data-colour="#0d6a5b", data-label="Chat",
// data-offset="24". A button and a panel in a shadow tree, apart from the page's styles; the chat
// is a frame, loaded when wanted or when this visitor has chatted before.
((/** @type {any} */ given) => {
  /** @type {Chat.Hotel} */
  const hotel = given;
  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript ?? document.querySelector('script[src*="/widget.js"]')
  );
  if (!hotel.enabled || !script || window.JackChat) return;

  const { origin, href: jack } = new URL(".", script.src);
  const root = document.documentElement;
  const { position, label, offset } = script.dataset;
  const wanted = [script.dataset.language, root.lang, ...navigator.languages, hotel.language, "en"];
  const tags = wanted.flatMap((tag = "") => [tag.toLowerCase(), tag.toLowerCase().split("-")[0]]);
  const language = tags.find((tag) => tag in hotel.texts) ?? "en";
  const t = hotel.texts[language];
  const chosen = /^#[0-9a-f]{6}$/i.test(script.dataset.colour ?? "") ? script.dataset.colour : null;
  const colour = chosen ?? hotel.colour ?? "#0d6a5b";
  const atLeft =
    position === "left" || (position !== "right" && getComputedStyle(root).direction === "rtl");
  const away = Math.min(Math.max(Number.parseInt(offset ?? "", 10) || 20, 0), 400);
  const small = matchMedia("(max-width: 30rem), (max-height: 26rem)");
  const hidden =
    "clip-path: inset(50%); position: absolute; width: 1px; height: 1px; overflow: hidden; white-space: nowrap";

  /**
   * Black or white, whichever contrasts more with a colour.
   * @param {string} hex
   */
  const ink = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.1791 ? "#000" : "#fff";
  };

  const STYLE = `
    :host { all: initial; position: fixed; z-index: 2147483000; bottom: 0; ${atLeft ? "left" : "right"}: 0; direction: ${t.direction};
      font: 600 16px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color-scheme: light dark }
    [hidden] { display: none !important }
    button { position: fixed; ${atLeft ? "left" : "right"}: ${away}px; bottom: max(${away}px, env(safe-area-inset-bottom)); display: flex;
      align-items: center; gap: .6em; height: 56px; padding: 0 13px; border: 2px solid #fff; border-radius: 28px; cursor: pointer;
      font: inherit; color: ${ink(colour)}; background: ${colour}; box-shadow: 0 4px 16px rgb(0 0 0 / .28) }
    button:hover { box-shadow: 0 6px 22px rgb(0 0 0 / .36) }
    button:focus-visible { outline: 3px solid #fff; outline-offset: 2px; box-shadow: 0 0 0 8px #1a1a1a }
    svg { width: 26px; height: 26px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
    .words { padding-inline-end: 6px; white-space: nowrap }
    .count { position: absolute; inset-block-start: -8px; inset-inline-end: -6px; min-width: 24px; padding: 0 6px; box-sizing: border-box; font-size: 14px;
      line-height: 22px; border: 2px solid #fff; border-radius: 14px; text-align: center; color: #fff; background: #b3121d }
    .panel { position: fixed; ${atLeft ? "left" : "right"}: ${away}px; bottom: ${away + 68}px; width: 384px; max-width: calc(100vw - ${2 * away}px);
      height: min(640px, calc(100vh - ${away + 88}px)); overflow: hidden; border-radius: 16px; background: Canvas; color: CanvasText;
      box-shadow: 0 0 0 1px rgb(127 127 127 / .35), 0 12px 40px rgb(0 0 0 / .3) }
    .panel:not(.open) { visibility: hidden; opacity: 0; transform: translateY(12px) }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; color-scheme: light dark }
    .refused { position: absolute; inset: 0; z-index: 1; padding: 2.5em 1.5em; font-weight: 400; text-align: center; background: Canvas; color: CanvasText }
    .refused p { margin: 0 0 1em } .refused a { color: LinkText }
    .announcement { ${hidden} }
    @media (max-width: 30rem), (max-height: 26rem) {
      .panel { inset: 0; width: 100vw; max-width: none; height: 100vh; height: 100dvh; border-radius: 0 }
      .open.ready ~ button { display: none }
      .words { display: none }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { transition: opacity .16s, transform .16s }
      .panel:not(.open) { transition: opacity .16s, transform .16s, visibility 0s .16s }
    }
    @media (forced-colors: active) { button, .panel { border: 2px solid ButtonText } }
    @media print { :host { display: none } }`;

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   */
  const make = (tag, className = "", words = "") =>
    Object.assign(document.createElement(tag), { className, textContent: words });
  /** @param {string} path */
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  /**
   * Gets or sets an item of this site's storage, if the browser allows it.
   * @param {"begun" | "kept"} name
   * @param {string} [value]
   */
  const stored = (name, value) => {
    try {
      const storage = name === "begun" ? localStorage : sessionStorage;
      if (value === undefined) return storage.getItem(`jack.chat.${name}`);
      storage.setItem(`jack.chat.${name}`, value);
    } catch {
      // not stored
    }
    return null;
  };

  const host = make("div");
  const shadow = host.attachShadow({ mode: "open" });
  const panel = make("div", "panel");
  const button = make("button");
  const bubble = icon("M21 12a8 8 0 0 1-8 8H4l2-3.5A8 8 0 1 1 21 12Z");
  const cross = icon("M6 6l12 12M18 6L6 18");
  const words = make("span", "words", label || t.open);
  const count = make("span", "count");
  const announced = make("div", "announcement");
  const refused = make("div", "refused");
  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  let open = false;
  let loaded = false; // the frame, whatever is in it
  let ready = false; // the chat in it has answered
  let unread = 0;
  let modal = false;
  let overflow = "";

  /** Loads the chat once; if it may not be shown, a link appears. */
  function load() {
    if (frame) return frame;
    const query = new URLSearchParams({ language, ...(chosen && { colour: chosen }) });
    frame = make("iframe");
    frame.title = hotel.title;
    frame.src = `${jack}widget?${query}`;
    frame.addEventListener("load", () => {
      loaded = true;
      ready = false;
      tellFrame(open);
      setTimeout(() => {
        refused.hidden = ready;
      }, 2_000);
    });
    panel.prepend(frame);
    return frame;
  }

  function tellFrame(focus = false) {
    const message = { jack: { open, focus, kept: stored("kept") } };
    if (loaded) frame?.contentWindow?.postMessage(message, origin);
  }

  /** @param {boolean} now */
  function show(now) {
    if (open === now) return;
    open = now;
    const chat = load();
    panel.classList.toggle("open", open);
    panel.inert = !open;
    draw();
    fill();
    if (open) {
      if (!refused.hidden) chat.src += ""; // try again
      panel.getBoundingClientRect(); // applies the styles: now it can have the focus
      (refused.hidden ? chat : refused.querySelector("a"))?.focus();
    } else {
      button.focus();
    }
    tellFrame(open);
  }

  /** On a small screen the panel fills what the keyboard leaves, and the page does not scroll. */
  function fill() {
    const whole = open && small.matches;
    if (whole !== modal) {
      modal = whole;
      if (whole) overflow = root.style.overflow;
      root.style.overflow = whole ? "hidden" : overflow;
      panel.setAttribute("aria-modal", `${whole}`);
    }
    const view = window.visualViewport;
    panel.style.height = whole && view ? `${view.height}px` : "";
    panel.style.top = whole && view ? `${view.offsetTop}px` : "";
  }

  function draw() {
    const news = unread === 1 ? t.one : unread ? t.many.replace("{count}", `${unread}`) : "";
    count.textContent = unread > 99 ? "99+" : `${unread}`;
    count.hidden = open || !unread;
    words.hidden = open;
    bubble.toggleAttribute("hidden", open);
    cross.toggleAttribute("hidden", !open);
    button.setAttribute("aria-expanded", `${open}`);
    button.setAttribute(
      "aria-label",
      open ? t.close : [label || t.open, news].filter(Boolean).join(", "),
    );
    if (!open && news !== announced.textContent) announced.textContent = news;
  }

  /** @param {MessageEvent} event */
  function receive({ source, origin: from, data }) {
    const news = data?.jack;
    if (!frame || source !== frame.contentWindow || from !== origin) return;
    if (typeof news !== "object" || !news) return;
    if (news.ready) {
      ready = true;
      panel.classList.add("ready"); // it has its own close button
      refused.hidden = true;
      tellFrame(open && shadow.activeElement === frame);
    }
    if (news.begun) stored("begun", "yes");
    if (typeof news.keep === "string") stored("kept", news.keep);
    if (Number.isInteger(news.unread)) unread = Math.max(0, news.unread);
    if (news.close) show(false);
    else draw();
  }

  function addStyle() {
    if ("adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      shadow.append(make("style", "", STYLE));
    }
  }

  function build() {
    addStyle();
    host.lang = language;
    button.type = "button";
    panel.id = "panel";
    panel.inert = true;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", hotel.title);
    button.setAttribute("aria-controls", panel.id);
    button.setAttribute("aria-haspopup", "dialog");
    announced.setAttribute("role", "status");
    count.setAttribute("aria-hidden", "true");
    const link = Object.assign(make("a", "", t.window), {
      href: `${jack}chat?language=${language}`,
      target: "_blank",
      rel: "noopener",
    });
    refused.append(make("p", "", t.refused), link);
    refused.hidden = true;
    panel.append(refused);
    button.append(bubble, cross, words, count);
    shadow.append(panel, button, announced);
    draw();
    document.body.append(host);
    if (stored("begun")) load();
  }

  button.addEventListener("click", ({ detail }) => {
    if (detail < 2) show(!open); // a double click counts once
  });
  button.addEventListener("pointerenter", load);
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
  });
  addEventListener("message", receive);
  addEventListener("pageshow", (event) => {
    if (event.persisted) tellFrame();
  });
  small.addEventListener("change", fill);
  for (const type of ["resize", "scroll"]) window.visualViewport?.addEventListener(type, fill);
  window.JackChat = { open: () => show(true), close: () => show(false) };
  if (document.body) build();
  else addEventListener("DOMContentLoaded", build);
})("HOTEL");
