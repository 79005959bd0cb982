"""API keys on the page: made with scopes, the token shown once, changed, given a new token, revoked; in both languages."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import PATIENCE, Server, Staff
from tests.browser.staff import MARIA, Guest, enter, message, open_conversation, unique

pytestmark = pytest.mark.system

PATH = "/#/settings/integrations"


def asked(server: Server, token: str, path: str = "/guests") -> httpx.Response:
    """What a program with this token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.url}/api/v1{path}", headers=headers, timeout=PATIENCE)


def key(ada: Staff, name: str, **more: Any) -> dict[str, Any]:
    body = {"name": name, "scopes": ["guests:read"], **more}
    return dict(ada.ask("POST", "/api-keys", json=body))


def line(page: Page, name: str) -> Locator:
    return page.locator(".api-keys li", has_text=name)


def shown_token(page: Page) -> str:
    """The token in the dialog, which Escape does not close."""
    dialog = page.get_by_role("dialog", name="The token of the API key")
    token = dialog.get_by_label("Token").input_value()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    return token


def test_a_key_is_made_and_its_token_shown_once(visit: Visit, server: Server) -> None:
    name, page = unique("Locks"), enter(visit, path=PATH)
    page.get_by_role("button", name="New API key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one thing")
    dialog.get_by_label("Guests").select_option("read")
    dialog.get_by_label("Tasks").select_option("write")
    assert dialog.get_by_label("Events").locator("option").all_inner_texts() == [
        "No access",
        "Read",
    ]
    dialog.get_by_label("Requests a minute", exact=True).fill("250")
    dialog.get_by_label("Valid until").fill("2098-12-31")
    dialog.get_by_role("button", name="Create").click()
    token = shown_token(page)
    expect(line(page, name)).to_contain_text("guests:read, tasks:write")
    expect(line(page, name)).to_contain_text("Not used yet")
    expect(line(page, name)).to_contain_text("23:59")
    expect(line(page, name)).to_contain_text(token[:9])
    assert token not in page.content()
    answer = asked(server, token)
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (200, "250")
    page.reload()
    expect(line(page, name)).to_contain_text("127.0.0.1")


def test_what_a_key_may_do_is_changed(visit: Visit, server: Server, ada: Staff) -> None:
    made = key(ada, unique("Sheets"), expiresAt="2098-12-31T12:00:00Z")
    page = enter(visit, path=PATH)
    line(page, made["name"]).get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name=made["name"])
    expect(dialog.get_by_label("Guests")).to_have_value("read")
    dialog.get_by_label("Guests").select_option("")
    dialog.get_by_label("Reports").select_option("read")
    dialog.get_by_role("button", name="Save").click()
    expect(line(page, made["name"])).to_contain_text("reports:read")
    assert asked(server, made["token"]).json()["error"]["reason"] == "scope_missing"
    kept = ada.ask("GET", f"/api-keys/{made['id']}")
    assert kept["expiresAt"] == "2098-12-31T12:00:00.000Z"


def test_a_key_gets_a_new_token_and_is_revoked(visit: Visit, server: Server, ada: Staff) -> None:
    made = key(ada, unique("PMS"))
    page = enter(visit, path=PATH)
    line(page, made["name"]).get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The old token").select_option("1")
    dialog.get_by_role("button", name="Create").click()
    token = shown_token(page)
    assert [asked(server, one).status_code for one in (made["token"], token)] == [200, 200]
    line(page, made["name"]).get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(line(page, made["name"]).locator(".state")).to_have_text("revoked")
    expect(line(page, made["name"]).get_by_role("button")).to_have_count(0)
    for one in (made["token"], token):
        assert asked(server, one).json()["error"]["reason"] == "token_revoked"


@pytest.mark.parametrize(
    ("locale", "title", "new"),
    [("en-GB", "API keys", "New API key"), ("es-MX", "Claves de API", "Nueva clave de API")],
)
def test_it_fits_and_speaks_both_languages(
    locale: str, title: str, new: str, visit: Visit, ada: Staff
) -> None:
    made = key(ada, unique("A property management system with a long name"))
    page = enter(visit, path=PATH, locale=locale)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(line(page, made["name"])).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=new).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert dialog.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_only_administrators_see_keys(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, path="/#/settings")
    expect(page.locator(".sections nav a").first).to_be_visible()
    expect(page.locator(".sections nav")).not_to_contain_text("Integrations")


def test_what_a_program_writes_has_its_name(visit: Visit, server: Server, ada: Staff) -> None:
    made = key(ada, unique("Concierge bot"), scopes=["conversations:write"])
    guest = Guest(server, unique("Otto"))
    guest.say("Is there a lift?")
    conversation = next(
        one
        for one in ada.ask("GET", "/conversations")
        if (one["guest"] or {}).get("name") == guest.name
    )
    httpx.post(
        f"{server.url}/api/v1/conversations/{conversation['id']}/messages",
        json={"content": "There is."},
        headers={"Authorization": f"Bearer {made['token']}"},
        timeout=PATIENCE,
    ).raise_for_status()
    page = enter(visit)
    open_conversation(page, guest.name)
    expect(message(page, "There is.").locator(".who")).to_contain_text(made["name"])


def test_what_is_seldom_opened_is_loaded_when_it_is_and_tried_again(visit: Visit) -> None:
    page = enter(visit, path="/#/settings")
    loaded = "performance.getEntriesByType('resource').filter(e => e.name.includes('/integrations/')).length"
    assert page.evaluate(loaded) == 0
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        route.abort()

    page.route("**/integrations/*.js", lose)
    page.locator("summary", has_text="Developers").click()
    page.locator(".sections nav").get_by_role("link", name="Integrations").click()
    again = page.locator(".sheet").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    assert lost
    page.unroute("**/integrations/*.js")
    again.click()
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()
