"""Firefox and WebKit do what Chromium does: a guest writes, is answered, and what they asked for becomes a task that is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import Guest, unique, until
from tests.browser.webdriver import Window, firefox, mini_browser, webkit

pytestmark = pytest.mark.system

HAS_FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
HAS_WEBKIT = shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and mini_browser()
BROWSERS: dict[str, tuple[object, Callable[[Path], AbstractContextManager[Window]], str]] = {
    "firefox": (HAS_FIREFOX, firefox, "firefox-esr"),
    "webkit": (HAS_WEBKIT, webkit, "webkit2gtk-driver xvfb"),
}


@pytest.fixture(params=BROWSERS)
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Window]:
    there, opened, packages = BROWSERS[request.param]
    if not there:
        pytest.skip(f"{request.param} is missing; this installs it: sudo apt install {packages}")
    with opened(tmp_path) as made:
        yield made


def button(name: str, within: str = "") -> str:
    return f"{within}//button[normalize-space()='{name}' or @aria-label='{name}']"


def status(ada: Staff, title: str) -> str:
    """Of the only task with this title."""
    [task] = [task for task in ada.ask("GET", "/tasks?limit=100") if task["title"] == title]
    return str(task["status"])


def test_a_guest_is_answered_and_what_they_asked_for_is_done(
    window: Window, server: Server, ada: Staff
) -> None:
    guest, asked, answer = Guest(server, unique("Fay")), unique("Two towels"), unique("At once")
    guest.say(asked)
    window.go(f"{server.url}/#/inbox")
    window.write("//input[@type='email']", ADMIN["email"])
    window.write("//input[@type='password']", ADMIN["password"])
    window.click("//form//button[@type='submit']")
    window.click(f"//*[contains(@class, 'rows')]//a[contains(., '{guest.name}')]")
    window.find(f"//li[contains(@class, 'message')][contains(., '{asked}')]")
    window.write("//textarea[@id='reply']", answer)
    window.click("//form[contains(@class, 'reply')]//button[@type='submit']")
    guest.until_heard(answer)
    window.click("//*[@data-act='task']")
    window.click("//dialog//form//button[@type='submit']")
    window.find("//*[contains(@class, 'notices')][contains(., 'Task created')]")
    conversation = window.run("return location.hash").split("/")[2]
    window.go(f"{server.url}/#/tasks")
    card = f"//article[@aria-label='{asked}']"
    window.click(button("Claim", card))
    window.click(button("Start", card))
    window.click(button("Complete", card))
    window.click("//form//button[@type='submit']")
    until(lambda: status(ada, asked) == "completed")
    window.go(f"{server.url}/#/inbox/{conversation}")
    window.click("//*[contains(@class, 'bar')]//button[normalize-space()='Close']")
    until(lambda: ada.ask("GET", f"/conversations/{conversation}")["status"] == "closed")


def test_a_guest_writes_in_the_chat_and_reads_the_answer(
    window: Window, server: Server, ada: Staff
) -> None:
    asked, answer = unique("Is there a lift?"), unique("There is one")
    window.go(f"{server.url}/chat")
    window.click("//button[normalize-space()='Skip']")
    window.write("//textarea", asked)
    window.click("//form//button[@type='submit']")
    window.find(f"//li[contains(., '{asked}')][contains(., 'Delivered')]")
    [found] = ada.ask("GET", f"/conversations?search={asked[-8:]}")
    ada.ask("POST", f"/conversations/{found['id']}/messages", json={"content": answer})
    window.find(f"//li[contains(@class, 'theirs')][contains(., '{answer}')]")
