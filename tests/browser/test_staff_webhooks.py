"""Webhooks on the page: made, tested, told of what failed, sent again, given a new secret, deleted; in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Staff
from tests.browser.staff import MARIA, enter, unique, until
from tests.peers.receiver import Answer, Receiver, receiver

pytestmark = pytest.mark.system

PATH = "/#/settings/integrations"


@pytest.fixture
def peer(ada: Staff) -> Iterator[Receiver]:
    with receiver() as made:
        yield made
    for hook in ada.ask("GET", "/webhooks"):
        ada.ask("DELETE", f"/webhooks/{hook['id']}")


def hook(ada: Staff, peer: Receiver, **more: Any) -> dict[str, Any]:
    body = {"url": peer.url, "events": ["task.*"], "description": unique("PMS"), **more}
    return dict(ada.ask("POST", "/webhooks", json=body))


def line(page: Page, name: str) -> Locator:
    return page.locator(".webhooks li", has_text=name)


def act(page: Page, name: str, what: str) -> Locator:
    line(page, name).get_by_role("button", name=what).click()
    return page.get_by_role("dialog")


def task(ada: Staff) -> None:
    ada.ask("POST", "/tasks", json={"title": unique("Towels"), "department": "housekeeping"})


def shown_secret(page: Page) -> str:
    """The secret in the dialog, which Escape does not close."""
    dialog = page.get_by_role("dialog", name="The secret of the webhook")
    secret = dialog.get_by_label("Secret").input_value()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    return secret


def test_a_webhook_is_made_and_tested(visit: Visit, peer: Receiver) -> None:
    name, page = unique("Locks"), enter(visit, path=PATH)
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("http://10.0.0.1/")
    dialog.get_by_label("Description").fill(name)
    dialog.get_by_label("Everything").uncheck()
    dialog.get_by_label("Tasks").check()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator(".problem")).to_be_visible()
    dialog.get_by_label("Address").fill(peer.url)
    dialog.get_by_role("button", name="Create").click()
    secret = shown_secret(page)
    assert secret.startswith("whsec_")
    assert secret not in page.content()
    expect(line(page, name)).to_contain_text("task.*")
    dialog = act(page, name, "Test")
    expect(dialog.locator(".deliveries .delivered")).to_contain_text("ping")
    expect(dialog).to_contain_text("HTTP 204")
    until(lambda: [got.json["type"] for got in peer.got] == ["ping"])
    dialog.get_by_role("button", name="Close").click()
    expect(line(page, name).locator(".state")).to_have_text("works")


def test_what_failed_is_seen_and_sent_again(visit: Visit, ada: Staff, peer: Receiver) -> None:
    peer.always = Answer(500, body=b"The disk is full.")
    made = hook(ada, peer)
    task(ada)
    until(lambda: len(peer.got) == 1)
    page = enter(visit, path=PATH)
    dialog = act(page, made["description"], "Deliveries")
    row = dialog.locator(".deliveries li")
    expect(row).to_contain_text("HTTP 500")
    row.get_by_text("Details").click()
    expect(row).to_contain_text("The disk is full.")
    expect(row).to_contain_text("task.created")
    peer.always = Answer()
    row.get_by_role("button", name="Send again").click()
    expect(row.locator(".state")).to_have_text("arrived")
    assert peer.got[0].id == peer.got[1].id
    assert peer.got[0].body == peer.got[1].body


def test_one_that_was_disabled_is_told_of_and_offers_what_it_missed(
    visit: Visit, ada: Staff, peer: Receiver
) -> None:
    made = hook(ada, peer)
    page = enter(visit, path=PATH)
    peer.plan.append(Answer(410))
    task(ada)
    expect(page.get_by_text(f"Jack sends nothing more to {peer.url}")).to_be_visible()
    task(ada)
    page.reload()
    expect(line(page, made["description"]).locator(".state")).to_contain_text("wants nothing more")
    dialog = act(page, made["description"], "Change")
    dialog.get_by_label("On", exact=True).check()
    dialog.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Send what was missed")
    dialog.get_by_role("button", name="Send what was missed").click()
    until(lambda: len({got.id for got in peer.got}) == 2 and len(peer.got) == 3)


def test_it_gets_a_new_secret_and_is_deleted(visit: Visit, ada: Staff, peer: Receiver) -> None:
    made = hook(ada, peer)
    page = enter(visit, path=PATH)
    dialog = act(page, made["description"], "New secret")
    dialog.get_by_role("button", name="New secret").click()
    assert shown_secret(page) != made["secret"]
    dialog = act(page, made["description"], "Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(line(page, made["description"])).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "new", "deliveries"),
    [("en-GB", "New webhook", "Deliveries"), ("es-MX", "Nuevo webhook", "Envíos")],
)
def test_it_fits_and_speaks_both_languages(
    locale: str,
    new: str,
    deliveries: str,
    visit: Visit,
    ada: Staff,
    peer: Receiver,
) -> None:
    made = hook(ada, peer, url=f"{peer.url}/a/rather/long/address/{'x' * 60}")
    task(ada)
    page = enter(visit, path=PATH, locale=locale)
    expect(line(page, made["description"])).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=new).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    fits(page, dialog)
    page.keyboard.press("Escape")
    dialog = act(page, made["description"], deliveries)
    expect(dialog.locator(".deliveries li")).to_be_visible()
    fits(page, dialog)


def fits(page: Page, dialog: Locator) -> None:
    """Nothing in the dialog is wider than it, on a small window and a large one."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert dialog.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_only_administrators_see_them(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, path="/#/settings")
    expect(page.locator(".sections nav a").first).to_be_visible()
    expect(page.locator(".sections nav")).not_to_contain_text("Integrations")
