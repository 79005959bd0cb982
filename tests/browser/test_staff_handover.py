"""The handover on the page: what is going on, signing, reading, on paper; in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, unique
from tests.browser.test_look import AXE, violations

pytestmark = pytest.mark.system

PATH = "/#/handover"


@pytest.fixture
def waiting(server: Server) -> str:
    """The name of a guest who waits."""
    made = Guest(server, unique("Otto"))
    made.say("Where is my key?")
    return made.name


def test_it_is_signed_by_one_and_read_by_another(visit: Visit, maria: Staff, waiting: str) -> None:
    page = enter(visit, path=PATH)
    who = page.locator("section", has_text="Who waits").get_by_role("link", name=waiting)
    expect(who).to_be_visible()
    text = unique("The plumber comes at nine")
    page.get_by_label("What else?").fill(text)
    page.get_by_role("button", name="Sign over").click()
    last = page.locator(".last")
    expect(last).to_contain_text(text)
    expect(last.get_by_role("button")).to_have_count(0)
    expect(page.get_by_label("What else?")).to_have_value("")
    other = enter(visit, MARIA, path=PATH)
    expect(other.locator(".last")).to_contain_text(text)
    other.get_by_role("button", name="I have read it").click()
    expect(other.locator(".last")).to_contain_text("Read by Mar")
    expect(other.get_by_role("button", name="I have read it")).to_have_count(0)
    who.click()
    expect(page.locator(".conversation h2", has_text=waiting)).to_be_visible()


def test_on_paper_it_is_all_there_and_nothing_else(visit: Visit, waiting: str) -> None:
    page = enter(visit, path=PATH)
    expect(page.get_by_role("link", name=waiting)).to_be_visible()
    page.emulate_media(media="print")
    for hidden in (".rail", ".sign", ".head button"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_role("link", name=waiting)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.page')).overflow") == "visible"


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_it_fits_in_every_light(visit: Visit, waiting: str, locale: str) -> None:
    page = enter(visit, path=PATH, locale=locale, reduced_motion="reduce")
    expect(page.get_by_role("link", name=waiting)).to_be_visible()
    page.evaluate(AXE)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate("document.querySelector('#main').scrollWidth") <= width
