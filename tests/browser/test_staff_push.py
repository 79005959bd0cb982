"""Notifications: turned on in a real browser, pushed by the real worker, taken by the service worker; a click opens the conversation.

A headless browser has no push service and shows no notification, nor may it. So a receiver on loopback is the service, which has the
keys of the browser and decrypts; the browser's own debugger hands the service worker what was in it, as the message of a push service;
and what the service worker shows is written down in it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Worker, expect

from jack.resources.push.preferences import KINDS, ON_PAGE
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, message, show, unique, until
from tests.browser.test_look import AXE, violations
from tests.device import Device
from tests.peers.receiver import Receiver, receiver

pytestmark = pytest.mark.system

SHOTS = os.environ.get("JACK_SCREENSHOTS")
EVERYTHING = {"push": list(KINDS), "email": [], "page": list(ON_PAGE)}

# The browser's part, where it is told that it may be pushed to.
SERVICE = """(() => {
    const name = "key of the subscription"; // which outlives the page
    const made = (key) => ({
        options: { applicationServerKey: new Uint8Array(key) },
        toJSON: () => (SUBSCRIPTION),
        unsubscribe: async () => { sessionStorage.removeItem(name); return true; },
    });
    Object.defineProperty(Notification, "permission", { get: () => "granted" });
    PushManager.prototype.getSubscription = async () => {
        const key = sessionStorage.getItem(name);
        return key && made(JSON.parse(key));
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        sessionStorage.setItem(name, JSON.stringify([...applicationServerKey]));
        return made(applicationServerKey);
    };
})()"""
WRITE_DOWN = """() => {
    self.shown = [];
    registration.showNotification = async (title, { body, tag, data }) => {
        self.shown.push({ title, body, tag, address: data.address });
    };
}"""
CLICK = """async () => {
    let done = null;
    const [{ address }] = self.shown;
    const notification = { data: { address }, close: () => { self.shown = []; } };
    const event = new ExtendableEvent("notificationclick");
    dispatchEvent(Object.assign(event, { notification, waitUntil: (work) => { done = work; } }));
    await done;
}"""


def turned_on(visit: Visit, device: Device) -> Page:
    """A phone on which the administrator has turned notifications on."""
    page = enter(visit, viewport={"width": 390, "height": 844})
    page.context.grant_permissions(["notifications"])  # what it is asked then
    page.context.add_init_script(SERVICE.replace("SUBSCRIPTION", json.dumps(device.subscription())))
    page.reload()
    show(page, "#/me")
    page.get_by_role("button", name="Turn on", exact=True).click()
    expect(page.get_by_role("button", name="Send me one now")).to_be_visible()
    return page


def service_worker(page: Page) -> Worker:
    until(lambda: page.context.service_workers, page)
    return page.context.service_workers[0]


def deliver(page: Page, said: dict[str, Any]) -> None:
    """Hand the service worker a message, as the browser does with one of a push service."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    until(lambda: found, page)
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin
    push = {"origin": origin[0], "registrationId": found[0], "data": json.dumps(said)}
    session.send("ServiceWorker.deliverPushMessage", push)


@pytest.fixture
def phone() -> Any:
    with receiver() as made:
        yield made


def test_a_guests_message_is_a_notification_that_opens_the_conversation(
    visit: Visit, server: Server, ada: Staff, phone: Receiver
) -> None:
    device = Device(f"{phone.url}/phone")
    page = turned_on(visit, device)
    page.get_by_role("button", name="Send me one now").click()
    until(lambda: [got for got in phone.got if device.read(got)["tag"] == "test"], page)
    show(page, "#/tasks")
    guest = Guest(server, unique("Nora"))
    guest.say("Is the pool heated?")
    conversation_id = str(ada.conversation("Is the pool heated?")["id"])

    def pushed() -> dict[str, Any] | None:
        read = [device.read(got) for got in phone.got]
        return next((one for one in read if one["id"] == conversation_id), None)

    until(pushed, page)
    said = pushed()
    assert said
    assert said["title"] == guest.name
    worker = service_worker(page)
    worker.evaluate(WRITE_DOWN)
    deliver(page, said)
    until(lambda: worker.evaluate("self.shown"), page)
    assert worker.evaluate("self.shown") == [
        {
            "title": guest.name,
            "body": "A new message · Web chat",
            "tag": conversation_id,
            "address": f"#/inbox/{conversation_id}",
        }
    ]
    worker.evaluate(CLICK)
    expect(page).to_have_url(re.compile(f"#/inbox/{conversation_id}$"))
    expect(message(page, "Is the pool heated?")).to_be_visible()
    assert worker.evaluate("self.shown") == []
    show(page, "#/me")
    (told,) = ada.ask("GET", "/push/subscriptions")
    ada.ask("DELETE", f"/push/subscriptions/{told['id']}")  # as another device does
    page.reload()
    until(lambda: page.evaluate("sessionStorage.length") == 0, page)
    page.get_by_role("button", name="Turn on", exact=True).click()
    page.get_by_role("button", name="Turn off", exact=True).click()
    expect(page.get_by_text("This device can be told")).to_be_visible()
    assert ada.ask("GET", "/push/subscriptions") == []


