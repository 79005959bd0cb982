"""The interactive page of the API, in a real browser that finds nothing but this server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.server import ADMIN, Staff
from tests.browser.staff import until
from tests.browser.test_look import AXE, violations

PATH = "/api/v1/docs"


@pytest.fixture
def docs(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the page, which has nothing to complain of on its console."""

    def open_docs(**options: Any) -> Page:
        said: list[str] = []
        page = visit("about:blank", **options)
        page.on("console", lambda message: said.append(message.text))
        page.goto(PATH)
        expect(page.locator(".opblock").first).to_be_visible()
        assert said == []
        return page

    return open_docs


def _opened(page: Page, tag: str, operation: str) -> Locator:
    found = page.locator(f"#operations-{tag}-{operation}")
    assert any(found.count() for _ in _parts(page)), operation
    found.locator(".opblock-summary-control").click()
    return found


def _parts(page: Page) -> Iterator[None]:
    """Scroll from the top to the end: of a long list only what is near the window is drawn."""
    page.evaluate("scrollTo(0, 0)")
    at = -1
    while at != (at := page.evaluate("scrollY")):
        page.wait_for_timeout(100)
        yield
        page.evaluate("scrollBy(0, innerHeight / 2)")


def _tried(operation: Locator, body: str | None = None) -> None:
    operation.get_by_role("button", name="Try it out").click()
    if body is not None:
        operation.locator("textarea.body-param__text").fill(body)
    operation.get_by_role("button", name="Execute").click()


def _signed_in(page: Page) -> None:
    sign_in = _opened(page, "auth", "logIn")
    _tried(sign_in, json.dumps(ADMIN))
    answer = sign_in.locator(".live-responses-table tbody .response-col_status").first
    expect(answer).to_have_text("200")


def test_it_lists_every_operation_and_what_it_says_of_them(
    docs: Callable[..., Page], ada: Staff
) -> None:
    """On one page: to draw it takes longer than all that is asked of it."""
    page = docs()
    paths = ada.http.get("/openapi.json").json()["paths"].values()
    drawn = "[...document.querySelectorAll('.opblock')].map((one) => one.id)"
    ids = {one for _ in _parts(page) for one in page.evaluate(drawn)}
    assert len(ids) == sum(len(methods) for methods in paths)
    body = _opened(page, "guests", "createGuest").locator(".opblock-section-request-body")
    body.get_by_text("Schema", exact=True).click()
    expect(body.locator(".model-box").first).to_contain_text("string | null")  # what may be null
    answers = _opened(page, "guests", "getGuest").locator(".responses-inner")
    expect(answers).to_contain_text("ETag")
    expect(answers).not_to_contain_text("X-RateLimit")  # only programs need it
    expect(answers.locator(".model-example")).to_have_count(1)


def test_one_can_sign_in_and_ask_and_nothing_is_wider_than_the_window(
    docs: Callable[..., Page], ada: Staff
) -> None:
    page = docs(viewport={"width": 1280, "height": 844})
    _opened(page, "conversations", "changeConversation")
    _signed_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    page.locator("button.authorize").first.click()
    page.locator(".auth-container input").first.fill(ada.http.headers["Authorization"].split()[1])
    page.locator(".auth-container button.authorize").first.click()
    page.locator("button.btn-done").first.click()
    listing = _opened(page, "staff", "listStaff")
    _tried(listing)
    expect(listing.locator(".live-responses-table tbody")).to_contain_text(ADMIN["email"])


def test_it_fits_a_phone_and_so_does_the_shape_of_an_answer(docs: Callable[..., Page]) -> None:
    page = docs(viewport={"width": 390, "height": 844})
    answer = _opened(page, "guests", "getGuest").locator(".response").first
    answer.get_by_text("Schema", exact=True).click()
    box = answer.locator(".model-box").first
    until(lambda: 250 < (box.bounding_box() or {"width": 0})["width"] < 390)
    _opened(page, "conversations", "changeConversation")
    _signed_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_in_it(docs: Callable[..., Page], width: int) -> None:
    page = docs(viewport={"width": width, "height": 844})
    page.evaluate(AXE)
    until(lambda: violations(page) == [], page)
    _opened(page, "guests", "listGuests")
    _opened(page, "guests", "createGuest").get_by_role("button", name="Try it out").click()
    expect(page.get_by_label("Request body")).to_be_visible()
    until(lambda: violations(page) == [], page)
    assert violations(page) == []
