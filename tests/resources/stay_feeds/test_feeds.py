"""Calendars become stays: new, moved, cancelled, there again; and when one is down, nothing changes. With a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jack.core import checked_http
from jack.core.db import Database
from jack.core.paging import Page
from jack.resources.settings import store as settings
from jack.resources.stay_feeds import store
from jack.resources.stay_feeds.reading import read_due
from jack.resources.stays import store as stays
from tests.builders import make_guest
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person
from tests.peers.receiver import Answer, Receiver
from tests.resources.stay_feeds.calendars import AIRBNB, calendar, days
from tests.resources.stay_feeds.conftest import HOSTS, JULY, JUNE, brief, known, shows, state

WEEK = 7 * 24 * 3600.0


def test_a_booking_becomes_a_stay_that_waits_for_its_guest(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    site.always = Answer(status=200, body=AIRBNB)
    read()
    (stay,) = known(db)
    assert (stay["arrival"], stay["departure"], stay["nights"]) == ("2026-06-01", "2026-06-05", 4)
    assert (stay["room"], stay["source"], stay["confirmation"]) == ("302", "Airbnb", "HMX2QK4P8A")
    assert (stay["guest"], stay["status"]) == (None, "booked")
    assert (state(db)["state"], state(db)["stays"], state(db)["unnamed"]) == ("working", 1, 1)
    stays.change(db, stay["id"], guest_id=make_guest(db)["id"])
    read()
    assert len(known(db)) == 1
    assert state(db)["unnamed"] == 0


def test_it_is_moved_by_its_calendar_and_what_staff_have_changed_stays(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()
    (stay,) = known(db)
    stays.change(db, stay["id"], room="305", departure="2026-06-06")
    read()
    assert (known(db)[0]["room"], known(db)[0]["departure"]) == ("305", "2026-06-06")
    shows(site, days("a@x", "20260602", "20260603"))
    read()
    assert brief(db) == [("2026-06-02", "2026-06-03", "booked")]
    assert known(db)[0]["room"] == "305"


def test_what_is_gone_from_its_calendar_twice_is_cancelled_and_what_is_back_is_booked(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE, JULY)
    read()
    shows(site, JULY)
    read()
    assert [status for *_, status in brief(db)] == ["booked", "booked"]
    shows(site, JUNE, JULY)
    read()
    shows(site, JULY)
    for _ in range(2):
        read()
    assert [status for *_, status in brief(db)] == ["cancelled", "booked"]
    assert "stay.cancelled" in db.column("SELECT type FROM events")
    shows(site, JUNE, JULY)
    read()
    assert [status for *_, status in brief(db)] == ["booked", "booked"]


def test_it_is_cancelled_at_once_where_its_calendar_says_so(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()
    shows(site, days("a@x", "20260601", "20260604", STATUS="CANCELLED"))
    read()
    assert brief(db) == [("2026-06-01", "2026-06-04", "cancelled")]


def test_who_has_come_is_not_cancelled_and_what_is_over_is_not_brought_in(
    db: Database, site: Receiver, clock: Clock, read: Callable[[], None]
) -> None:
    shows(site, JUNE, days("old", "20250601", "20250602"))
    read()
    (stay,) = known(db)
    stays.change(db, stay["id"], status="in_house")
    clock.move(WEEK)
    shows(site)
    for _ in range(3):
        read()
    assert [status for *_, status in brief(db)] == ["in_house"]


def test_a_stay_that_staff_have_deleted_or_cancelled_does_not_come_back(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE, JULY)
    read()
    first, second = known(db)
    stays.delete(db, first["id"])
    stays.change(db, second["id"], status="cancelled")
    shows(site, days("a@x", "20260601", "20260605"), days("b@x", "20260701", "20260703"))
    read()
    assert brief(db) == [("2026-07-01", "2026-07-03", "cancelled")]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 503, "body": b""}, "answered 503"),
        ({"status": 302, "body": b"", "headers": {"Location": "/"}}, "address that it leads to"),
        ({"body": b"<html>Maintenance</html>"}, "no calendar"),
        ({"body": calendar(JULY)[:-20]}, "broke off"),
        ({"body": calendar(*[JULY] * 20_000)}, "2 MB"),
    ],
    ids=["down", "moved", "a page", "broken off", "large"],
)
def test_a_calendar_that_is_down_for_a_week_changes_nothing(
    db: Database,
    site: Receiver,
    clock: Clock,
    read: Callable[[], None],
    answer: dict[str, Any],
    says: str,
) -> None:
    shows(site, JUNE)
    read()
    before, well = known(db), state(db)
    shows(site, **answer)
    for _ in range(3):
        read()
    clock.move(WEEK)
    read()
    assert known(db) == before
    assert says in state(db)["error"]
    assert state(db)["state"] == "failing"
    assert state(db)["succeeded_at"] == well["succeeded_at"]
    shows(site, JUNE)
    read()
    assert (known(db), state(db)["state"], state(db)["error"]) == (before, "working", None)


def test_a_calendar_that_nobody_expected_fails_alone(
    db: Database, site: Receiver, read: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    value: Any = settings.value(db, "stays.feeds")
    second = {"name": "Vrbo", "url": f"{site.url}second.ics", "room": None}
    settings.put(db, "stays.feeds", {"feeds": [*value["feeds"], second]})

    def odd(db: Database, feed: Any, found: Any) -> None:
        if feed["name"] == "Airbnb":
            raise OverflowError
        apply(db, feed, found)

    apply = store.apply
    monkeypatch.setattr(store, "apply", odd)
    shows(site, JUNE)
    read()
    assert [row["state"] for row in store.search(db, page=Page()).rows] == ["failing", "working"]
    assert len(known(db)) == 1


def test_nobody_listens_for_a_week_and_then_somebody_does(
    db: Database, site: Receiver, clock: Clock, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()

    def gone(host: str, port: int) -> list[str]:
        raise OSError

    clock.move(WEEK)
    read_due(db, HOSTS, resolve=gone)
    assert state(db)["error"] == checked_http.UNKNOWN_NAME
    assert len(brief(db)) == 1


def test_an_address_of_the_hotels_own_network_is_not_asked_unless_it_is_named(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read_due(db, ())
    assert site.got == []
    assert state(db)["error"] == checked_http.NOT_ENCRYPTED
    inside: Any = {"name": "In", "url": "https://inside.example/c.ics", "room": None}
    settings.put(db, "stays.feeds", {"feeds": [inside]})
    read_due(db, (), resolve=lambda host, port: ["10.0.0.7"])
    assert state(db)["error"] == checked_http.NOT_PUBLIC
    assert known(db) == []


def test_it_is_read_every_quarter_of_an_hour_and_at_once_from_a_new_address(
    db: Database, site: Receiver, clock: Clock, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()
    read_due(db, HOSTS)
    assert len(site.got) == 1
    clock.move(-WEEK)  # a clock that is set back keeps none waiting
    read_due(db, HOSTS)
    assert len(site.got) == 2
    moved: Any = {"name": "Airbnb", "url": f"{site.url}other.ics", "room": None}
    settings.put(db, "stays.feeds", {"feeds": [moved]})
    assert state(db)["state"] == "waiting"
    read_due(db, HOSTS)
    assert site.got[-1].path.endswith("other.ics")


def test_the_setting_takes_addresses_of_calendars_and_the_list_says_how_each_is(
    admin: Person, member: Person
) -> None:
    def put(*feeds: dict[str, Any]) -> Any:
        return admin.put("/settings/stays.feeds", {"value": {"feeds": list(feeds)}})

    one = {"name": "Vrbo", "url": "webcal://www.vrbo.com/icalendar/1.ics", "room": ""}
    value = succeeded(put(one))["value"]
    assert value["feeds"] == [
        {"name": "Vrbo", "url": "https://www.vrbo.com/icalendar/1.ics", "room": None}
    ]
    (row,) = succeeded(member.get("/stay-feeds"))
    assert (row["name"], row["state"], row["stays"]) == ("Vrbo", "waiting", 0)
    assert "url" not in row
    for bad in ("ftp://x.example/c", "airbnb", "https://", "https://[/"):
        refused(put({**one, "url": bad}), 400)
    refused(put(one, {**one, "url": "https://x.example/c"}), 400)
    refused(put({**one, "name": "A"}, {**one, "name": "B"}), 400)
