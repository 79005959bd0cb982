"""Automations on the page: a sentence with blanks, whom it would reach, switched on, and what it has done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff, settings_kept
from tests.browser.staff import MARIA, enter, show, sql, unique, until
from tests.browser.test_look import AXE, violations
from tests.peers.hooks import to_url
from tests.peers.twilio import Guest, TwilioPeer

pytestmark = pytest.mark.system

PATH = "/#/settings/automations"
numbers = count(15556660000)
SIXTY_RUNS = """
    WITH RECURSIVE numbers (number) AS (
        SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 60
    )
    INSERT INTO automation_runs
        (id, automation_id, occasion, at, subject_type, subject_id, action, result, reason, because)
    SELECT :automation || number, :automation, number, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
        'stay', 'stay', 'send_template', 'skipped', 'blocked', 'The guest is blocked.'
    FROM numbers
"""


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@pytest.fixture
def template(ada: Staff) -> Iterator[str]:
    """The name of a template of this test's own."""
    name = unique("Greeting")
    made = ada.ask("POST", "/templates", json={"name": name, "texts": {"en": "Hi {first_name}!"}})
    yield name
    for one in ada.ask("GET", "/automations?limit=100"):
        if made["id"] in [action.get("templateId") for action in one["actions"]]:
            ada.ask("DELETE", f"/automations/{one['id']}")
    ada.ask("DELETE", f"/templates/{made['id']}")


@pytest.fixture(scope="module")
def twilio(server: Server, ada: Staff) -> Iterator[TwilioPeer]:
    with settings_kept(server), TwilioPeer(hook=to_url(server.url), public_url=server.url) as peer:
        ada.ask("PUT", "/settings/channels.sms", json={"value": peer.sms_settings()})
        yield peer
        peer.settled()


@pytest.fixture
def expected(ada: Staff, twilio: TwilioPeer) -> tuple[Guest, str]:
    """Somebody who has written by SMS and arrives today, and their stay."""
    guest = twilio.guest(f"+{next(numbers)}")
    guest.says("When may I come?")
    who = ada.ask("GET", "/guests", params={"search": guest.address})[0]["id"]
    ada.ask("PATCH", f"/guests/{who}", json={"name": unique("Nora")})
    stay = {"guestId": who, "room": "302", "arrival": day(0), "departure": day(3)}
    return guest, str(ada.ask("POST", "/stays", json=stay)["id"])


def name_of(ada: Staff, stay: str) -> str:
    return str(ada.ask("GET", f"/stays/{stay}")["guest"]["name"])


def make(ada: Staff, template: str, **fields: Any) -> dict[str, Any]:
    found = next(one for one in ada.ask("GET", "/templates?limit=100") if one["name"] == template)
    send = {"type": "send_template", "templateId": found["id"], "channels": ["sms"]}
    trigger = {"type": "stay.checked_in", "minutes": 0}
    body = {"name": unique("Rule"), "trigger": trigger, "actions": [send], **fields}
    return dict(ada.ask("POST", "/automations", json=body))


def line(page: Page, name: str) -> Locator:
    return page.locator(".automations li", has_text=name)


def test_one_is_written_seen_switched_on_and_goes_out(
    visit: Visit, ada: Staff, template: str, expected: tuple[Guest, str]
) -> None:
    guest, stay = expected
    name, who = unique("Welcome"), name_of(ada, stay)
    page = enter(visit, path=PATH, reduced_motion="reduce")
    page.get_by_role("button", name="New automation").click()
    form = page.locator("form.automation")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("What happens").select_option(label="Check-in")
    form.get_by_label("How long").fill("0")
    form.get_by_label("Template").select_option(label=template)
    for channel in ("WhatsApp", "E-mail", "SMS"):
        form.get_by_role("group", name="Channels").get_by_role("button", name=channel).click()
    page.reload()  # what was written is still there
    expect(form.get_by_label("Name", exact=True)).to_have_value(name)
    form.get_by_role("button", name="Save and see whom it reaches").click()
    foreseen = page.get_by_role("region", name="The next 14 days")
    expect(foreseen.get_by_role("link", name=who)).to_be_visible()
    expect(foreseen.locator(".first-text")).to_contain_text("Hi Nora!")
    switch = page.get_by_role("switch", name=name)
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    ada.ask("PATCH", f"/stays/{stay}", json={"status": "in_house"})
    until(lambda: [sent.text for sent in guest.inbox] == ["Hi Nora!"])
    run = page.locator(".runs li", has_text=who)
    expect(run).to_contain_text("Done · Delivered")
    show(page, "#/settings/automations")
    expect(line(page, name)).to_contain_text(f"At check-in → send “{template}” by SMS")


