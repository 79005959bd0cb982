"""A hotel's own web site: another origin than Jack's, with the widget on its page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.server import Staff

PAGE = """<!doctype html>
<html lang="{language}"{root}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hotel Miramar</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0; font: 18px/1.6 Georgia, serif; color: #2b2a27; background: #faf7f1; }}
header {{ padding: 4rem 8vw; color: #fff; background: linear-gradient(120deg, #14424f, #3f7f86); }}
main {{ padding: 2rem 8vw 12rem; max-width: 40rem; }}
button {{ all: unset; font-family: fantasy !important; }}
iframe, svg, p {{ outline: 4px dotted red !important; }}
main p {{ outline: 0 !important; }}
</style>
</head>
<body>
<header><h1>Hotel Miramar</h1>A small hotel by the sea.</header>
<main>
<p><a href="/rooms">Rooms</a> with a view of the bay, breakfast until eleven, and somebody who answers.</p>
<p>The ferry leaves at nine. The pool is open from seven to ten.</p>
<label>Looking for <input id="search"></label>
</main>
<script src="{jack}/widget.js"{data} async></script>
</body>
</html>"""


class Site:
    """The site, on `http://localhost`; Jack is on 127.0.0.1, so to a browser the two have nothing in common."""

    def __init__(self, jack: str) -> None:
        self.jack = jack
        self.page = ""
        self.headers: dict[str, str] = {}
        self.show()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self.server.server_address[1]
        self.url = f"http://localhost:{port}"
        self.near = (
            f"http://127.0.0.1:{port}"  # another origin, but to a browser of Jack's own site
        )

    def show(self, language: str = "en", root: str = "", **data: str) -> None:
        """What its page is from now on; `data` are the script's own attributes."""
        attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
        self.page = PAGE.format(language=language, root=root, jack=self.jack, data=attributes)

    def configure(self, admin: Staff, **web: Any) -> None:
        """Put the setting `channels.web`: this site may show the chat, and whatever a test cares about."""
        value = {"enabled": True, "sites": [self.url, self.near], **web}
        admin.ask("PUT", "/settings/channels.web", json={"value": value})


@contextmanager
def serving(jack: str) -> Iterator[Site]:
    """The site, served as long as it is needed."""
    site = Site(jack)
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def launcher(page: Page) -> Locator:
    """The button, open or closed."""
    return page.locator("[aria-haspopup=dialog]")


def chat(page: Page) -> FrameLocator:
    """The chat inside the panel."""
    return page.frame_locator("iframe")


def box(page: Page) -> Locator:
    return chat(page).get_by_label("Your message")


def open_chat(page: Page) -> None:
    """Open the panel, and go past the question who one is."""
    launcher(page).click()
    chat(page).get_by_role("button", name="Skip").click()
    expect(box(page)).to_be_focused()


def write(page: Page, content: str) -> None:
    box(page).fill(content)
    chat(page).get_by_role("button", name="Send").click()


def state(page: Page, content: str) -> Locator:
    """What the chat says has become of a message."""
    return chat(page).locator("li", has_text=content).locator(".state")
