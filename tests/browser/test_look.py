"""Every page in every light, on small windows and large, as people with a screen reader or a zoom meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Staff

pytestmark = pytest.mark.system

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RUN = """() => axe.run({
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"],
})"""
# The rules that another light can break: what a page consists of is the same in both.
COLOURS = """() => axe.run({
    runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
    resultTypes: ["violations"],
})"""


def sign_in(page: Page, ada: Staff) -> None:
    page.goto("/")
    page.get_by_role("button", name="Forgotten password?").click()


def missing(page: Page, ada: Staff) -> None:
    page.goto("/nothing-here")


def setup(page: Page, ada: Staff) -> None:
    page.goto("/setup#token")


def setup_with_problems(page: Page, ada: Staff) -> None:
    page.goto("/setup#token")
    page.locator("[type=submit]").click()
    expect(page.locator("#name-problem")).to_be_visible()


def setup_refused(page: Page, ada: Staff) -> None:
    page.goto("/setup#token")
    words = {"name": "Eve", "email": "eve@hotel.example", "password": "seven green turtles"}
    words["hotelName"] = "Hotel Sol"
    for field, text in {**words, "again": words["password"]}.items():
        page.locator(f"#{field}").fill(text)
    page.locator("[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def setup_without_link(page: Page, ada: Staff) -> None:
    page.goto("/setup")


def invite(page: Page, ada: Staff) -> None:
    page.goto("/invite#token")


def invite_accepted(page: Page, ada: Staff) -> None:
    member = ada.ask("GET", "/staff", params={"limit": 1})[0]
    user = {"user": {"name": member["name"], "email": member["email"]}}
    answer = {"success": True, "data": user}
    page.route("**/accept-invite", lambda route: route.fulfill(json=answer))
    page.goto("/invite#token")
    for field in ("password", "again"):
        page.locator(f"#{field}").fill("seven green turtles")
    page.locator("[type=submit]").click()
    expect(page.locator("#done")).to_be_visible()


def chat(page: Page, ada: Staff) -> None:
    page.goto("/chat")


def chat_with_problem(page: Page, ada: Staff) -> None:
    page.goto("/chat")
    page.locator("#email").fill("tom")
    page.get_by_role("button", name="Start chat").click()
    expect(page.locator("#email-problem")).to_be_visible()


def chat_under_way(page: Page, ada: Staff) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="Skip").click()
    page.get_by_label("Your message").fill("Good evening! " + "Supercalifragilistic" * 8)
    page.keyboard.press("Enter")
    expect(page.locator(".state", has_text="Delivered")).to_be_visible()
    conversation = ada.conversation("Good evening! Super")
    ada.answer(conversation["id"], "https://hotel.example/" + "a" * 200 + "\n\n" + "word " * 300)
    expect(page.locator("li.theirs")).to_have_count(2)


def chat_without_connection(page: Page, ada: Staff) -> None:
    chat_under_way(page, ada)
    page.context.set_offline(True)
    page.get_by_label("Your message").fill("Are you there?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()


STATES = [
    sign_in,
    missing,
    setup,
    setup_with_problems,
    setup_refused,
    setup_without_link,
    invite,
    invite_accepted,
    chat,
    chat_with_problem,
    chat_under_way,
    chat_without_connection,
]


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_nobody_is_kept_out(visit: Visit, ada: Staff, reach: Callable[[Page, Staff], None]) -> None:
    page = visit("/robots.txt", viewport={"width": 360, "height": 640}, reduced_motion="reduce")
    reach(page, ada)
    nothing_wrong(page, height=640)


def nothing_wrong(page: Page, height: int) -> None:
    """Nothing for axe to find on a small window and a large one, in either light, and nothing that scrolls sideways."""
    page.evaluate(AXE)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, COLOURS) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def violations(page: Page | Frame, run: str = RUN) -> list[dict[str, Any]]:
    """What axe-core finds wrong: the rule, and where."""
    found = page.evaluate(run)["violations"]
    return [{"rule": v["id"], "where": [n["html"] for n in v["nodes"]]} for v in found]


def test_what_axe_finds_is_seen(visit: Visit) -> None:
    page = visit("/setup")
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    page.evaluate(AXE)
    assert [found["rule"] for found in violations(page)] == ["color-contrast"]


@pytest.mark.parametrize("path", ["/", "/setup#token", "/invite#token", "/chat"])
def test_a_page_from_right_to_left_stays_whole(visit: Visit, path: str) -> None:
    page = visit(path, viewport={"width": 360, "height": 640})
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_box_and_the_latest_message_are_in_a_small_window(visit: Visit, ada: Staff) -> None:
    page = visit("/robots.txt", viewport={"width": 360, "height": 480})
    chat_under_way(page, ada)
    latest = page.locator("li").last
    expect(page.get_by_label("Your message")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    expect(latest.locator(".meta")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 360, "height": 300})  # a keyboard comes up
    expect(latest.locator(".meta")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Your message")).to_be_in_viewport(ratio=1)