def test_what_nobody_has_seen_is_not_switched_on(
    visit: Visit, ada: Staff, template: str, expected: tuple[Guest, str]
) -> None:
    made = make(ada, template)
    page = enter(visit, path=PATH)
    held: list[Any] = []
    page.route("**/preview", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks it)
    line(page, made["name"]).get_by_role("switch").click()
    expect(page.locator(".notices")).to_contain_text("Look at whom it would reach")
    switch = page.get_by_role("switch", name=made["name"])
    expect(page.get_by_role("heading", name=made["name"])).to_be_visible()
    switch.click()
    assert not ada.ask("GET", f"/automations/{made['id']}")["enabled"]
    for route in held:
        route.continue_()
    page.unroute("**/preview")
    expect(page.get_by_text("it can be switched on")).to_be_visible()
    # Changed, it has to be seen again; what is not saved is not what is shown.
    page.get_by_label("How long").fill("5")
    expect(page.get_by_text("Save to see what your changes do.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Save to see what your changes do.")).to_have_count(0)
    expect(page.get_by_text("it can be switched on")).to_be_visible()
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    page.get_by_role("link", name="Automations", exact=True).first.click()
    expect(line(page, made["name"]).get_by_role("switch")).to_have_attribute("aria-checked", "true")


def test_what_a_colleague_has_changed_since_is_not_switched_on(
    visit: Visit, ada: Staff, template: str
) -> None:
    made = make(ada, template)
    page = enter(visit, path=f"{PATH}/{made['id']}")
    expect(page.get_by_text("it can be switched on")).to_be_visible()
    later = {"type": "stay.checked_in", "minutes": 120}
    ada.ask("PATCH", f"/automations/{made['id']}", json={"trigger": later})
    switch = page.get_by_role("switch", name=made["name"])
    switch.click()
    expect(page.locator(".notices")).to_contain_text("Look at whom it would reach")
    assert not ada.ask("GET", f"/automations/{made['id']}")["enabled"]
    expect(page.get_by_label("How long")).to_have_value("2")  # what they have made of it
    expect(page.get_by_text("it can be switched on")).to_be_visible()
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")


def test_what_is_wrong_is_never_folded_away(visit: Visit, ada: Staff, template: str) -> None:
    made = make(ada, template)
    page = enter(visit, path=f"{PATH}/{made['id']}")
    limits = page.locator(".limits summary")
    most = page.get_by_label("Messages of automations a guest gets in a day")
    limits.click()
    most.fill("99")
    limits.click()
    expect(most).not_to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(most).to_be_focused()
    expect(page.locator(".limits .problem")).to_be_visible()


def test_runs_that_are_shown_stay_when_something_happens(
    visit: Visit, server: Server, ada: Staff, template: str
) -> None:
    made = make(ada, template)
    sql(server, SIXTY_RUNS, automation=made["id"])
    page = enter(visit, path=f"{PATH}/{made['id']}")
    runs = page.locator(".runs > li")
    expect(runs).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(runs).to_have_count(60)
    with page.expect_response(lambda one: "/runs?" in one.url and "page=1" in one.url):
        ada.ask("POST", "/tasks", json={"title": unique("Towels"), "department": "front-desk"})
    page.wait_for_timeout(300)  # drawn
    expect(runs).to_have_count(60)


def test_a_long_list_asks_only_for_what_is_in_sight_one_after_the_other(
    visit: Visit, ada: Staff, template: str
) -> None:
    made = [make(ada, template, enabled=True) for _ in range(20)]
    asked: list[str] = []
    under_way, most = 0, 0

    def begin(call: Request) -> None:
        nonlocal under_way, most
        if call.url.endswith("/preview"):
            asked.append(call.url.split("/")[-2])
            under_way += 1
            most = max(most, under_way)

    def end(call: Request) -> None:
        nonlocal under_way
        under_way -= call.url.endswith("/preview")

    page = enter(visit)
    page.on("request", begin)
    page.on("requestfinished", end)
    show(page, PATH.removeprefix("/"))
    expect(page.locator(".automations .hint").first).to_be_visible()
    page.wait_for_timeout(1000)
    assert len(asked) < len(made)
    for one in made:
        line(page, one["name"]).scroll_into_view_if_needed()
        expect(line(page, one["name"])).to_contain_text("in the next 14 days")
    assert most == 1
    assert {one["id"] for one in made} <= set(asked)


