"""Notifications: turned on in a real browser, pushed by the real worker, taken by the service worker; a click opens the conversation.

A headless browser has no push service and shows no notification, nor may it. So a receiver on loopback is the service, which has the
keys of the browser and decrypts; the browser's own debugger hands the service worker what was in it, as the message of a push service;
and what the service worker shows is written down in it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, message, show, unique, until
from tests.device import Device
from tests.peers.receiver import Receiver, receiver

pytestmark = pytest.mark.system

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
    choices = page.get_by_role("group", name="Tell me when")
    choices.get_by_label("a guest writes in conversations of others").uncheck()
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Quiet until").fill("07:00")
    page.locator(".notifications").get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    chosen = ada.ask("GET", "/auth/me/notifications")
    assert "guest_other" not in chosen["push"]
    assert (chosen["quietFrom"], chosen["quietTo"]) == ("22:00", "07:00")
    page.reload()
    expect(choices.get_by_label("a guest writes in conversations of others")).not_to_be_checked()
    expect(page.get_by_label("Quiet from")).to_have_value("22:00")
    ada.ask("PUT", "/auth/me/notifications", json={"push": [*chosen["push"], "guest_other"]})
    show(page, "#/settings/push")
    page.get_by_label("Show what guests write on locked screens").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    assert ada.ask("GET", "/settings/push")["value"] == {"content": True}
