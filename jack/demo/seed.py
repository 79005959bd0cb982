"""The demo's data written into a database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from jack.core import clock
from jack.core.paging import Page
from jack.demo.conversations import AccountConversation, WebchatConversation
from jack.demo.data import read
from jack.demo.timeline import DAY, MINUTE, seconds
from jack.resources.automations import ready_made
from jack.resources.automations import store as automations
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.settings import hotel_time
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.demo.data import StayData, TaskData
    from jack.demo.timeline import Timeline
    from jack.resources.automations.rows import AutomationRow, Trigger

SOON = 2 * MINUTE
BOOKED_AHEAD = 21 * DAY
OPENED = 220 * DAY  # how long ago the hotel began to use Jack


def fill(db: Database, timeline: Timeline, hashes: dict[str, str]) -> None:
    """The whole hotel. `hashes` has the password hash of each member of staff, by key."""
    opened = timeline.now - OPENED
    for member in read("staff"):
        timeline.people[member["key"]] = member["id"]
        known = {name: member[name] for name in ("id", "name", "email", "role", "department")}
        timeline.at(opened, staff.create, db, **known, password_hash=hashes[member["key"]])
    for key, value in read("settings").items():
        timeline.at(opened, settings.put, db, key, value, by=timeline.people["carmen"])
    for number, entry in enumerate(read("knowledge"), 1):
        time = opened + number * DAY
        timeline.at(time, knowledge.create, db, **entry, by=timeline.people["mateo"])
    for number, template in enumerate(read("templates"), 1):
        time = opened + number * DAY
        timeline.at(time, templates.create, db, **template, by=timeline.people["mateo"])
    known = {guest["id"]: timeline.now - guest["days"] * DAY for guest in read("guests")}
    for guest in read("guests"):
        del guest["days"]
        timeline.at(known[guest["id"]], guests.create, db, **guest, by=timeline.people["lucia"])
    for stay in read("stays"):
        _schedule_stay(timeline, db, stay, known[stay["guest"]])
    for conversation in read("conversations"):
        AccountConversation(timeline, db, conversation).schedule()
    for webchat in read("visitors"):
        WebchatConversation(timeline, db, webchat).schedule()
    for task in read("tasks"):
        _schedule_task(timeline, db, task)
    timeline.at(opened, ready_made.make, db)
    timeline.at(timeline.now, _switch_on, db, timeline)
    timeline.run(db)


def _switch_on(db: Database, timeline: Timeline) -> None:
    """The automation of the day before arrival is on, and its time is in a minute or two, so that it can be watched.

    Right before midnight that is already the day on which those arrive who come tomorrow.
    """
    zone = ZoneInfo(read("settings")["hotel"]["timeZone"])
    now = datetime.fromtimestamp(timeline.now, zone)
    soon = now + timedelta(seconds=SOON)
    days = (soon.date() - now.date()).days - 1
    for one in cast("list[AutomationRow]", automations.search(db, page=Page(1, 100)).rows):
        if one["trigger"]["type"] == "stay.arrival" and one["trigger"]["days"] == -1:
            trigger: Trigger = {"type": "stay.arrival", "days": days, "at": f"{soon:%H:%M}"}
            carmen = timeline.people["carmen"]
            automations.change(db, one["id"], by=carmen, trigger=trigger, enabled=True)


def _schedule_stay(timeline: Timeline, db: Database, stay: StayData, known: float) -> None:
    """A stay is booked three weeks ahead, though not before the guest was known; then its days come."""
    today = hotel_time.day_at(timeline.now, read("settings")["hotel"]["timeZone"])
    arrival = hotel_time.days_later(today, stay["begins"])
    days = {"arrival": arrival, "departure": hotel_time.days_later(arrival, stay["nights"])}
    columns = ("id", "room", "eta", "adults", "children", "source", "confirmation", "notes")
    given = {name: value for name, value in stay.items() if name in columns}
    arrives = timeline.now + stay["begins"] * DAY
    booked = max(known, arrives - BOOKED_AHEAD)
    who = timeline.people["lucia"]
    timeline.at(booked, stays.create, db, guest_id=stay["guest"], **days, **given, by=who)
    steps = {"departed": ("in_house", "departed"), "booked": ()}.get(
        stay["status"], (stay["status"],)
    )
    for number, status in enumerate(steps):
        time = max(booked, arrives + number * stay["nights"] * DAY)
        timeline.at(time, stays.change, db, stay["id"], status=status, by=who)


def _schedule_task(timeline: Timeline, db: Database, task: TaskData) -> None:
    begun = timeline.ago(task["ago"])
    columns = ("id", "title", "description", "department", "priority", "room")
    given: dict[str, object] = {name: value for name, value in task.items() if name in columns}
    given |= {"guest_id": task.get("guest"), "conversation_id": task.get("conversation")}
    if "due" in task:
        given["due_at"] = clock.stamp(timeline.now + seconds(task["due"]))
    who = timeline.people.get(task.get("assignee", ""))
    timeline.at(begun, tasks.create, db, **given, assignee=who, by=who or timeline.people["lucia"])
    if task["status"] != "open":
        changes = {"status": task["status"], "notes": task.get("notes")}
        ended = begun + task.get("took", 5) * MINUTE
        timeline.at(ended, tasks.change, db, task["id"], **changes, by=who)