def test_one_chooses_of_what_one_is_told_and_when(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/me")
    others = "a guest writes in conversations of others"
    table = page.get_by_role("table", name="Tell me when")
    table.get_by_label(f"{others}: Push").uncheck()
    table.get_by_label("a note mentions me: E-mail").check()
    table.get_by_label("a task is given to me: Page").uncheck()
    expect(table.get_by_role("row", name="out of order")).to_contain_text("always")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Quiet until").fill("07:00")
    page.locator(".notifications").get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    chosen = ada.ask("GET", "/auth/me/notifications")
    assert "guest_other" not in chosen["push"]
    assert "guest_other" in chosen["page"]
    assert "task_mine" not in chosen["page"]
    assert chosen["email"] == ["mention"]
    assert (chosen["quietFrom"], chosen["quietTo"]) == ("22:00", "07:00")
    page.reload()
    expect(table.get_by_label(f"{others}: Push")).not_to_be_checked()
    expect(table.get_by_label(f"{others}: Page")).to_be_checked()
    expect(table.get_by_label("a note mentions me: E-mail")).to_be_checked()
    expect(page.get_by_label("Quiet from")).to_have_value("22:00")
    ada.ask("PUT", "/auth/me/notifications", json=EVERYTHING)
    show(page, "#/settings/push")
    page.get_by_label("Show what guests write on locked screens").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    assert ada.ask("GET", "/settings/push")["value"] == {"content": True}


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(1280, "en-GB", "light"), (390, "es-MX", "dark"), (360, "en-GB", "light")],
)
def test_the_choice_fits_and_is_for_everybody(
    visit: Visit, width: int, locale: str, scheme: Any
) -> None:
    page = enter(
        visit,
        path="/#/me",
        viewport={"width": width, "height": 844},
        locale=locale,
        color_scheme=scheme,
    )
    table = page.locator("table.told")
    table.scroll_into_view_if_needed()
    expect(table.get_by_role("checkbox")).to_have_count(27)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    sizes = table.locator("td label").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
    )
    assert min(min(size) for size in sizes) >= 44
    page.evaluate(AXE)
    assert violations(page) == []
    if SHOTS:
        page.locator(".notifications").screenshot(path=Path(SHOTS) / f"notifications-{width}.png")


def test_the_page_tells_of_what_one_has_chosen(
    visit: Visit, server: Server, ada: Staff, maria: Staff
) -> None:
    page = enter(visit, path="/#/me")
    page.get_by_label("A sound for new messages").check()
    rang = "Number(document.documentElement.dataset.rang ?? 0)"
    begun = page.evaluate(rang)
    me = ada.ask("GET", "/auth/me")["id"]

    def given(title: str) -> Any:
        task = {"title": title, "department": "maintenance", "assignee": me}
        return maria.ask("POST", "/tasks", json=task)

    loud = given(unique("Mend the lift"))
    expect(page.locator(".notices")).to_contain_text(f"A task for you: {loud['title']}")
    until(lambda: page.evaluate(rang) == begun + 1, page)
    table = page.get_by_role("table", name="Tell me when")
    table.get_by_label("a task is given to me: Page").uncheck()
    table.get_by_label("a guest writes and nobody has the conversation: Page").uncheck()
    page.locator(".notifications").get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    silent = given(unique("Oil the door"))
    unheard, heard = Guest(server, unique("Unheard")), Guest(server, unique("Heard"))
    unheard.say("Hello?")
    heard.say(words := unique("Mine"))
    conversation = ada.conversation(words)
    ada.ask("PATCH", f"/conversations/{conversation['id']}", json={"assignee": me})
    page.wait_for_timeout(1500)  # what must not be told has been heard of by then
    assert page.evaluate(rang) == begun + 1
    expect(page.locator(".notices")).not_to_contain_text(silent["title"])
    heard.say("And again")
    until(lambda: page.evaluate(rang) == begun + 2, page)
    ada.ask("PUT", "/auth/me/notifications", json=EVERYTHING)
