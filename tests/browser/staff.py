"""What a member of staff does on the page, and guests who write to them through the API."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from jack.core.db import Database
from tests.browser.guest import Visit
from tests.browser.server import ADMIN, PATIENCE, Server

MARIA = {"email": "maria@hotel.example", "password": "a sunny terrace"}
ARRIVED = re.compile("Sent|Delivered")  # delivered is what the guest's own window has fetched
WAITING = "SELECT count(*) FROM outbox WHERE message_id = :id"
# The page's own listener is the first, and draws before the next one is called.
SHOW = """route => new Promise((done) => {
    if (location.hash === route) done();
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = route;
})"""
ALL_OPEN = """try {
    if (!localStorage.getItem("jack:ID:inboxFilters")) {
        localStorage.setItem("jack:ID:inboxFilters", JSON.stringify({ waiting: false }));
    }
} catch { /* about:blank stores nothing */ }"""
HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "${window.hacked=1}",
    "</textarea><script>window.hacked=1</script>",
    "<a href=javascript:window.hacked=1>x</a>",
    "\u202egnp.exe\u202c <b>bold</b>",
]


class Guest:
    """Somebody in the web chat."""

    def __init__(self, server: Server, name: str, **given: str) -> None:
        self.name = name
        limits = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(
            base_url=f"{server.url}/api/v1/webchat", timeout=PATIENCE, limits=limits
        )
        made = self.http.post("/sessions", json={"name": name, **given})
        assert made.status_code == 201, made.text
        self.http.headers["Authorization"] = f"Bearer {made.json()['data']['token']}"

    def say(self, content: str) -> str:
        body = {"content": content, "clientMessageId": uuid.uuid4().hex}
        answer = self.http.post("/messages", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def heard(self) -> list[str]:
        """What the hotel has said."""
        rows = self.http.get("/messages").json()["data"]
        return [row["content"] for row in rows if row["direction"] == "outbound"]

    def until_heard(self, content: str) -> None:
        until(lambda: content in self.heard())

    def read(self) -> None:
        """They have seen everything."""
        meta = self.http.get("/messages").json()["meta"]
        assert self.http.post("/read", json={"cursor": meta["cursor"]}).is_success


def until(true: Callable[[], Any], page: Page | None = None) -> None:
    """Wait for this; with a page, while what happens in it is handled."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        if page:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)


def sql(server: Server, statement: str, **values: Any) -> None:
    """Something no route does: time that has passed, a provider that has failed."""
    database = Database(server.folder / "jack.db")
    database.run(statement, values)
    database.close()


def until_left(server: Server, message_id: str) -> None:
    """Its sending is over. A guest hears a message before that, and the worker would still write down that it was sent."""
    database = Database(server.folder / "jack.db")
    until(lambda: not database.value(WAITING, {"id": message_id}))
    database.close()


def sign_in(page: Page, *, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def enter(
    visit: Visit,
    who: dict[str, str] = ADMIN,
    path: str = "/#/inbox",
    *,
    waiting: bool = False,
    **options: Any,
) -> Page:
    """A window in which somebody is signed in, and which hears of whatever happens from now on.

    The inbox shows all that is open, newest first; or, as on a first visit, who is waiting.
    """
    page = visit("about:blank", **{"viewport": {"width": 1280, "height": 800}, **options})
    # As the form does it; the form itself is tried elsewhere.
    answer = page.request.post("/api/v1/auth/login", data=who, headers={"X-Jack-Page": "1"})
    assert answer.ok, answer.text()
    if not waiting:
        page.add_init_script(ALL_OPEN.replace("ID", answer.json()["data"]["user"]["id"]))
    page.goto(path)
    expect(page.locator(".rail")).to_be_visible()
    expect(page.locator(".rail .own .name")).not_to_be_empty()  # it knows who asks
    expect(page.locator("main h1").first).to_be_attached()
    return page


def show(page: Page, route: str) -> None:
    """Another view of the page that is open, `#/tasks`; it stands when this returns, what it shows may still be on its way."""
    page.evaluate(SHOW, route)


def row(page: Page, name: str) -> Locator:
    """A conversation in the list."""
    return page.locator(".rows .row", has_text=name)


def open_conversation(page: Page, name: str) -> None:
    row(page, name).get_by_role("link").click()
    expect(page.locator(".conversation h2", has_text=name)).to_be_visible()
    expect(page.locator(".message").first).to_be_visible()


def box(page: Page) -> Locator:
    return page.locator("#reply")


def answer(page: Page, content: str) -> None:
    box(page).fill(content)
    page.get_by_role("button", name="Send").click()


def message(page: Page, content: str) -> Locator:
    return page.locator(".message", has_text=content)


def said(page: Page, content: str) -> Locator:
    """What the page says has become of a message."""
    return message(page, content).locator(".delivery")


def unique(words: str) -> str:
    return f"{words} {uuid.uuid4().hex[:8]}"


def conversation_id(page: Page) -> str:
    found = re.search(r"#/inbox/([\w-]+)", page.url)
    assert found
    return found[1]
