"""What people are told by e-mail: gathered into one mail a minute, by a real mail server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from typing import Any

import pytest

from jack.core.clock import parse
from jack.core.db import Database
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages
from jack.resources.guests import store as guests
from jack.resources.push import mails, payload, preferences, recipients
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.tasks import store as tasks
from jack.resources.webchat import store as webchat
from jack.worker import next_due, notification_mail
from jack.worker.push import Pusher, is_due
from tests import builders
from tests.conftest import Clock
from tests.peers.smtp import Smtp, Taken, smtp

LATER = {"MAIL <>": "451 later", "MAIL": "451 later"}
URL = "https://jack.example"
HOUR = 3600.0


@pytest.fixture
def relay(db: Database) -> Iterator[Smtp]:
    """The mail server of a hotel whose e-mail is connected."""
    with smtp() as server:
        imap = {"host": "127.0.0.1", "password": "never asked"}
        value = {"enabled": True, "address": "front@hotel.example", "smtp": server.settings()}
        settings.put(db, "hotel", {"name": "Sol {1}", "timeZone": "UTC", "language": "en"})
        settings.put(db, "channels.email", {**value, "imap": imap})
        yield server


def told(db: Database, *kinds: str, quiet: tuple[str, str] | None = None, **fields: Any) -> str:
    """A member who is told of these by e-mail; their id."""
    member = builders.make_member(db, **fields)
    begin, end = quiet or (None, None)
    preferences.put(
        db,
        member["id"],
        push=[],
        email=kinds or preferences.BY_EMAIL,
        quiet_from=begin,
        quiet_to=end,
    )
    return str(member["id"])


def work(db: Database) -> None:
    """What the worker does: the pusher collects, the job mails."""
    Pusher(threading.Event()).run(db)
    notification_mail.send_due(db, URL)


def subjects(relay: Smtp) -> list[str]:
    return [subject(taken) for taken in relay.desk.taken]


def subject(taken: Taken) -> str:
    return str(make_header(decode_header(taken.mail["Subject"])))


def writes(db: Database, session: str, number: str, content: str = "Is the pool heated?") -> str:
    message, _ = webchat.receive(db, session, content=content, client_message_id=number)
    return str(message["conversation_id"])


def visitor(db: Database, name: str = "Nora") -> str:
    return str(builders.make_visitor(db, name=name)[0])


def test_what_happens_in_a_minute_is_one_mail(db: Database, relay: Smtp, clock: Clock) -> None:
    told(db, name="Ada", email="ada@hotel.example", department="housekeeping")
    nora, paul = visitor(db), visitor(db, "Paul {0}")
    first = writes(db, nora, "1")
    assert is_due(db)
    work(db)
    assert not is_due(db)
    assert next_due.seconds(db) == mails.GATHER_SECONDS
    clock.move(30)
    writes(db, nora, "2")
    second = writes(db, paul, "3")
    task = builders.make_task(db, department="housekeeping", room="302", title="Heat the pool")
    clock.move(29)
    work(db)
    assert relay.desk.taken == []
    clock.move(1)
    work(db)
    (mail,) = relay.desk.taken
    assert mail.recipients == ["ada@hotel.example"]
    assert subject(mail) == "3 new things · Sol {1}"
    assert mail.mail["Auto-Submitted"] == "auto-generated"
    assert mail.text == (
        "Hello Ada,\n\n"
        f"Nora\nA new message · Web chat\n{URL}/#/inbox/{first}\n\n"
        f"Paul {{0}}\nA new message · Web chat\n{URL}/#/inbox/{second}\n\n"
        f"New task\nRoom 302 · Housekeeping\n{URL}/#/tasks/{task['id']}\n\n"
        f"You choose of what you are told, and how:\n{URL}/#/me\n"
    )
    clock.move(600)
    work(db)
    assert len(relay.desk.taken) == 1
    assert db.value("SELECT count(*) FROM notification_mails") == 0


def test_a_flood_is_a_mail_a_minute(db: Database, relay: Smtp, clock: Clock) -> None:
    told(db)
    session = visitor(db)
    for number in range(60):  # ten minutes
        writes(db, session, str(number))
        clock.move(10)
        work(db)
    assert 8 <= len(relay.desk.taken) <= 10
    assert set(subjects(relay)) == {"Nora · Sol {1}"}


def test_a_long_mail_says_how_many_more_there_are(db: Database, relay: Smtp, clock: Clock) -> None:
    told(db)
    for number in range(notification_mail.MOST + 3):
        writes(db, visitor(db, f"Guest {number}"), "1")
    work(db)
    clock.move(60)
    work(db)
    (mail,) = relay.desk.taken
    assert subjects(relay) == ["53 new things · Sol {1}"]
    assert "And 3 more." in mail.text
    assert mail.text.count("#/inbox/") == notification_mail.MOST


def test_words_of_guests_are_in_it_only_where_the_setting_says_so(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    told(db)
    session = visitor(db)
    for number, content in enumerate((False, True)):
        settings.put(db, "push", {"content": content})
        writes(db, session, str(number), "The door code?")
        work(db)
        clock.move(60)
        work(db)
        assert ("The door code?" in relay.desk.taken[-1].text) is content


def test_what_a_guest_writes_is_one_short_line(db: Database, relay: Smtp, clock: Clock) -> None:
    """However long it is, and though it looks like further things of the mail."""
    settings.put(db, "push", {"content": True})
    told(db)
    forged = "Hi\n\nHealth\u2028is bad\r\nhttps://evil.example"
    conversation_id = writes(db, visitor(db), "1", f"{forged} {'x' * 9000}")
    work(db)
    clock.move(60)
    work(db)
    start = "Hi Health is bad https://evil.example "
    line = start + "x" * (payload.LONGEST - len(start))
    assert f"\n\nNora\n{line}\n{URL}/#/inbox/{conversation_id}\n\n" in relay.desk.taken[0].text


def test_it_is_in_the_hotels_language(db: Database, relay: Smtp, clock: Clock) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "UTC", "language": "es"})
    told(db, name="Eva")
    for name in ("Nora", "Paul"):
        writes(db, visitor(db, name), "1")
    work(db)
    clock.move(60)
    work(db)
    assert subjects(relay) == ["2 novedades · Sol"]
    assert relay.desk.taken[0].text.startswith("Hola Eva:\n\nNora\nMensaje nuevo · Chat web\n")


def test_only_of_what_somebody_has_chosen(db: Database, relay: Smtp, clock: Clock) -> None:
    told(db, "mention", name="Ada Byron", email="ada@hotel.example")
    sam = told(db, "task_mine", name="Sam", email="sam@hotel.example")
    builders.make_member(db, email="eva@hotel.example")  # has chosen nothing: no mail
    conversation_id = writes(db, visitor(db), "1")
    messages.note(db, conversation_id, "@Ada please", by=sam)
    builders.make_task(db, assignee=sam)
    work(db)
    clock.move(60)
    work(db)
    found = {taken.recipients[0]: subject(taken) for taken in relay.desk.taken}
    assert found == {
        "ada@hotel.example": "Sam mentions you · Sol {1}",
        "sam@hotel.example": "A task for you · Sol {1}",
    }


def test_who_has_been_answered_and_what_is_done_is_not_told(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    told(db)
    other = builders.make_member(db)["id"]
    nora, paul = visitor(db), visitor(db, "Paul")
    answered = writes(db, nora, "1")
    writes(db, paul, "1")
    task = builders.make_task(db, priority="urgent")
    work(db)
    messages.send(db, answered, content="Yes", by=other)
    tasks.change(db, task["id"], status="completed", by=other)
    clock.move(60)
    work(db)
    assert subjects(relay) == ["Paul · Sol {1}"]
    assert db.value("SELECT count(*) FROM notification_mails") == 0


def test_who_is_named_is_told_so_whatever_the_guest_writes(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    """Neither takes the place of the other, whichever comes first; and an answer to the guest settles only their part."""
    told(db, "mention", "guest_unassigned", name="Ada Byron")
    sam = builders.make_member(db, name="Sam")["id"]
    nora, paul = visitor(db), visitor(db, "Paul")
    answered = writes(db, nora, "1")
    messages.note(db, answered, "@Ada please", by=sam)
    waits = writes(db, paul, "1")
    work(db)
    writes(db, nora, "2")
    messages.note(db, waits, "@Ada look", by=sam)
    work(db)
    messages.send(db, answered, content="Yes", by=sam)
    clock.move(60)
    work(db)
    (mail,) = relay.desk.taken
    named = [f"Sam mentions you\n{name}\n{URL}/#/inbox/" for name in ("Nora", "Paul")]
    assert named[0] + answered in mail.text
    assert named[1] + waits in mail.text
    assert f"Paul\nA new message · Web chat\n{URL}/#/inbox/{waits}" in mail.text
    assert subjects(relay) == ["3 new things · Sol {1}"]


def test_nothing_is_mailed_where_all_of_it_is_gone(db: Database, relay: Smtp, clock: Clock) -> None:
    ada = told(db)
    mails.add(db, ada, "automation", "run-that-is-gone")
    clock.move(60)
    work(db)
    assert relay.desk.taken == []
    assert db.value("SELECT count(*) FROM notification_mails") == 0


def test_quiet_hours_hold_mail_until_they_end(db: Database, relay: Smtp, clock: Clock) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": "en"})
    told(db, quiet=("22:27", "07:00"))  # it is 22:26 in Madrid
    writes(db, visitor(db), "1")
    work(db)
    clock.move(60)
    work(db)
    writes(db, visitor(db, "Paul"), "2")
    for _ in range(8):
        clock.move(HOUR)
        work(db)
    assert relay.desk.taken == []  # 06:27
    clock.move(34 * 60)
    work(db)
    assert subjects(relay) == ["2 new things · Sol"]


def test_one_that_cannot_leave_is_tried_again_for_a_day(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    told(db)
    relay.desk.answers = dict(LATER)
    writes(db, visitor(db), "1")
    work(db)
    clock.move(60)
    for attempt, pause in enumerate((*mails.PAUSES, mails.PAUSES[-1]), 1):
        work(db)
        assert db.value("SELECT attempt FROM notification_mails") == attempt
        clock.move(pause - 1)
        work(db)
        assert db.value("SELECT attempt FROM notification_mails") == attempt
        clock.move(1)
    assert accounts.get(db, "email:front@hotel.example")["last_error"]
    relay.desk.answers = {}
    work(db)
    assert subjects(relay) == ["Nora · Sol {1}"]
    writes(db, visitor(db, "Paul"), "2")
    work(db)
    relay.desk.answers = dict(LATER)
    clock.move(60)
    work(db)
    clock.move(mails.KEPT_HOURS * HOUR)
    relay.desk.answers = {}
    work(db)
    assert len(relay.desk.taken) == 1
    assert db.value("SELECT count(*) FROM notification_mails") == 0


def test_what_is_refused_for_good_is_given_up(db: Database, relay: Smtp, clock: Clock) -> None:
    told(db)
    """An address of the staff that was mistyped is no fault of the hotel's e-mail."""
    account = accounts.get(db, "email:front@hotel.example")
    relay.desk.answers = {"RCPT": "550 no such user"}
    writes(db, visitor(db), "1")
    work(db)
    clock.move(60)
    work(db)
    assert db.value("SELECT count(*) FROM notification_mails") == 0
    assert accounts.get(db, "email:front@hotel.example") == account


