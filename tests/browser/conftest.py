"""A real browser in front of a real server, and members of staff who answer through the API."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.server import ADMIN, PATIENCE, Server, Staff, settings_kept
from tests.browser.site import Site, serving

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# A page asks every few seconds, and the machine does other things as well.
expect.set_options(timeout=PATIENCE * 1000)
# How many times slower than this machine the pages run (JACK_TEST_CPU_SLOWDOWN=6): what a test takes for granted shows.
SLOWDOWN = float(os.environ.get("JACK_TEST_CPU_SLOWDOWN", "1"))


def slow_down(page: Page) -> Page:
    """Have the page run as on a slower machine, where that is wanted; returns it."""
    if SLOWDOWN > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    return page


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server most of these tests share."""
    folder = tmp_path_factory.mktemp("server") / "instance"
    settings = {"JACK_ADMIN_EMAIL": ADMIN["email"], "JACK_ADMIN_PASSWORD": ADMIN["password"]}
    running = Server(folder, settings)
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def settings_as_before(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test sets on the server that is shared, the next one finds it as it was before; also after a failure."""
    if "server" not in request.fixturenames:
        yield
        return
    with settings_kept(request.getfixturevalue("server")):
        yield


@pytest.fixture(scope="session")
def ada(server: Server) -> Staff:
    """The administrator."""
    return Staff(server, **ADMIN)


@pytest.fixture(scope="session")
def maria(server: Server, ada: Staff) -> Staff:
    """A member of staff with a last name that is nobody's business."""
    token = ada.invite("María López", "maria@hotel.example")
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": "a sunny terrace"})
    return Staff(server, "maria@hotel.example", "a sunny terrace")


@pytest.fixture
def site(server: Server, ada: Staff) -> Iterator[Site]:
    """The hotel's own web site, which may show the chat."""
    with serving(server.url) as made:
        made.configure(ada)
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, or the one Playwright has installed."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    system = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        if not system and not Path(playwright.chromium.executable_path).exists():
            say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            command = ".venv/bin/python -m playwright install --with-deps chromium"
            say(f"chromium is missing; this installs it: {command}")
        chromium = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a window of a guest of their own. In none of them may anything go wrong that nobody sees."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    lost: list[str] = []  # told with a test that fails: a page may stay empty for one of these

    def complain(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(f"pageerror: {error}"))
        page.on(
            "dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.accept())
        )
        page.on("console", complain)
        page.on("requestfailed", lambda request: lost.append(f"{request.failure} {request.url}"))
        page.on(
            "request", lambda r: r.url.startswith(page_base) or wrong.append(f"elsewhere: {r.url}")
        )

    page_base = ("http://127.0.0.1:", "http://localhost:", "data:", "about:", "blob:")

    def open_window(path: str = "/chat", *, base: str | None = None, **options: Any) -> Page:
        made = {"locale": "en-GB", "viewport": {"width": 1000, "height": 800}, **options}
        context = browser.new_context(base_url=base or server.url, **made)
        contexts.append(context)
        context.on("page", watch)
        page = slow_down(context.new_page())
        page.goto(path)
        return page

    yield open_window
    print("Requests that got no answer:", *lost, sep="\n")  # noqa: T201 (shown where the test has failed)
    for context in contexts:
        context.close()
    assert wrong == []
