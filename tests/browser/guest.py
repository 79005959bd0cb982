"""What a guest does in the chat, and what they see there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Route, expect

Visit = Callable[..., Page]
MESSAGES = re.compile(r"/api/v1/webchat/messages$")
POLLS = re.compile(r"/api/v1/webchat/messages\?")


def unique(words: str) -> str:
    """Words that no other test says."""
    return f"{words} {uuid.uuid4().hex[:8]}"


def box(page: Page) -> Locator:
    return page.get_by_label("Your message")


def start(page: Page) -> None:
    """Past the question who one is."""
    page.get_by_role("button", name="Skip").click()
    expect(box(page)).to_be_focused()


def write(page: Page, content: str) -> None:
    box(page).fill(content)
    page.get_by_role("button", name="Send").click()


def state(page: Page, content: str) -> Locator:
    """What the page says has become of a message."""
    return page.locator("li", has_text=content).locator(".state")


def heard(page: Page, content: str) -> Locator:
    """A message from the hotel."""
    return page.locator("li.theirs", has_text=content)


def begin(page: Page, words: str = "Hello") -> str:
    """A first message that arrives; returns what it said."""
    content = unique(words)
    start(page)
    write(page, content)
    expect(state(page, content)).to_have_text("Delivered")
    return content


@contextmanager
def deaf(page: Page) -> Iterator[None]:
    """What the page asks for meanwhile is answered afterwards: a message it hears before it has left is delivered at once."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(POLLS, hold)
    page.wait_for_event("request", lambda r: bool(POLLS.search(r.url)))  # the last one is answered
    yield
    for route in held:
        route.continue_()
    page.unroute(POLLS)


def hide(page: Page, hidden: bool) -> None:
    """Let the page believe that its tab is in the background."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