def test_it_waits_for_the_channel_to_be_connected(db: Database, relay: Smtp, clock: Clock) -> None:
    value = dict(settings.value(db, "channels.email"))
    settings.put(db, "channels.email", {**value, "enabled": False})
    told(db)
    writes(db, visitor(db), "1")
    work(db)
    clock.move(60)
    work(db)
    assert not mails.is_due(db)
    settings.put(db, "channels.email", value)
    clock.move(60)
    work(db)
    assert len(relay.desk.taken) == 1


def test_a_killed_worker_loses_nothing(
    db: Database, relay: Smtp, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collected and not sent: sent by the next one. Sent and not written down: sent again, as the same mail."""
    ada = told(db)
    writes(db, visitor(db), "1")
    recipients.collect(db)
    clock.move(60)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(notification_mail, "_record_result", killed)
        with pytest.raises(Killed):
            notification_mail.send_due(db, URL)
    assert db.value("SELECT count(*) FROM notification_mails WHERE staff_id = :id", {"id": ada})
    clock.move(mails.PAUSES[0])
    work(db)
    first, second = relay.desk.taken
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    clock.move(HOUR)
    work(db)
    assert len(relay.desk.taken) == 2


def test_what_comes_while_a_mail_leaves_is_in_the_next(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    ada, session = told(db), visitor(db)
    writes(db, session, "1")
    recipients.collect(db)
    clock.move(60)
    claimed = mails.claim(db, ada)
    assert claimed is not None
    writes(db, session, "2")
    recipients.collect(db)
    mails.delete(db, claimed[1])
    assert db.value("SELECT count(*) FROM notification_mails") == 1


def test_what_is_turned_off_meanwhile_is_not_mailed(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    ada, eva = told(db), told(db, email="eva@hotel.example")
    writes(db, visitor(db), "1")
    builders.make_task(db, priority="urgent")
    work(db)
    for one, kinds in ((ada, ["task_urgent"]), (eva, [])):
        preferences.put(db, one, push=[], email=kinds, quiet_from=None, quiet_to=None)
    clock.move(60)
    work(db)
    assert subjects(relay) == ["Urgent task · Sol {1}"]
    assert db.value("SELECT count(*) FROM notification_mails") == 0


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2027-03-27T23:30:00Z", "2027-03-28T05:00:00Z"),
        ("2027-10-30T22:30:00Z", "2027-10-31T06:00:00Z"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(
    db: Database, relay: Smtp, clock: Clock, evening: str, morning: str
) -> None:
    """At seven, also in the nights in which clocks go forward, and back."""
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": "en"})
    begin, end = (parse(time).timestamp() for time in (evening, morning))
    clock.move(begin - clock.seconds)
    told(db, quiet=("22:00", "07:00"))
    writes(db, visitor(db), "1")
    work(db)
    while clock.seconds < end:
        assert relay.desk.taken == []
        clock.move(60)
        work(db)
    assert subjects(relay) == ["Nora · Sol"]


def test_quiet_hours_that_are_taken_away_hold_nothing(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    ada = told(db, quiet=("00:00", "23:59"))
    writes(db, visitor(db), "1")
    work(db)
    clock.move(60)
    work(db)
    assert not mails.is_due(db)
    preferences.put(db, ada, push=[], quiet_from=None, quiet_to=None)
    clock.move(59)
    work(db)
    assert relay.desk.taken == []  # still no two mails in a minute
    clock.move(1)
    work(db)
    assert subjects(relay) == ["Nora · Sol {1}"]


def test_who_has_left_is_told_nothing(db: Database, relay: Smtp, clock: Clock) -> None:
    ada = told(db)
    writes(db, visitor(db), "1")
    work(db)
    staff.change(db, ada, active=False)
    clock.move(60)
    work(db)
    assert relay.desk.taken == []
    assert db.value("SELECT count(*) FROM notification_mails") == 0


def test_what_happened_before_somebody_wished_it_is_not_told(
    db: Database, relay: Smtp, clock: Clock
) -> None:
    session = visitor(db)
    writes(db, session, "1")
    told(db)
    work(db)
    assert db.value("SELECT count(*) FROM notification_mails") == 0
    guest = db.value("SELECT id FROM guests")
    guests.change(db, guest, blocked=True)
    writes(db, session, "2")
    work(db)
    assert db.value("SELECT count(*) FROM notification_mails") == 0
