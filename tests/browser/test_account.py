"""One-time links in a browser: the first administrator, an invitation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jack import create_app
from jack.resources.auth import sessions
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.test_chat_languages import shot
from tests.browser.test_look import AXE, violations

pytestmark = pytest.mark.system

GOOD = "seven green turtles"


@contextmanager
def starting(folder: Path, *, public: bool = False) -> Iterator[tuple[Server, str]]:
    """A server without an administrator, and the token of its set-up link; `public`: it knows its address."""
    server = Server(folder / "instance")
    if public:
        server.settings["JACK_PUBLIC_URL"] = server.url
    app = create_app({"JACK_INSTANCE": str(server.folder)})
    databases = app.extensions["jack"].databases
    token, _ = sessions.invite_setup(databases.get())
    databases.close()
    server.start()
    yield server, token
    server.stop()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    with starting(tmp_path) as made:
        yield made


def fill(page: Page, **fields: str) -> None:
    labels = {"name": "Your name", "email": "E-mail", "password": "Password"}
    for field, text in fields.items():
        page.get_by_label(labels.get(field, "The same password again"), exact=True).fill(text)


def send(page: Page) -> None:
    page.locator("[type=submit]").click()


def points_at(page: Page, *fields: str) -> None:
    """What the page says is wrong are these fields, in their order."""
    problems = page.locator(".problem:visible")
    expect(problems).to_have_count(len(fields))
    for place, field in enumerate(fields):
        expect(problems.nth(place)).to_have_id(f"{field}-problem")


def test_the_set_up_page_makes_the_first_administrator(
    visit: Visit, new_server: tuple[Server, str]
) -> None:
    server, token = new_server
    where = {"timezone_id": "America/Mexico_City", "locale": "en-MX"}
    page = visit(f"/setup#{token}", base=server.url, **where)
    send(page)
    points_at(page, "name", "email", "password", "hotelName")
    expect(page.get_by_label("Your name")).to_be_focused()
    fill(page, name="Ada O'Hara", email="ada o'hara", password="short", again="shirt")
    page.get_by_label("Name of the hotel").fill("Hotel Sol")
    expect(page.get_by_label("Time zone")).to_have_value("America/Mexico_City")
    expect(page.get_by_label("Country")).to_have_value("MX")
    page.get_by_label("Language").select_option("Spanish")
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, "set-up")
    send(page)
    points_at(page, "email", "password", "again")
    fill(
        page,
        email="ada.o'hara@hotel.example",
        password="passwordpassword",
        again="passwordpassword",
    )
    send(page)  # what only Jack can know is said at the field as well
    expect(page.locator("#password-problem")).to_contain_text("commonest")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    fill(page, password=GOOD, again=GOOD)
    page.locator("[type=submit]").dblclick()
    expect(page.get_by_role("heading", name="Welcome, Ada O'Hara")).to_be_focused()
    expect(page).to_have_url(f"{server.url}/setup")
    kept = page.evaluate("[Object.keys(localStorage), sessionStorage.length, document.cookie]")
    assert kept == [["jack:who"], 0, ""]
    ada = Staff(server, "ada.o'hara@hotel.example", GOOD)
    me = ada.ask("GET", "/auth/me")
    assert (me["name"], me["role"]) == ("Ada O'Hara", "admin")
    assert ada.ask("GET", "/settings/hotel")["value"] == {
        "name": "Hotel Sol",
        "timeZone": "America/Mexico_City",
        "language": "es",
        "country": "MX",
    }
    assert GOOD not in page.content()
    page.get_by_role("link", name="Open Jack").click()
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    first_steps(page, ada)


def first_steps(page: Page, ada: Staff) -> None:
    """What a new hotel does first is shown until it is done."""
    steps = page.locator(".first-steps")
    expect(steps.get_by_role("link")).to_have_text(
        [
            "Connect a channel",
            "Invite colleagues",
            "Look at the guests’ chat",
            "Bring in stays from a file",
        ]
    )
    shot(page, "first-steps")
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    expect(steps.locator("visible=true").first).to_be_visible()
    shot(page, "first-steps-390")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    with page.expect_popup() as popup:
        steps.get_by_role("link", name="Look at the guests’ chat").click()
    popup.value.close()
    expect(steps.locator(".done")).to_have_count(1)
    ada.invite("Iris Blum", "iris@hotel.example")
    expect(steps.locator(".done")).to_have_count(2)  # the event tells
    steps.get_by_role("button", name="Hide these steps").click()
    expect(steps).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    expect(steps).to_have_count(0)


@pytest.mark.parametrize("path", ["/setup", "/invite"])
def test_a_page_without_its_link_says_what_is_missing(visit: Visit, path: str) -> None:
    page = visit(path)
    expect(page.get_by_role("alert")).to_contain_text("the whole link")
    expect(page.locator("form")).to_be_hidden()


def test_a_link_that_is_not_good_any_more_says_where_a_new_one_is(visit: Visit) -> None:
    page = visit("/setup#used-long-ago")
    fill(page, name="Eve", email="eve@hotel.example", password=GOOD, again=GOOD)
    page.get_by_label("Name of the hotel").fill("Hotel Sol")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("bin/jack setup-link")


def test_an_invitation_becomes_a_password_once(visit: Visit, server: Server, ada: Staff) -> None:
    token = ada.invite("Iris Blum", "iris@hotel.example")
    page = visit(f"/invite#{token}")
    fill(page, password=GOOD, again=f"{GOOD}s")
    send(page)
    points_at(page, "again")
    expect(page.locator("#again-problem")).to_have_text("The two passwords are not the same.")
    fill(page, again=GOOD)
    page.get_by_label("The same password again").press("Enter")
    expect(page.get_by_role("heading", name="Your password is saved")).to_be_focused()
    expect(page.get_by_text("You are registered as iris@hotel.example.")).to_be_visible()
    assert Staff(server, "iris@hotel.example", GOOD).ask("GET", "/auth/me")["name"] == "Iris Blum"
    page.goto("/chat")
    page.goto(f"/invite#{token}")
    fill(page, password=GOOD, again=GOOD)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("Ask an administrator for a new one")


def test_another_link_in_the_same_window_is_taken(visit: Visit, server: Server, ada: Staff) -> None:
    page = visit("/invite#mistyped")
    page.goto(f"/invite#{ada.invite('Paul Moor', 'paul@hotel.example')}")
    fill(page, password=GOOD, again=GOOD)
    send(page)
    expect(page.get_by_role("heading", name="Your password is saved")).to_be_visible()
    assert Staff(server, "paul@hotel.example", GOOD).ask("GET", "/auth/me")["name"] == "Paul Moor"


def test_without_a_connection_nothing_is_lost(visit: Visit, ada: Staff) -> None:
    page = visit(f"/invite#{ada.invite('Rosa Vidal', 'rosa@hotel.example')}", locale="es")
    page.context.set_offline(True)
    for label in ("Contraseña", "La misma contraseña otra vez"):
        page.get_by_label(label, exact=True).fill(GOOD)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("No se ha podido conectar")
    page.context.set_offline(False)
    send(page)
    expect(page.get_by_role("heading", name="Su contraseña está guardada")).to_be_visible()