def test_one_that_is_deleted_is_gone_also_when_the_page_is_left(
    visit: Visit, ada: Staff, template: str
) -> None:
    made = make(ada, template)
    page = enter(visit, path=f"{PATH}/{made['id']}")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".notices").get_by_role("button", name="Undo")).to_be_visible()
    page.goto("about:blank")
    until(lambda: made["id"] not in [one["id"] for one in ada.ask("GET", "/automations?limit=100")])


def test_one_that_is_deleted_can_be_had_back(visit: Visit, ada: Staff, template: str) -> None:
    made = make(ada, template, enabled=True)
    page = enter(visit, path=f"{PATH}/{made['id']}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Automations")).to_be_visible()
    expect(line(page, made["name"])).to_have_count(0)
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect(line(page, made["name"]).get_by_role("switch")).to_have_attribute("aria-checked", "true")
    line(page, made["name"]).get_by_role("link").click()
    with page.expect_response(lambda one: one.request.method == "DELETE" and one.ok):
        page.get_by_role("button", name="Delete").click()
    assert made["id"] not in [one["id"] for one in ada.ask("GET", "/automations?limit=100")]


def test_conditions_and_actions_are_chosen(visit: Visit, ada: Staff, template: str) -> None:
    made = make(ada, template)
    page = enter(visit, path=f"{PATH}/{made['id']}")
    form = page.locator("form.automation")
    form.get_by_label("What happens").select_option(label="Arrival")
    form.get_by_label("How many days").fill("2")
    form.get_by_label("Before or after").select_option(label="days before")
    form.get_by_label("Time of day").fill("10:30")
    form.get_by_role("button", name="Add a condition").click()
    form.get_by_label("Condition").select_option(label="Booked by")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".part .problem")).to_be_visible()  # by whom is not said yet
    form.get_by_role("textbox", name="Booked by").fill("direct, phone")
    form.get_by_role("button", name="And then").click()
    form.get_by_label("What is done").last.select_option(label="Create a task")
    form.get_by_label("Title of the task").fill("Flowers")
    form.get_by_label("Priority").select_option(label="High")
    with page.expect_response(lambda one: one.request.method == "PATCH" and one.ok):
        form.get_by_role("button", name="Save").click()
    now = ada.ask("GET", f"/automations/{made['id']}")
    assert now["trigger"] == {"type": "stay.arrival", "days": -2, "at": "10:30"}
    assert now["conditions"] == [{"type": "source", "in": ["direct", "phone"]}]
    task = {"type": "create_task", "title": "Flowers", "department": "front-desk"}
    assert now["actions"][1] == {**task, "priority": "high"}
    show(page, "#/settings/automations")
    expect(line(page, made["name"])).to_contain_text(
        "2 days before arrival at 10:30, only bookings from direct or phone → send"
    )


def test_it_is_for_managers(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, path="/#/settings/templates")
    expect(page.get_by_role("heading", name="Templates")).to_be_visible()
    sections = page.get_by_role("navigation", name="Settings")
    expect(sections.get_by_role("link", name="Automations")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_it_fits_in_every_light(
    visit: Visit, ada: Staff, template: str, expected: tuple[Guest, str], locale: str
) -> None:
    made = make(ada, template, enabled=True, conditions=[{"type": "hours", "is": "closed"}])
    page = enter(visit, path=PATH, locale=locale, reduced_motion="reduce")
    expect(line(page, made["name"])).to_be_visible()
    page.evaluate(AXE)
    fits(page)
    show(page, f"#/settings/automations/{made['id']}")
    expect(page.locator(".foreseen .skeleton")).to_have_count(0)
    expect(page.locator(".foreseen")).to_be_visible()
    fits(page)


def fits(page: Page) -> None:
    """Nothing for axe to say, and nothing too wide."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate("document.querySelector('#main').scrollWidth") <= width
