"""Tasks on the page: what is to be done, who does it, and what the guest hears of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, open_conversation, show, unique, until

pytestmark = pytest.mark.system
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def card(page: Page, title: str) -> Locator:
    return page.locator(".task", has_text=title)


def do(page: Page, title: str, what: str) -> None:
    card(page, title).get_by_role("button", name=what, exact=True).click()


@pytest.fixture
def task(ada: Staff) -> dict[str, Any]:
    new = {"title": unique("Towels"), "department": "housekeeping", "room": "304"}
    return dict(ada.ask("POST", "/tasks", json=new))


def test_they_are_grouped_filtered_and_the_overdue_stand_out(
    visit: Visit, ada: Staff, task: dict[str, Any]
) -> None:
    late = {"title": unique("Late"), "department": "maintenance", "priority": "urgent"}
    late["dueAt"] = "2026-01-01T10:00:00Z"
    ada.ask("POST", "/tasks", json=late)
    page = enter(visit, path="/#/tasks")
    expect(card(page, task["title"])).to_contain_text("Room 304")
    expect(card(page, late["title"])).to_have_class(re.compile("overdue"))
    expect(card(page, late["title"])).to_contain_text("overdue by")
    group = page.locator(".groups section", has=page.get_by_role("heading", name="Housekeeping"))
    expect(group.locator(".task", has_text=task["title"])).to_be_visible()
    page.get_by_label("Department", exact=True).select_option("maintenance")
    expect(card(page, task["title"])).to_have_count(0)
    expect(card(page, late["title"])).to_be_visible()
    page.get_by_label("Department", exact=True).select_option("")
    for by, heading in (("priority", "Urgent"), ("due", "Overdue"), ("status", "Open")):
        page.get_by_label("Group by").select_option(by)
        first = page.locator(".groups section").first
        expect(first.get_by_role("heading", level=2)).to_contain_text(heading)
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.locator(".groups.board")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Group by")).to_have_value("status")
    expect(page.locator(".groups.board")).to_have_count(0)


def test_a_task_is_claimed_started_blocked_and_completed_with_a_note(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page, other = enter(visit, MARIA, "/#/tasks"), enter(visit, path="/#/tasks")
    title = task["title"]
    do(page, title, "Claim")
    expect(card(other, title)).to_contain_text("María López")
    do(page, title, "Start")
    expect(card(other, title)).to_contain_text("In progress")
    do(page, title, "Block")
    page.get_by_label("What is missing?").fill("No towels left")
    page.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(card(other, title)).to_contain_text("Blocked")
    do(page, title, "Resume")
    do(page, title, "Complete")
    page.get_by_label("Note (optional)").fill("Two large ones")
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(card(other, title)).to_have_count(0)
    now = ada.ask("GET", f"/tasks/{task['id']}")
    assert (now["status"], now["notes"]) == ("completed", "No towels left\nTwo large ones")
    other.get_by_label("Finished ones").check()
    expect(card(other, title)).to_contain_text("Completed")
    do(other, title, "Reopen")
    expect(card(other, title)).to_have_count(0)


def test_the_second_who_claims_it_is_told_who_has_it(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page = enter(visit, path="/#/tasks")
    expect(card(page, task["title"])).to_be_visible()
    page.route("**/api/v1/events*", lambda route: route.abort())  # nobody tells it beforehand
    me = maria.ask("GET", "/auth/me")["id"]
    maria.ask("PATCH", f"/tasks/{task['id']}", json={"assignee": me})
    do(page, task["title"], "Claim")
    expect(page.locator(".notices")).to_contain_text(f"María López has it already: {task['title']}")
    expect(card(page, task["title"])).to_contain_text("María López")
    assert ada.ask("GET", f"/tasks/{task['id']}")["assignee"] == me


def test_of_two_who_claim_at_the_same_moment_one_has_it(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page = enter(visit, path="/#/tasks")
    expect(card(page, task["title"])).to_be_visible()
    me = maria.ask("GET", "/auth/me")["id"]

    def too_late(route: Any) -> None:
        if route.request.method == "PATCH":
            maria.ask("PATCH", f"/tasks/{task['id']}", json={"assignee": me})
        route.continue_()

    page.route(f"**/api/v1/tasks/{task['id']}", too_late)
    do(page, task["title"], "Claim")
    expect(page.locator(".notices")).to_contain_text("María López has it already")
    assert ada.ask("GET", f"/tasks/{task['id']}")["assignee"] == me


def test_on_a_phone_two_taps_finish_it_and_the_guest_is_told(
    visit: Visit, server: Server, ada: Staff, maria: Staff
) -> None:
    guest = Guest(server, unique("Tilda"))
    words = unique("A kettle for room 12, please")
    guest.say(words)
    desk = enter(visit)
    open_conversation(desk, guest.name)
    desk.locator(".message [data-act=task]").click()
    desk.get_by_role("button", name="Create task").click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    phone = enter(visit, MARIA, "/#/tasks", **PHONE)
    do(phone, words, "Complete")
    phone.get_by_label("Tell the guest").check()
    phone.get_by_label("Message to the guest").fill("The kettle is in your room.")
    phone.get_by_role("button", name="Done").tap()
    guest.until_heard("The kettle is in your room.")
    expect(card(phone, words)).to_have_count(0)
    expect(desk.locator(".message.ours")).to_contain_text("The kettle is in your room.")
    expect(desk.get_by_role("complementary")).to_contain_text("Completed")


def test_on_a_phone_two_taps_are_enough(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    phone = enter(visit, MARIA, "/#/tasks", **PHONE)
    button = card(phone, task["title"]).get_by_role("button", name="Complete")
    size = button.bounding_box()
    assert size
    assert size["height"] >= 44
    button.tap()
    phone.get_by_role("button", name="Done").tap()
    expect(card(phone, task["title"])).to_have_count(0)
    until(lambda: ada.ask("GET", f"/tasks/{task['id']}")["status"] == "completed")


def test_what_jack_refuses_is_said_at_its_field(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/tasks")
    page.get_by_role("button", name="Make a task").click()
    page.get_by_role("button", name="Create task").click()
    expect(page.locator("#f-over-title-problem")).to_contain_text("Please fill this in.")
    expect(page.get_by_label("Title")).to_be_focused()
    title = unique("Lamp")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Due").fill("2030-05-01T15:00")
    page.get_by_role("button", name="Create task").click()
    expect(card(page, title)).to_be_visible()
    made = next(one for one in ada.ask("GET", "/tasks?limit=100") if one["title"] == title)
    assert made["dueAt"] == "2030-05-01T15:00:00.000Z"


def test_a_link_leads_to_one_task(visit: Visit, ada: Staff, task: dict[str, Any]) -> None:
    page = enter(visit, path=f"/#/tasks/{task['id']}")
    expect(page.get_by_role("dialog", name="Task")).to_contain_text(task["title"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    show(page, "#/tasks/nothing")
    expect(page.get_by_role("dialog", name="Task")).to_contain_text("no longer here")
