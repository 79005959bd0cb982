"""The demo story written into a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.demo.talks import Talk, Visit
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.core.db import Database

from jack.demo.story import DAY, OPENED, Story, _task, read


def fill(db: Database, story: Story, hashes: dict[str, str]) -> None:
    """The whole hotel. `hashes` has the password hash of each member of staff, by key."""
    opened = story.now - OPENED
    for member in read("staff"):
        story.people[member["key"]] = member["id"]
        known = {name: member[name] for name in ("id", "name", "email", "role", "department")}
        story.at(opened, staff.create, db, **known, password_hash=hashes[member["key"]])
    for key, value in read("settings").items():
        story.at(opened, settings.put, db, key, value, by=story.people["carmen"])
    for number, entry in enumerate(read("knowledge"), 1):
        story.at(opened + number * DAY, knowledge.create, db, **entry, by=story.people["mateo"])
    for guest in read("guests"):
        arrived = story.now - guest.pop("days") * DAY
        story.at(arrived, guests.create, db, **guest, by=story.people["lucia"])
    for told in read("conversations"):
        Talk(story, db, told).begin()
    for told in read("visitors"):
        Visit(story, db, told).begin()
    for told in read("tasks"):
        _task(story, db, told)
    story.tell(db)
