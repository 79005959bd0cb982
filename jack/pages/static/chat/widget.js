// Puts the hotel's chat on a page:  <script src="https://jack.example.com/widget.js" async></script>
// data-position="left|right"  data-language="es"  data-colour="#0d6a5b"  data-label="Chat with us"  data-offset="24"
// A button and a panel, in a shadow tree of their own so that page and chat do not disturb each other's look. The chat
// itself is a frame of Jack's origin. It is loaded when it is wanted, or when this visitor has chatted here before.
((hotel) => {
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  if (!hotel.enabled || !script || window.JackChat) return;

  const origin = new URL(script.src).origin;
  const root = document.documentElement;
  const { position, label, offset } = script.dataset;
  const wanted = [script.dataset.language, root.lang, ...navigator.languages, hotel.language, "en"].filter(Boolean);
  const tags = wanted.flatMap((tag) => [tag.toLowerCase(), tag.toLowerCase().split("-")[0]]);
  const language = tags.find((tag) => tag in hotel.texts);
  const t = hotel.texts[language];
  const chosen = /^#[0-9a-f]{6}$/i.test(script.dataset.colour ?? "") ? script.dataset.colour : null;
  const colour = chosen ?? hotel.colour ?? "#0d6a5b";
  const atLeft = position === "left" || (position !== "right" && getComputedStyle(root).direction === "rtl");
  const away = Math.min(Math.max(Number.parseInt(offset, 10) || 20, 0), 400);
  const small = matchMedia("(max-width: 30rem), (max-height: 26rem)");
  const seen = "clip-path: inset(50%); position: absolute; width: 1px; height: 1px; overflow: hidden; white-space: nowrap";

  /** Black or white, whichever is better read on a colour. */
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
    .told { ${seen} }
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

  const make = (tag, className = "", words = "") => Object.assign(document.createElement(tag), { className, textContent: words });
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  /** What this site's own storage has under a name, or put there; a browser may refuse it. */
  const stored = (where, name, value) => {
    try {
      if (value === undefined) return window[where].getItem(name);
      window[where].setItem(name, value);
    } catch { /* then it is not remembered */ }
    return null;
  };
  const [BEGUN, KEPT] = [["localStorage", "jack.chat.begun"], ["sessionStorage", "jack.chat.kept"]];

  const host = make("div");
  const shadow = host.attachShadow({ mode: "open" });
  const panel = make("div", "panel");
  const button = make("button");
  const bubble = icon("M21 12a8 8 0 0 1-8 8H4l2-3.5A8 8 0 1 1 21 12Z");
  const cross = icon("M6 6l12 12M18 6L6 18");
  const words = make("span", "words", label || t.open);
  const count = make("span", "count");
  const told = make("div", "told");
  const refused = make("div", "refused");
  let frame = null;
  let open = false;
  let loaded = false; // the frame, whatever is in it
  let ready = false; // the chat in it has answered
  let unread = 0;
  let modal = false;
  let overflow = "";

  /** The chat, asked for once; a site that may not show it gets a way round. */
  function load() {
    if (frame) return;
    const query = new URLSearchParams({ language, ...(chosen && { colour: chosen }) });
    frame = make("iframe");
    frame.title = hotel.title;
    frame.src = `${origin}/widget?${query}`;
    frame.addEventListener("load", () => {
      loaded = true;
      ready = false;
      tellFrame(open);
      setTimeout(() => { refused.hidden = ready; }, 2_000);
    });
    panel.prepend(frame);
  }

  function tellFrame(focus = false) {
    if (loaded) frame.contentWindow.postMessage({ jack: { open, focus, kept: stored(...KEPT) } }, origin);
  }

  function show(now) {
    if (open === now) return;
    open = now;
    load();
    panel.classList.toggle("open", open);
    panel.inert = !open;
    draw();
    fill();
    if (open) {
      if (!refused.hidden) frame.src += ""; // it could not be shown; perhaps now it can
      panel.getBoundingClientRect(); // it is there from now on, and can have the focus
      (refused.hidden ? frame : refused.querySelector("a")).focus();
    } else {
      button.focus();
    }
    tellFrame(open);
  }

  /** On a small screen the panel is all there is, as high as the keyboard leaves it, and the page behind it stays put. */
  function fill() {
    const whole = open && small.matches;
    if (whole !== modal) {
      modal = whole;
      if (whole) overflow = root.style.overflow;
      root.style.overflow = whole ? "hidden" : overflow;
      panel.setAttribute("aria-modal", whole);
    }
    const view = window.visualViewport;
    panel.style.height = whole && view ? `${view.height}px` : "";
    panel.style.top = whole && view ? `${view.offsetTop}px` : "";
  }

  function draw() {
    const news = unread === 1 ? t.one : unread ? t.many.replace("{count}", unread) : "";
    count.textContent = unread > 99 ? "99+" : unread;
    count.hidden = open || !unread;
    words.hidden = open;
    bubble.toggleAttribute("hidden", open);
    cross.toggleAttribute("hidden", !open);
    button.setAttribute("aria-expanded", open);
    button.setAttribute("aria-label", open ? t.close : [label || t.open, news].filter(Boolean).join(", "));
    if (!open && news !== told.textContent) told.textContent = news;
  }

  function hear({ source, origin: from, data }) {
    if (!frame || source !== frame.contentWindow || from !== origin || typeof data?.jack !== "object" || !data.jack) return;
    const news = data.jack;
    if (news.ready) {
      ready = true;
      panel.classList.add("ready"); // it has a button of its own to close it
      refused.hidden = true;
      tellFrame(open && shadow.activeElement === frame);
    }
    if (news.begun) stored(...BEGUN, "yes");
    if (typeof news.keep === "string") stored(...KEPT, news.keep);
    if (Number.isInteger(news.unread)) unread = Math.max(0, news.unread);
    if (news.close) show(false);
    else draw();
  }

  function build() {
    const sheet = "adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype ? new CSSStyleSheet() : null;
    if (sheet) {
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      shadow.append(make("style", "", STYLE));
    }
    host.lang = language;
    button.type = "button";
    panel.id = "panel";
    panel.inert = true;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", hotel.title);
    button.setAttribute("aria-controls", panel.id);
    button.setAttribute("aria-haspopup", "dialog");
    told.setAttribute("role", "status");
    count.setAttribute("aria-hidden", "true");
    const link = Object.assign(make("a", "", t.window), { href: `${origin}/chat?language=${language}`, target: "_blank", rel: "noopener" });
    refused.append(make("p", "", t.refused), link);
    refused.hidden = true;
    panel.append(refused);
    button.append(bubble, cross, words, count);
    shadow.append(panel, button, told);
    draw();
    document.body.append(host);
    if (stored(...BEGUN)) load();
  }

  button.addEventListener("click", ({ detail }) => { if (detail < 2) show(!open); }); // twice at once is once
  button.addEventListener("pointerenter", load);
  shadow.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  addEventListener("message", hear);
  addEventListener("pageshow", (event) => { if (event.persisted) tellFrame(); });
  small.addEventListener("change", fill);
  for (const type of ["resize", "scroll"]) window.visualViewport?.addEventListener(type, fill);
  window.JackChat = { open: () => show(true), close: () => show(false) };
  if (document.body) build();
  else addEventListener("DOMContentLoaded", build);
})("HOTEL");
