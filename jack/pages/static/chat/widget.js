// Puts the chat on a page of another site: <script src="https://jack.example.com/widget.js" async>
// with data-position="left|right", data-language="es", data-colour="#0d6a5b", data-label="Chat",
// data-offset="24". A button and a panel in a shadow tree, apart from the page's styles; the chat
// is a frame, loaded when wanted or when this visitor has chatted before.
((/** @type {any} */ parts, /** @type {any} */ given) => {
  /** @type {Chat.Parts} */
  const { ink, make, icon } = parts;
  /** @type {Chat.Hotel} */
  const hotel = given; // both are put in by the server
  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript ?? document.querySelector('script[src*="/widget.js"]')
  );
  if (!hotel.enabled || !script || window.JackChat) return;

  const { origin, href: jack } = new URL(".", script.src);
  const root = document.documentElement;
  const { position, label, offset } = script.dataset;
  // What a frame without storage has this page store: for all tabs who the visitor is, for this
  // tab what is half written.
  const SHARED = ["token", "who", "language"];
  /** @type {Record<string, any>} */
  const spare = {}; // used where the browser stores nothing

  /**
   * Gets or sets what is stored under this name, for all tabs or for this one.
   * @param {"begun" | "kept" | "spoken"} name
   * @param {any} [value]
   */
  const stored = (name, value, forAll = true) => {
    const key = `${name} ${forAll}`;
    if (value !== undefined) spare[key] = value;
    try {
      const storage = forAll ? localStorage : sessionStorage;
      if (value !== undefined) storage.setItem(`jack.chat.${name}`, JSON.stringify(value));
      else return Object(JSON.parse(storage.getItem(`jack.chat.${name}`) ?? "{}"));
    } catch {
      // not stored, or not by us
    }
    return spare[key] ?? {};
  };

  /** @type {string[]} */
  const wanted = [
    stored("spoken").language,
    script.dataset.language,
    root.lang,
    ...navigator.languages,
    hotel.language,
  ];
  const tags = wanted.flatMap((tag = "") => {
    const subtags = tag.toLowerCase().split("-");
    return subtags.map((_, at) => subtags.slice(0, subtags.length - at).join("-"));
  });
  const language =
    tags.map((tag) => hotel.aliases[tag] ?? tag).find((tag) => tag in hotel.open) ?? "en";
  /** @type {Record<string, string>} */
  let t = { ...hotel.texts, open: hotel.open[language] };
  const chosen = /^#[0-9a-f]{6}$/i.test(script.dataset.colour ?? "") ? script.dataset.colour : null;
  const colour = chosen ?? hotel.colour ?? "#0d6a5b";
  const atLeft =
    position === "left" || (position !== "right" && getComputedStyle(root).direction === "rtl");
  const away = Math.min(Math.max(Number.parseInt(offset ?? "", 10) || 20, 0), 400);
  const small = matchMedia("(max-width: 30rem), (max-height: 26rem)");

  /** What the style sheet (widget.css) is told. */
  const measures = {
    left: atLeft ? `${away}px` : "auto",
    right: atLeft ? "auto" : `${away}px`,
    away: `${away}px`,
    colour,
    ink: ink(colour),
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
  let release = () => {};

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
      release();
      tellFrame(open, { kept: { ...stored("kept"), ...stored("kept", undefined, false) } });
      setTimeout(() => {
        refused.hidden = ready;
      }, 2_000);
    });
    panel.prepend(frame);
    return frame;
  }

  function tellFrame(focus = false, more = {}) {
    const message = { jack: { open, focus, ...more } };
    if (loaded) frame?.contentWindow?.postMessage(message, origin);
  }

  const shared = () => ({ shared: stored("kept") });

  /** Lets the frame do what one tab at a time may do. */
  function lock() {
    const held = () =>
      new Promise((/** @type {(done: any) => void} */ resolve) => {
        release = () => resolve(null);
        setTimeout(release, 20_000);
        tellFrame(false, { ...shared(), locked: true });
      });
    if (navigator.locks) navigator.locks.request("jack.chat", held).catch(held);
    else held();
  }

  /**
   * What it says from now on, in the language of the chat.
   * @param {Record<string, string>} texts
   */
  function translate(texts) {
    t = texts;
    words.textContent = label || t.open;
  }

  /** @param {{ name: string, value: any }} item */
  function keep({ name, value }) {
    const forAll = SHARED.includes(name);
    stored("kept", { ...stored("kept", undefined, forAll), [name]: value }, forAll);
  }

  /** @param {boolean} now */
  function show(now) {
    place();
    if (open === now) {
      if (open) load().focus();
      return;
    }
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
    if (news.texts) translate(news.texts);
    if (typeof news.language === "string") stored("spoken", { language: news.language });
    if (news.begun) stored("begun", { yes: true });
    if (typeof news.keep?.name === "string") keep(news.keep);
    if (news.lock) lock();
    if (news.unlock) release();
    if (Number.isInteger(news.unread)) unread = Math.max(0, news.unread);
    if (news.close) show(false);
    else draw();
  }

  function addStyle() {
    if ("adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(hotel.style);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      shadow.append(make("style", "", hotel.style));
    }
  }

  function build() {
    addStyle();
    host.lang = language;
    host.dir = hotel.rtl.includes(language) ? "rtl" : "ltr";
    host.dataset.jackChat = "";
    for (const [name, value] of Object.entries(measures))
      host.style.setProperty(`--${name}`, value);
    button.type = "button";
    panel.id = "panel";
    panel.inert = !open;
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
    place();
    new MutationObserver(place).observe(document, { childList: true, subtree: true });
    if (open || stored("begun").yes) load();
  }

  /**
   * Puts the button into the page, and back when the site has exchanged its body (Turbo, pjax);
   * copies of it, which such programs keep and put in later, go.
   */
  function place() {
    if (!document.body || host.isConnected) return;
    for (const copy of document.querySelectorAll("[data-jack-chat]")) copy.remove();
    document.body.append(host);
    if (open) fill();
  }

  button.addEventListener("click", ({ detail }) => {
    if (detail < 2) show(!open); // a double click counts once
  });
  button.addEventListener("pointerenter", load);
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
  });
  addEventListener("message", receive);
  addEventListener("storage", ({ key }) => {
    if (key === "jack.chat.kept") tellFrame(false, shared());
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) tellFrame();
  });
  small.addEventListener("change", fill);
  for (const type of ["resize", "scroll"]) window.visualViewport?.addEventListener(type, fill);
  window.JackChat = { open: () => show(true), close: () => show(false) };
  if (document.body) build();
  else addEventListener("DOMContentLoaded", build);
})("PARTS", "HOTEL");
