"""The overview: every figure is what one counts in the rows, by the hotel's days, also where clocks are changed."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jack.core.db import Database
from jack.core.errors import Invalid
from jack.core.reader import Row
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.privacy import erasure
from jack.resources.reports import store, table
from jack.resources.reports.tally import CHANNELS
from jack.resources.settings import store as settings
from jack.resources.tasks import store as tasks
from tests.builders import make_guest, make_member, make_task
from tests.conftest import Clock

MADRID = ZoneInfo("Europe/Madrid")  # 29 March 2026 has 23 hours there
FIRST, LAST = date(2026, 3, 16), date(2026, 4, 12)
DEPARTMENTS = ("housekeeping", "maintenance", "front-desk")
LONG = timedelta(minutes=15)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def put_zone(db: Database, zone: str) -> None:
    settings.put(db, "hotel", {"name": "Jacaranda", "timeZone": zone})


def at(clock: Clock, *when: int, zone: ZoneInfo = MADRID) -> None:
    """Set the clock to a time of the hotel's."""
    clock.seconds = datetime(*when, tzinfo=zone).timestamp()  # type: ignore[arg-type, misc]


class Hotel:
    """A hotel where something happens all the time, by chance."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock, self.chance = db, clock, random.Random(16)
        self.member = make_member(db)["id"]
        self.guests = [make_guest(db)["id"] for _ in range(12)]
        self.numbers = iter(range(10**6))

    def conversations(self, condition: str = "true") -> list[str]:
        return self.db.column(f"SELECT id FROM conversations WHERE {condition} ORDER BY seq")

    def live(self, days: int) -> None:
        """So many days of it."""
        end = self.clock.seconds + days * 86_400
        deeds = [
            self.hears,
            self.hears,
            self.answers,
            self.closes,
            self.plans,
            self.does,
            self.notes,
        ]
        while self.clock.seconds < end:
            self.clock.move(self.chance.uniform(0, 5_400))
            self.chance.choice(deeds)()

    def hears(self) -> None:
        self.arrives(self.chance.choice(self.guests), self.chance.choice(CHANNELS))

    def arrives(self, guest: str, channel: str) -> Row:
        message, _ = messages.receive(
            self.db,
            guest_id=guest,
            channel=channel,
            content="Hola",
            account=f"{channel}:1",
            event_key=str(next(self.numbers)),
        )
        return message

    def answers(self) -> None:
        for one in self.some("status <> 'closed'"):
            messages.echo(self.db, one, "Of course")

    def closes(self) -> None:
        for one in self.some("status <> 'closed'"):
            conversations.change(self.db, one, by=self.member, status="closed")

    def notes(self) -> None:
        for one in self.some("true"):
            messages.note(self.db, one, "Likes it quiet", by=self.member)

    def plans(self) -> None:
        make_task(self.db, department=self.chance.choice(DEPARTMENTS))

    def does(self) -> None:
        ids = self.db.column("SELECT id FROM tasks WHERE status = 'open'")
        if ids:
            status = self.chance.choice(["completed", "completed", "cancelled"])
            tasks.change(self.db, self.chance.choice(ids), by=self.member, status=status)

    def some(self, condition: str) -> list[str]:
        found = self.conversations(condition)
        return self.chance.sample(found, k=1) if found else []


@pytest.fixture
def hotel(db: Database, clock: Clock) -> Hotel:
    put_zone(db, MADRID.key)
    at(clock, 2026, 2, 10, 9)
    return Hotel(db, clock)


class Recount:
    """The figures once more, from all rows there are, one after the other."""

    def __init__(self, db: Database, zone: ZoneInfo) -> None:
        self.db, self.zone = db, zone
        self.now = moment(db.now())
        self.conversations = {row["id"]: row for row in db.all("SELECT * FROM conversations")}
        self.messages = db.all("SELECT * FROM messages WHERE type <> 'note' ORDER BY seq")
        self.tasks = db.all("SELECT * FROM tasks")
        self.closings = db.all(
            "SELECT * FROM events WHERE type IN ('conversation.closed', 'conversation.reopened') ORDER BY seq"
        )

    def day(self, text: str) -> date:
        return moment(text).astimezone(self.zone).date()

    def figures(self, first: date, last: date) -> dict[str, Any]:
        """What the API should say of these days."""

        def within(text: str | None) -> bool:
            return text is not None and first <= self.day(text) <= last

        opened = [row for row in self.conversations.values() if within(row["created_at"])]
        said = [
            (self.conversations[row["conversation_id"]]["channel"], row["direction"])
            for row in self.messages
            if within(row["created_at"]) and row["status"] != "failed"
        ]
        count, by_channel = Counter(said), Counter(row["channel"] for row in opened)
        return {
            "conversations": {
                "opened": len(opened),
                "closed": len(self.open_for(within)),
                "by_channel": {name: by_channel[name] for name in CHANNELS},
            },
            "messages": {
                **{way: sum(1 for _, one in said if one == way) for way in ("inbound", "outbound")},
                "by_channel": {
                    name: {way: count[name, way] for way in ("inbound", "outbound")}
                    for name in CHANNELS
                },
            },
            "first_answer_seconds": spread(self.answers(opened)),
            "close_seconds": spread(self.open_for(within)),
            "waited_over_15_minutes": sum(
                end - since > LONG for since, end in self.waits() if within(since.isoformat())
            ),
            "tasks": self.work(within),
        }

    def open_for(self, within: Any) -> list[float]:
        """Seconds that conversations closed then had been open."""
        begun = {one: row["created_at"] for one, row in self.conversations.items()}
        found = []
        for event in self.closings:
            one = event["subject_id"]
            if event["type"] == "conversation.reopened":
                begun[one] = event["created_at"]
            elif within(event["created_at"]):
                found.append((moment(event["created_at"]) - moment(begun[one])).total_seconds())
        return found

    def answers(self, opened: list[Row]) -> list[float]:
        """Seconds from the first message of a guest to the first answer."""
        found = []
        for row in opened:
            own = [one for one in self.messages if one["conversation_id"] == row["id"]]
            asked = next((one for one in own if one["direction"] == "inbound"), None)
            if asked is None:
                continue
            after = [
                one for one in own if one["direction"] == "outbound" and one["seq"] > asked["seq"]
            ]
            if after:
                span = moment(after[0]["created_at"]) - moment(asked["created_at"])
                found.append(span.total_seconds())
        return found

    def waits(self) -> list[tuple[datetime, datetime]]:
        """From when to when guests have waited, or wait."""
        ends = [(row["created_at"], row["subject_id"], "closed") for row in self.closings]
        said = [
            (row["created_at"], row["conversation_id"], row["direction"]) for row in self.messages
        ]
        waiting: dict[str, datetime] = {}
        found = []
        for when, one, what in sorted([*ends, *said], key=lambda entry: entry[0]):
            if what == "inbound":
                waiting.setdefault(one, moment(when))
            elif one in waiting and what in ("outbound", "closed"):
                found.append((waiting.pop(one), moment(when)))
        return [*found, *((since, self.now) for since in waiting.values())]

    def work(self, within: Any) -> dict[str, Any]:
        """Tasks, in all and by department."""

        def of(department: str | None) -> dict[str, int]:
            rows = [row for row in self.tasks if department in (None, row["department"])]
            late = [
                row
                for row in rows
                if within(row["due_at"])
                and row["status"] != "cancelled"
                and (moment(row["completed_at"] or self.db.now()) > moment(row["due_at"]))
            ]
            return {
                "created": sum(within(row["created_at"]) for row in rows),
                "completed": sum(within(row["completed_at"]) for row in rows),
                "late": len(late),
            }

        every = [{"department": name, **of(name)} for name in sorted(DEPARTMENTS)]
        some = [one for one in every if any(one[name] for name in ("created", "completed", "late"))]
        return {**of(None), "by_department": some}

    def hours(self, first: date, last: date) -> list[list[int]]:
        """Messages of guests by weekday and hour."""
        found = [[0] * 24 for _ in range(7)]
        for row in self.messages:
            local = moment(row["created_at"]).astimezone(self.zone)
            if row["direction"] == "inbound" and first <= local.date() <= last:
                found[local.weekday()][local.hour] += 1
        return found


def spread(seconds: list[float]) -> dict[str, int | None]:
    if not seconds:
        return {"median": None, "p90": None}
    ordered = sorted(seconds)
    rank = {
        name: math.ceil(share * len(ordered)) - 1 for name, share in (("median", 0.5), ("p90", 0.9))
    }
    return {name: round(ordered[place]) for name, place in rank.items()}


def counted(found: Any) -> dict[str, Any]:
    """The figures of an answer, or of a part of it."""
    names = (
        "conversations",
        "messages",
        "first_answer_seconds",
        "close_seconds",
        "waited_over_15_minutes",
        "tasks",
    )
    return {name: found[name] for name in names}


def test_every_figure_is_what_the_rows_say(db: Database, hotel: Hotel) -> None:
    hotel.live(66)
    recount = Recount(db, MADRID)
    found = store.overview(db, first=FIRST, last=LAST)
    assert counted(found) == recount.figures(FIRST, LAST)
    assert found["conversations"]["closed"] > 20
    assert found["waited_over_15_minutes"] > 20
    assert found["by_hour_of_week"] == recount.hours(FIRST, LAST)
    before = date(2026, 2, 16), date(2026, 3, 15)
    assert found["previous"]["period"] == {"first": "2026-02-16", "last": "2026-03-15"}
    assert counted(found["previous"]) == recount.figures(*before)
    assert found["previous"]["by_hour_of_week"] == recount.hours(*before)
    assert [point["date"] for point in found["series"]][12:15] == [
        "2026-03-28",
        "2026-03-29",
        "2026-03-30",
    ]
    for point in found["series"]:
        day = date.fromisoformat(point["date"])
        assert counted(point) == recount.figures(day, day), day


@pytest.mark.parametrize(
    ("by", "begins"),
    [
        ("week", ["2026-03-18", "2026-03-23", "2026-03-30", "2026-04-06"]),
        ("month", ["2026-03-18", "2026-04-01"]),
    ],
)
def test_weeks_begin_on_mondays_and_months_on_the_first(
    by: Any, begins: list[str], db: Database, hotel: Hotel
) -> None:
    hotel.live(66)
    first, recount = date(2026, 3, 18), Recount(db, MADRID)
    found = store.overview(db, first=first, last=LAST, by=by)
    assert [point["date"] for point in found["series"]] == begins
    ends = [date.fromisoformat(day) - timedelta(days=1) for day in begins[1:]]
    for point, end in zip(found["series"], [*ends, LAST], strict=True):
        assert counted(point) == recount.figures(date.fromisoformat(point["date"]), end)


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), ("2026-02-01", "2026-02-28")),
        (date(2026, 1, 1), date(2026, 2, 28), ("2025-11-01", "2025-12-31")),
        (date(2026, 3, 2), date(2026, 3, 31), ("2026-01-31", "2026-03-01")),
        (date(2026, 3, 1), date(2026, 3, 1), ("2026-02-28", "2026-02-28")),
    ],
)
def test_the_period_before_is_as_long(
    first: date, last: date, before: tuple[str, str], db: Database
) -> None:
    period = store.overview(db, first=first, last=last)["previous"]["period"]
    assert (period["first"], period["last"]) == before


def test_without_days_it_is_the_last_four_weeks(db: Database, clock: Clock) -> None:
    put_zone(db, "Pacific/Auckland")
    clock.seconds = datetime(2026, 5, 28, 20, tzinfo=UTC).timestamp()  # the 29th over there
    period = store.overview(db)["period"]
    assert period == {"first": "2026-05-02", "last": "2026-05-29"}
    assert store.overview(db, first=date(2026, 5, 20))["period"]["last"] == "2026-05-29"


@pytest.mark.parametrize("last", [date(2026, 2, 28), date(2027, 3, 2)])
def test_a_period_of_none_or_too_many_days_is_refused(last: date, db: Database) -> None:
    with pytest.raises(Invalid, match="to: "):
        store.overview(db, first=date(2026, 3, 1), last=last)


@pytest.mark.parametrize(
    ("zone", "utc", "day", "hour"),
    [
        ("Europe/Madrid", (2026, 3, 29, 0, 59), "2026-03-29", 1),
        ("Europe/Madrid", (2026, 3, 29, 1, 0), "2026-03-29", 3),  # two o'clock is left out
        ("Europe/Madrid", (2026, 10, 25, 0, 30), "2026-10-25", 2),
        ("Europe/Madrid", (2026, 10, 25, 1, 30), "2026-10-25", 2),  # two o'clock once more
        ("Europe/Madrid", (2026, 10, 25, 22, 59), "2026-10-25", 23),
        ("Europe/Madrid", (2026, 10, 25, 23, 0), "2026-10-26", 0),
        ("America/Santiago", (2026, 9, 6, 3, 59), "2026-09-05", 23),
        ("America/Santiago", (2026, 9, 6, 4, 0), "2026-09-06", 1),  # midnight is left out
        ("Asia/Kathmandu", (2026, 5, 1, 18, 14), "2026-05-01", 23),
        ("Asia/Kathmandu", (2026, 5, 1, 18, 15), "2026-05-02", 0),
        ("Australia/Lord_Howe", (2026, 4, 4, 14, 59), "2026-04-05", 1),
        ("Australia/Lord_Howe", (2026, 4, 4, 15, 20), "2026-04-05", 1),  # half an hour once more
    ],
)
def test_a_message_is_in_the_day_and_hour_of_the_hotels_clock(
    zone: str, utc: tuple[int, ...], day: str, hour: int, db: Database, clock: Clock
) -> None:
    put_zone(db, zone)
    at(clock, *utc, zone=ZoneInfo("UTC"))
    Hotel(db, clock).arrives(make_guest(db)["id"], "sms")
    clock.move(3 * 86_400)
    first = date.fromisoformat(day)
    found = store.overview(db, first=first, last=first)
    assert found["messages"]["inbound"] == 1
    assert found["by_hour_of_week"][first.weekday()][hour] == 1
    for other in (first - timedelta(days=1), first + timedelta(days=1)):
        assert store.overview(db, first=other, last=other)["messages"]["inbound"] == 0


def test_an_answer_that_failed_has_ended_no_wait(db: Database, clock: Clock) -> None:
    hotel = Hotel(db, clock)
    one = hotel.arrives(make_guest(db)["id"], "web")["conversation_id"]
    clock.move(60)
    hotel.answers()
    assert db.value("SELECT count(*) FROM waits") == 1
    db.run("UPDATE messages SET status = 'failed' WHERE direction = 'outbound'")
    conversations.restore_waiting(db, one)
    clock.move(16 * 60)
    found = store.overview(db)
    assert found["waited_over_15_minutes"] == 1
    assert found["first_answer_seconds"] == {"median": None, "p90": None}
    assert found["messages"]["outbound"] == 0
    conversations.mark_answered(db, one)
    assert store.overview(db)["waited_over_15_minutes"] == 1


def test_an_erasure_leaves_the_numbers(db: Database, hotel: Hotel) -> None:
    hotel.live(20)
    days = {"first": date(2026, 2, 10), "last": date(2026, 3, 1)}
    before = store.overview(db, **days)
    for guest in hotel.guests[:6]:
        erasure.erase(db, guest)
    after = store.overview(db, **days)
    assert after["conversations"] == before["conversations"]
    assert after["messages"] == before["messages"]
    assert after["first_answer_seconds"] == before["first_answer_seconds"]
    assert after["close_seconds"] == before["close_seconds"]


def test_the_table_has_a_line_a_day(db: Database, hotel: Hotel) -> None:
    hotel.live(20)
    found = store.overview(db, first=date(2026, 2, 10), last=date(2026, 3, 1))
    file: Any = table.file_of(found)
    head, *lines = file["content"].decode().splitlines()
    assert head.startswith("date,conversations.opened,conversations.closed,conversations.whatsapp,")
    assert [line[:10] for line in lines] == [point["date"] for point in found["series"]]
    names = head.split(",")
    sums = {
        name: sum(int(line.split(",")[place] or 0) for line in lines)
        for place, name in enumerate(names)
        if place
    }
    assert sums["messages.inbound"] == found["messages"]["inbound"]
    assert sums["messages.sms.outbound"] == found["messages"]["by_channel"]["sms"]["outbound"]
    assert sums["tasks.late"] == found["tasks"]["late"]
    assert sums["waitedOver15Minutes"] == found["waited_over_15_minutes"]
    assert file["name"] == "report-2026-02-10-2026-03-01.csv"


MANY = """
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < :many - 1)
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status, author_type, created_at)
    SELECT 'msg-' || n, 'conv-' || (n % 2000), 1 + n % 2000, iif(n % 2, 'outbound', 'inbound'), 'text',
           'A message of the usual length, which is not long, number ' || n, iif(n % 2, 'read', 'received'),
           iif(n % 2, 'staff', 'guest'),
           strftime('%Y-%m-%dT%H:%M:%fZ', '2026-05-01', printf('+%d seconds', n * 120))
    FROM number"""
CHATS = """
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 1999)
    INSERT INTO conversations (id, guest_id, channel, active_at, created_at, updated_at, first_response_at)
    SELECT 'conv-' || n, :guest, 'web', :now, at, at, at FROM (
        SELECT n, strftime('%Y-%m-%dT%H:%M:%fZ', '2026-05-01', printf('+%d seconds', n * 1000)) AS at FROM number)"""


def test_a_month_of_20_000_messages_takes_no_tenth_of_a_second(db: Database) -> None:
    params = {"guest": make_guest(db)["id"], "now": db.now(), "many": 20_000}
    db.run(CHATS, params)
    db.run(MANY, params)
    spent = []
    for _ in range(5):
        begun = time.process_time()  # what other programs take on a busy machine is not counted
        found = store.overview(db, first=date(2026, 5, 1), last=date(2026, 5, 31))
        spent.append(time.process_time() - begun)
    assert found["messages"]["inbound"] + found["messages"]["outbound"] == 20_000
    assert min(spent) <= 0.1, spent
