"""The line of health in the rail."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, enter, sql

pytestmark = pytest.mark.system

LINE = ".rail .health"
ADD = "INSERT INTO faults (kind, subject_id, since) VALUES (:kind, :subject, :since)"
TELL = """
    INSERT INTO events (type, subject_id, created_at)
    VALUES (:type, :name, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"""


def fails(server: Server, kind: str, subject: str = "") -> None:
    """The watchdog finds a fault."""
    sql(server, ADD, kind=kind, subject=subject, since="2026-01-01T00:00:00.000Z")
    sql(server, TELL, type="health.failed", name=f"{kind}:{subject}" if subject else kind)


def test_the_rail_says_what_is_out_of_order_and_administrators_are_told(
    visit: Visit, server: Server, ada: Staff, maria: Staff
) -> None:
    admin, other = enter(visit), enter(visit, MARIA)
    for page in (admin, other):
        expect(page.locator(LINE)).to_have_text("All channels work")
    try:
        fails(server, "disk")
        fails(server, "channel", "sms")
        expect(admin.locator(f"{LINE}.wrong")).to_contain_text("SMS: does not work for")
        expect(admin.locator(LINE)).to_contain_text("The disk is almost full")
        expect(admin.locator(".notices .bad").first).to_be_visible()
        expect(other.locator(f"{LINE}.wrong")).to_contain_text("SMS: does not work for")
        expect(other.locator(LINE)).not_to_contain_text("disk")
    finally:
        sql(server, "DELETE FROM faults")
    sql(server, TELL, type="health.recovered", name="channel:sms")
    for page in (admin, other):
        expect(page.locator(LINE)).to_have_text("All channels work")
    expect(admin.locator(".notices .notice", has_text="Well again: SMS")).to_be_visible()


def test_a_fault_is_told_also_where_what_one_chose_cannot_be_read(
    visit: Visit, server: Server, ada: Staff
) -> None:
    page = enter(visit)
    page.route("**/told/choice.js", lambda route: route.abort())
    # What was wrong before one came is in the line and no news.
    expect(page.locator(LINE)).to_have_text("All channels work")
    try:
        fails(server, "disk")
        expect(page.locator(".notices .bad", has_text="The disk is almost full")).to_be_visible()
    finally:
        sql(server, "DELETE FROM faults")


def test_on_a_phone_it_is_under_more(visit: Visit, server: Server, ada: Staff) -> None:
    page = enter(visit)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(LINE)).to_be_hidden()
    page.goto(f"{server.url}/#/me")
    expect(page.locator(".page > .health")).to_have_text("All channels work")
