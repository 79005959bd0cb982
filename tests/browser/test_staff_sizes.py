"""On small windows and large nothing is cut, nothing scrolls sideways and no side is left empty."""

from __future__ import annotations

import uuid
from itertools import product

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import (
    Guest,
    answer,
    enter,
    message,
    open_conversation,
    row,
    show,
    unique,
)

pytestmark = pytest.mark.system

LANGUAGES = ["en-US", "es-MX"]
VIEWS = ("inbox", "tasks", "guests", "knowledge", "staff", "settings", "me")
LINE = 40  # a line of a field and what is around it
CUT = """elements => elements.filter((one) => one.checkVisibility())
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"""
SHORTER_THAN_CHOSEN = """selects => selects.filter((one) => {
    const whole = one.cloneNode(true);
    whole.value = one.value;
    one.parentElement.append(whole);
    whole.style.cssText = "flex: none; width: max-content; position: absolute";
    const cut = whole.getBoundingClientRect().width > one.getBoundingClientRect().width + 0.5;
    whole.remove();
    return cut;
}).map((one) => one.selectedOptions[0].text)"""
LINES = """elements => [...new Set(elements.filter((one) => one.checkVisibility())
    .map((one) => Math.round(one.getBoundingClientRect().bottom)))].length"""
TOP = "element => element.getBoundingClientRect().top"
BOTTOM = "element => element.getBoundingClientRect().bottom"
LEFT = "element => element.getBoundingClientRect().left"
RIGHT = "element => element.getBoundingClientRect().right"


