"""The form with which a task is completed: what a colleague has put there stays, and no photo is left behind."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from jack.operations.attachments_archive import MARK_LOST
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, enter, sql, unique, until
from tests.browser.test_staff_media import jpeg
from tests.browser.test_staff_tasks import card, do

pytestmark = pytest.mark.system
NOBODY_TELLS = "**/api/v1/events*"


@pytest.fixture
def task(ada: Staff) -> dict[str, Any]:
    new = {"title": unique("Lamp"), "department": "maintenance", "room": "304"}
    return dict(ada.ask("POST", "/tasks", json=new))


def photo(name: str) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg("navy")}


def uploaded(who: Staff, name: str) -> str:
    file = (name, jpeg("navy"), "image/jpeg")
    return str(who.ask("POST", "/attachments", files={"file": file})["id"])


def names(who: Staff, task: dict[str, Any]) -> list[str]:
    return [file["name"] for file in who.ask("GET", f"/tasks/{task['id']}")["attachments"]]


def completing(page: Page, task: dict[str, Any]) -> Locator:
    """The form with which the task is completed."""
    do(page, task["title"], "Complete", more=True)
    return page.get_by_role("dialog")


def test_what_a_colleague_has_put_there_since_the_card_was_read_stays(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page = enter(visit, path="/#/tasks")
    expect(card(page, task["title"])).to_be_visible()
    page.route(NOBODY_TELLS, lambda route: route.abort())
    theirs = {"attachmentIds": [uploaded(maria, "theirs.jpg")], "notes": "The bulb is old"}
    maria.ask("PATCH", f"/tasks/{task['id']}", json=theirs)
    dialog = completing(page, task)
    dialog.get_by_label("Note (optional)").fill("A new bulb")
    dialog.get_by_label("Add a photo").set_input_files(photo("mine.jpg"))
    expect(dialog).to_contain_text("mine.jpg")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    assert names(ada, task) == ["theirs.jpg", "mine.jpg"]
    assert ada.ask("GET", f"/tasks/{task['id']}")["notes"] == "The bulb is old\nA new bulb"


def test_what_a_colleague_puts_there_at_the_same_moment_stays(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page = enter(visit, path="/#/tasks")
    theirs = [uploaded(maria, "theirs.jpg")]

    def just_before(route: Route) -> None:
        if route.request.method == "PATCH" and theirs:
            maria.ask("PATCH", f"/tasks/{task['id']}", json={"attachmentIds": [theirs.pop()]})
        route.continue_()

    page.route(f"**/api/v1/tasks/{task['id']}", just_before)
    dialog = completing(page, task)
    dialog.get_by_label("Add a photo").set_input_files(photo("mine.jpg"))
    expect(dialog).to_contain_text("mine.jpg")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    assert names(ada, task) == ["theirs.jpg", "mine.jpg"]
    assert ada.ask("GET", f"/tasks/{task['id']}")["status"] == "completed"


def test_done_waits_for_a_photo_that_is_on_its_way(
    visit: Visit, ada: Staff, maria: Staff, task: dict[str, Any]
) -> None:
    page = enter(visit, MARIA, "/#/tasks")
    held: list[Route] = []
    page.route("**/api/v1/attachments", lambda route: held.append(route))  # noqa: PLW0108 (it must take attributes)
    dialog = completing(page, task)
    dialog.get_by_label("Add a photo").set_input_files(photo("room.jpg"))
    waits = dialog.locator("button[type=submit]")
    expect(waits).to_be_disabled()
    expect(waits).to_have_text("One moment …")
    until(lambda: held, page)
    dialog.locator("form").evaluate("(form) => form.requestSubmit()")
    held.pop().continue_()
    expect(waits).to_have_text("Done")
    assert ada.ask("GET", f"/tasks/{task['id']}")["status"] == "open"
    waits.click()
    expect(dialog).to_have_count(0)
    assert names(ada, task) == ["room.jpg"]


def test_a_photo_that_comes_after_cancel_makes_no_draft(
    visit: Visit, task: dict[str, Any], ada: Staff
) -> None:
    page = enter(visit, path="/#/tasks")
    held: list[Route] = []
    page.route("**/api/v1/attachments", lambda route: held.append(route))  # noqa: PLW0108 (it must take attributes)
    dialog = completing(page, task)
    dialog.get_by_label("Add a photo").set_input_files(photo("room.jpg"))
    until(lambda: held, page)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    with page.expect_response("**/api/v1/attachments") as answer:
        held.pop().continue_()
    answer.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    dialog = completing(page, task)
    expect(dialog.get_by_role("button", name="Done")).to_be_enabled()
    expect(dialog).not_to_contain_text("room.jpg")


def test_a_form_that_cannot_be_loaded_says_so_and_has_a_way_on(
    visit: Visit, task: dict[str, Any]
) -> None:
    page = enter(visit, path="/#/tasks")
    page.route("**/task-note/note.js*", lambda route: route.abort())
    do(page, task["title"], "Complete", more=True)
    again = card(page, task["title"]).get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.unroute("**/task-note/note.js*")
    again.click()
    expect(completing(page, task)).to_contain_text("Complete task")


def test_a_photo_that_was_lost_in_a_restore_is_named_and_not_offered(
    visit: Visit, server: Server, ada: Staff, task: dict[str, Any]
) -> None:
    ids = [uploaded(ada, "lost.jpg")]
    ada.ask("PATCH", f"/tasks/{task['id']}", json={"attachmentIds": ids})
    sql(server, MARK_LOST, id=ids[0])
    page = enter(visit, path="/#/tasks")
    card(page, task["title"]).get_by_role("button", name=task["title"]).click()
    expect(card(page, task["title"])).to_contain_text("lost.jpg could not be fetched.")
    expect(card(page, task["title"]).get_by_role("button", name="lost.jpg")).to_have_count(0)
