"""Tasks on the page: what is to be done, who does it, and what the guest hears of it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, open_conversation, show, unique, until
from tests.browser.test_staff_media import jpeg

pytestmark = pytest.mark.system
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def card(page: Page, title: str) -> Locator:
    return page.locator(".task", has_text=title)


def do(page: Page, title: str, what: str, *, more: bool = False) -> None:
    """What is next on a card is a button; the rest stands behind ⋯."""
    if more:
        card(page, title).get_by_role("button", name="More actions").click()
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
    do(page, title, "Block", more=True)
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
    other.get_by_label("Completed tasks").check()
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
    do(phone, words, "Complete", more=True)
    phone.get_by_label("Tell the guest").check()
    phone.get_by_label("Message to the guest").fill("The kettle is in your room.")
    phone.get_by_role("button", name="Done").tap()
    guest.until_heard("The kettle is in your room.")
    expect(card(phone, words)).to_have_count(0)
    expect(desk.locator(".message.ours")).to_contain_text("The kettle is in your room.")
    expect(desk.get_by_role("complementary")).to_contain_text("Completed")


def test_a_card_has_one_next_step_and_the_rest_in_a_menu(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    phone = enter(visit, MARIA, "/#/tasks", **PHONE)
    title = task["title"]
    found = card(phone, title).locator(".acts button")
    for step in ("Claim", "Start", "Complete"):
        expect(found).to_have_count(2)
        expect(found.first).to_have_text(step)
        size = found.first.bounding_box()
        assert size
        assert size["height"] >= 44
        found.first.tap()
    phone.get_by_role("button", name="Done").tap()
    expect(card(phone, title)).to_have_count(0)
    until(lambda: ada.ask("GET", f"/tasks/{task['id']}")["status"] == "completed")


def test_the_menu_of_a_card_is_done_with_by_keys(visit: Visit, task: dict[str, Any]) -> None:
    page = enter(visit, path="/#/tasks")
    more = card(page, task["title"]).get_by_role("button", name="More actions")
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_focused()
    more.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(card(page, task["title"]).get_by_role("button", name="Complete")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note (optional)")).to_be_focused()
    page.get_by_role("button", name="Cancel").click()
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("heading", name="Tasks").click()
    expect(more).to_have_attribute("aria-expanded", "false")


def swipe(page: Page, title: str, by: int) -> None:
    """A finger that goes so many pixels to the right over a card."""
    card(page, title).scroll_into_view_if_needed()
    box = card(page, title).bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 20
    touch = page.context.new_cdp_session(page)
    for kind, far in (("Start", 0), ("Move", by // 3), ("Move", by), ("End", None)):
        points = [] if far is None else [{"x": x + far, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def test_a_swipe_to_the_right_completes_and_half_of_one_does_nothing(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    phone = enter(visit, MARIA, "/#/tasks", **PHONE)
    expect(card(phone, task["title"])).to_be_visible()
    swipe(phone, task["title"], 60)
    expect(card(phone, task["title"])).to_have_css("transform", "none")
    expect(phone.get_by_role("dialog")).to_have_count(0)
    swipe(phone, task["title"], 180)
    # Chromium takes a tap that follows at once for the end of the swipe.
    phone.get_by_role("dialog").get_by_role("button", name="Done").click()
    until(lambda: ada.ask("GET", f"/tasks/{task['id']}")["status"] == "completed")


def test_a_task_is_completed_with_a_photo_which_a_colleague_looks_at(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    phone, desk = enter(visit, MARIA, "/#/tasks", **PHONE), enter(visit, path="/#/tasks")
    do(phone, task["title"], "Complete", more=True)
    dialog = phone.get_by_role("dialog")
    for name in ("wrong.jpg", "room.jpg"):
        dialog.get_by_label("Add a photo").set_input_files(
            {"name": name, "mimeType": "image/jpeg", "buffer": jpeg("navy")}
        )
        expect(dialog).to_contain_text(name)
    dialog.locator("li", has_text="wrong.jpg").get_by_role("button", name="Remove").tap()
    dialog.get_by_role("button", name="Done").tap()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    files = ada.ask("GET", f"/tasks/{task['id']}")["attachments"]
    assert [file["name"] for file in files] == ["room.jpg"]
    desk.get_by_label("Completed tasks").check()
    expect(card(desk, task["title"])).to_contain_text("Photo")
    card(desk, task["title"]).get_by_role("button", name=task["title"]).click()
    shown = card(desk, task["title"]).get_by_role("img", name="room.jpg")
    until(lambda: shown.evaluate("(image) => image.naturalWidth > 0"), desk)


def test_what_the_guest_is_to_be_told_is_read_before_it_is_chosen(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guest = Guest(server, unique("Tilde"))
    guest.say("A kettle, please")
    found = ada.ask("GET", f"/conversations?search={guest.name}")[0]["id"]
    new = {"title": unique("Kettle"), "department": "housekeeping", "conversationId": found}
    ada.ask("POST", "/tasks", json=new)
    page = enter(visit, path="/#/tasks")
    do(page, new["title"], "Complete", more=True)
    expect(page.get_by_role("dialog")).to_contain_text(f"It is done: “{new['title']}”")
    page.get_by_label("Tell the guest").check()
    page.get_by_role("button", name="Done").click()
    guest.until_heard(f"It is done: “{new['title']}”")


def test_on_a_phone_a_housekeeper_begins_in_their_list_and_filters_are_folded_away(
    visit: Visit, ada: Staff, task: dict[str, Any]
) -> None:
    email = f"{uuid.uuid4().hex[:8]}@hotel.example"
    token = ada.invite("Hanna Keller", email, department="housekeeping")
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": "a sunny terrace"})
    other = {"title": unique("Lamp"), "department": "maintenance"}
    ada.ask("POST", "/tasks", json=other)
    phone = enter(visit, {"email": email, "password": "a sunny terrace"}, "/", **PHONE)
    expect(card(phone, task["title"])).to_be_visible()
    expect(card(phone, other["title"])).to_have_count(0)
    expect(phone.get_by_label("Group by")).not_to_be_visible()
    filters = phone.get_by_role("button", name="Housekeeping")
    filters.tap()
    phone.get_by_label("Department", exact=True).select_option("")
    expect(card(phone, other["title"])).to_be_visible()
    phone.reload()
    expect(card(phone, task["title"])).to_be_visible()
    expect(card(phone, other["title"])).to_have_count(0)
    expect(filters).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("width", [820, 1280])
def test_no_department_is_cut_off(visit: Visit, ada: Staff, width: int) -> None:
    departments = [
        item["slug"] for item in ada.ask("GET", "/settings/departments")["value"]["items"]
    ]
    for slug in departments[:-1]:
        ada.ask("POST", "/tasks", json={"title": unique("Look"), "department": slug})
    page = enter(visit, path="/#/tasks", viewport={"width": width, "height": 800})
    columns = page.locator(".groups.board section")
    expect(columns.nth(len(departments) - 2)).to_be_attached()
    for column in columns.all():
        place = column.bounding_box()
        assert place
        assert place["x"] + place["width"] <= width
        assert place["width"] >= 200
    assert page.evaluate("document.querySelector('.groups').scrollWidth") <= width
    assert page.locator(".page.tasks").evaluate("(one) => one.scrollWidth <= one.clientWidth")


def test_departments_without_tasks_are_one_line(visit: Visit, ada: Staff) -> None:
    value = ada.ask("GET", "/settings/departments")["value"]
    new = {"slug": "roof-garden", "name": "Roof garden"}
    ada.ask("PUT", "/settings/departments", json={"value": {"items": [*value["items"], new]}})
    page = enter(visit, path="/#/tasks")
    expect(page.locator(".idle")).to_contain_text("Roof garden")
    expect(page.locator(".groups h2", has_text="Roof garden")).to_have_count(0)


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