@pytest.fixture(scope="module")
def guest(server: Server) -> Guest:
    made = Guest(server, unique("Ottilie"))
    made.say("Is there a lift?")
    return made


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_can_be_done_with_a_conversation_stands_on_one_line(
    visit: Visit, guest: Guest, locale: str
) -> None:
    page = enter(visit, locale=locale, viewport={"width": 360, "height": 740})
    open_conversation(page, guest.name)
    for width in (360, 390, 800, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        acts = page.locator(".bar .acts > *")
        expect(acts).to_have_count(4)
        assert acts.evaluate_all(LINES) == 1, width
        assert page.locator(".bar .acts, .bar .acts > button").evaluate_all(CUT) == [], width
        for act in acts.all():
            expect(act).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_word_under_an_icon_is_cut(visit: Visit, locale: str) -> None:
    page = enter(visit, locale=locale, viewport={"width": 360, "height": 740})
    for width, view in product((360, 390, 800), VIEWS):
        page.set_viewport_size({"width": width, "height": 740})
        show(page, f"#/{view}")
        expect(page.locator(f".rail a[href='#/{view}']")).to_have_attribute("aria-current", "page")
        assert (
            page.locator(".rail a, .rail li a > span:not(.badge), .rail .rest").evaluate_all(CUT)
            == []
        )
        tall = "elements => elements.filter((one) => one.checkVisibility() && one.offsetHeight > 20).length"
        assert page.locator(".rail li a > span:not(.badge), .rail .rest").evaluate_all(tall) == 0


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_is_chosen_to_narrow_the_list_is_read_whole(
    visit: Visit, guest: Guest, ada: Staff, locale: str
) -> None:
    long = unique("Somebody with a long name at the reception")
    ada.invite(long, f"{unique('long').replace(' ', '-')}@hotel.example")
    page = enter(visit, locale=locale)
    selects = page.locator(".pick select")
    for opened, width in product((False, True), (390, 820, 1280, 1920)):
        if opened:
            page.set_viewport_size({"width": 1280, "height": 800})
            open_conversation(page, guest.name)
        page.set_viewport_size({"width": width, "height": 800})
        if opened and width == 390:
            continue  # the conversation has the window
        expect(selects).to_have_count(3)
        assert selects.evaluate_all(SHORTER_THAN_CHOSEN) == [], (opened, width)


def test_the_room_stands_whole_in_the_list(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Maximiliana Wolkenstein-Trostburg"))
    words = unique("Is there a lift?")
    guest.say(words)
    stay = {"guestId": ada.conversation(words)["guestId"], "room": "Suite 302"}
    days = {"arrival": "2020-01-01", "departure": "2099-01-01", "status": "in_house"}
    ada.ask("POST", "/stays", json=stay | days)
    page = enter(visit)
    room = row(page, guest.name).locator(".stay b")
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        expect(room).to_have_text("Suite 302")
        right = room.evaluate(RIGHT)
        assert right <= row(page, guest.name).locator("time").evaluate(LEFT), width
        assert row(page, guest.name).locator(".stay").evaluate_all(CUT) == [], width


@pytest.mark.parametrize("locale", LANGUAGES)
def test_on_a_narrow_window_a_picture_sends(visit: Visit, guest: Guest, locale: str) -> None:
    page = enter(visit, locale=locale)
    open_conversation(page, guest.name)
    word = "Send" if locale == "en-US" else "Enviar"
    send = page.get_by_role("button", name=word, exact=True)
    expect(send.get_by_text(word)).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    expect(send.get_by_text(word)).to_be_hidden()
    expect(send.locator("svg")).to_be_visible()
    assert send.evaluate("button => button.offsetWidth") <= 48
    assert page.locator("#reply").evaluate("box => box.offsetWidth") >= 120
    page.locator("#as-note").click()
    expect(page.locator(".line [type=submit]")).not_to_be_empty()
    expect(page.locator(".line [type=submit] svg")).to_have_count(0)


def test_a_phone_finds_the_rarer_views_under_more(visit: Visit) -> None:
    page = enter(visit, viewport={"width": 360, "height": 740})
    rail = page.get_by_role("navigation", name="Main menu")
    expect(rail.get_by_role("link", name="Settings")).to_be_hidden()
    rail.get_by_role("link", name="More").click()
    page.get_by_role("main").get_by_role("link", name="Staff").click()
    expect(page.locator(".rows .row").first).to_be_visible()
    rail.get_by_role("link", name="More").click()
    page.get_by_role("main").get_by_role("link", name="Settings").click()
    expect(page.get_by_label("Time zone")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(rail.get_by_role("link", name="Settings")).to_be_visible()
    expect(rail.get_by_text("More")).to_be_hidden()


def test_a_large_window_is_filled(visit: Visit) -> None:
    page = enter(visit)
    for route, what in (
        ("settings", ".sections form"),
        ("settings/channels.web", ".sections form:has([name=greeting])"),
        ("settings/channels", ".channel-list"),
        ("me", ".cards"),
    ):
        show(page, f"#/{route}")
        filled = page.locator(f"main {what}").first
        expect(filled).to_be_visible()
        assert filled.evaluate(RIGHT) > 1280 - 64, route


def test_a_phone_has_no_switch_between_two_layouts_that_are_one(visit: Visit) -> None:
    page = enter(visit, path="/#/tasks", viewport={"width": 390, "height": 740})
    layout = page.locator(".tools .layout")
    expect(layout).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(layout).to_be_visible()


def test_on_a_phone_the_button_of_a_long_form_is_in_sight(visit: Visit) -> None:
    page = enter(visit, path="/#/tasks", viewport={"width": 360, "height": 640})
    page.get_by_role("button", name="Make a task").click()
    expect(page.get_by_role("button", name="Create task")).to_be_in_viewport(ratio=1)
    page.get_by_label("Description").focus()
    top = page.get_by_label("Description").evaluate(TOP)
    assert top + LINE <= page.locator("dialog .buttons").evaluate(TOP)
    bottom = page.locator("dialog").evaluate(BOTTOM)
    assert abs(page.locator("dialog .buttons").evaluate(BOTTOM) - bottom) <= 2


def test_what_is_told_for_a_moment_covers_no_button_to_send(visit: Visit, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    page.locator("[data-act=task]").first.click()
    page.get_by_role("button", name="Create task").click()
    shows_notice(page, "Task created")
    send = page.get_by_role("button", name="Send").evaluate(RIGHT)
    assert send < page.locator(".notices .notice").evaluate(LEFT)


def test_a_guest_without_a_name_is_pictured_by_the_end_of_their_number(
    visit: Visit, ada: Staff
) -> None:
    number = f"+1202555{uuid.uuid4().int % 10_000:04}"
    made = ada.ask("POST", "/guests", json={"name": number})
    page = enter(visit, path=f"/#/guests/{made['id']}")
    row = page.locator(".rows a", has_text=number)
    expect(row.locator(".avatar")).to_have_text(number[-2:])


def test_from_right_to_left_a_latin_name_stands_beside_its_picture(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit, path="/#/guests")
    row = page.locator(".rows a", has_text=guest.name)
    expect(row).to_be_visible()
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert row.locator(".name").evaluate("name => getComputedStyle(name).textAlign") == "right"


def test_a_new_one_can_be_made_while_another_is_open(visit: Visit, ada: Staff) -> None:
    old = ada.ask("POST", "/guests", json={"name": unique("Paula")})
    page = enter(visit, path=f"/#/guests/{old['id']}")
    expect(page.locator(".sheet h2")).to_have_text(old["name"])
    page.get_by_role("button", name="New guest").click()
    name = unique("Quentin")
    dialog = page.get_by_role("dialog", name="New guest")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".sheet h2")).to_have_text(name)
    assert ada.ask("GET", f"/guests/{old['id']}")["name"] == old["name"]


def test_a_page_that_has_to_wait_at_its_start_says_so(visit: Visit) -> None:
    page = enter(visit)
    error = {"success": False, "error": {"code": "RATE_LIMITED", "message": "Too many requests"}}

    def refuse(route: Route) -> None:
        route.fulfill(status=429, headers={"Retry-After": "3"}, json=error)

    page.route("**/api/v1/auth/me", refuse)
    page.reload()
    expect(page.locator(".skeleton")).to_be_visible()
    expect(page.locator(".strip")).to_contain_text("It goes on by itself")
    page.unroute("**/api/v1/auth/me")
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_on_a_wide_window_what_is_said_stands_in_one_column_with_the_answer(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit, viewport={"width": 1920, "height": 1080})
    open_conversation(page, guest.name)
    answer(page, "There is one, beside the stairs.")
    theirs, ours = page.locator(".message.theirs").first, page.locator(".message.ours").last
    expect(ours).to_be_visible()
    left, right = theirs.evaluate(LEFT), ours.evaluate(RIGHT)
    assert 600 <= right - left <= 720
    middle = page.locator(".log").evaluate(
        "e => e.getBoundingClientRect().left + e.clientWidth / 2"
    )
    assert abs((left + right) / 2 - middle) <= 12  # a bar to scroll with
    assert abs(page.locator(".line").evaluate(LEFT) - left) <= 12
    assert page.locator(".line").evaluate(RIGHT) - right <= 12


def test_beside_the_list_stands_who_waits_until_one_is_chosen(
    visit: Visit, server: Server, ada: Staff
) -> None:
    Guest(server, unique("Wanda")).say("Is anybody there?")
    page = enter(visit)
    first = ada.ask("GET", "/conversations?waiting=true&sort=waiting&status=open&limit=1")[0]
    page.locator(".who-waits li").first.get_by_role("link").click()
    expect(page.locator(".conversation h2", has_text=first["guest"]["name"])).to_be_visible()


@pytest.mark.parametrize(
    ("width", "height", "log"), [(320, 256, 100), (667, 375, 180), (844, 390, 180)]
)
def test_magnified_four_times_and_on_its_side_a_conversation_can_be_read_and_answered(
    visit: Visit, server: Server, width: int, height: int, log: int
) -> None:
    guest = Guest(server, unique("Luis"))
    guest.say("Is there a lift?")
    page = enter(visit, viewport={"width": width, "height": height})
    open_conversation(page, guest.name)
    assert page.locator("ol.log").evaluate("e => e.clientHeight") >= log
    expect(page.locator("#reply")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    if width < 700:  # otherwise the list stands beside it
        expect(page.get_by_role("link", name="Back").first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    answer(page, "Yes, beside the stairs.")
    expect(message(page, "Yes, beside the stairs.")).to_be_in_viewport()
    expect(page.locator("#reply")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_row_of_a_conversation_that_one_comes_back_to_is_in_sight(
    visit: Visit, server: Server, width: int
) -> None:
    names = [unique(f"Row {number}") for number in range(16)]
    for name in names:
        Guest(server, name).say("Good evening")
    page = enter(visit, viewport={"width": width, "height": 640})
    open_conversation(page, names[0])  # the oldest of them, far down
    show(page, "#/guests")
    page.go_back()
    expect(page.locator(".conversation h2", has_text=names[0])).to_be_visible()
    if width == 390:
        page.get_by_role("link", name="Back").first.click()
    expect(row(page, names[0])).to_be_in_viewport(ratio=0.9)


def shows_notice(page: Page, text: str) -> None:
    expect(page.locator(".notices")).to_contain_text(text)
