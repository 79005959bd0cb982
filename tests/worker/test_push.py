"""Who is told of what, by real pushes to a receiver on loopback, which an independent implementation decrypts."""

from __future__ import annotations

import threading
import time as real_time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jack.channels.mail.inbound import events_of
from jack.channels.types import Account
from jack.core import checked_http
from jack.core.db import Database
from jack.messaging import inbound
from jack.resources.automations import running
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.push import preferences, queue, recipients, vapid
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.tasks import store as tasks
from jack.resources.watchdog import store as watchdog
from jack.resources.watchdog.store import Fault
from jack.resources.webchat import store as webchat
from jack.worker.push import AT_ONCE, Pusher, attempted, is_due, origin
from tests import builders
from tests.channels.mails import OWN, make_mail
from tests.conftest import Clock
from tests.device import Device, claims, subscribe
from tests.peers.receiver import Answer, Receiver, receiver

URL = "https://jack.example.com"
HOSTS = ("127.0.0.1",)
HOUR = 3600.0
PATIENCE = 20.0


@pytest.fixture
def peer() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def push(db: Database) -> Callable[[], None]:
    """Let the worker tell what there is to tell now."""
    pusher = Pusher(threading.Event(), HOSTS, URL)
    return lambda: pusher.run(db)


class Told:
    """A member with one device, and what has come there."""

    def __init__(self, db: Database, peer: Receiver, **fields: Any) -> None:
        self._peer = peer
        self.id: str = builders.make_member(db, **fields)["id"]
        self.device, row = subscribe(db, self.id, f"{peer.url}/{self.id}")
        self.subscription: str = row["id"]

    @property
    def got(self) -> list[dict[str, Any]]:
        return [self.device.read(got) for got in self._peer.got if got.path.endswith(self.id)]

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.got]


def guest_writes(db: Database, content: str = "Is the pool heated?") -> dict[str, Any]:
    return dict(builders.make_conversation(db, content=content, name="Nora"))


def test_a_guests_message_is_pushed_encrypted_and_signed(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada = Told(db, peer)
    conversation = guest_writes(db)
    assert is_due(db)
    push()
    assert not is_due(db)
    (got,) = peer.got
    assert b"Nora" not in got.body
    assert ada.device.read(got) == {
        "title": "Nora",
        "body": "A new message · Web chat",
        "view": "inbox",
        "id": conversation["id"],
        "tag": conversation["id"],
        "at": db.now(),
        "lang": "en",
    }
    assert claims(got) == {
        "aud": f"http://127.0.0.1:{peer.port}",
        "exp": int(db.time()) + 12 * 3600,
        "sub": URL,
    }
    assert got.headers["Authorization"].endswith(f",k={vapid.keys(db).public}")
    assert (got.headers["TTL"], got.headers["Urgency"]) == ("14400", "high")
    assert len(got.headers["Topic"]) == 32


def test_a_guests_words_are_pushed_only_where_the_setting_says_so(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada = Told(db, peer)
    settings.put(db, "push", {"content": True})
    conversation = guest_writes(db, "Is the pool heated?")
    task = builders.make_task(db, title="Heat the pool", room="302", priority="urgent")
    push()
    pool, heat = sorted(ada.got, key=lambda one: str(one["view"]))
    assert (pool["body"], pool["id"]) == ("Is the pool heated?", conversation["id"])
    assert heat["body"] == "Heat the pool · Room 302 · Housekeeping"
    assert (heat["title"], heat["view"], heat["id"]) == ("Urgent task", "tasks", task["id"])


@pytest.mark.parametrize(
    ("language", "mark"), [("en", "May not be from"), ("es", "Puede que no sea de")]
)
@pytest.mark.parametrize("headers", [
    {"From": "Ana <ana@guest.example>", "Authentication_Results": "mx.hotel.example; dmarc=fail"},
    {"From": "noreply@forms.example", "Reply_To": "Ana <ana@guest.example>"},
])  # fmt: skip
def test_a_mail_that_may_not_be_from_whom_it_names_says_so_wherever_it_is_told(
    db: Database, clock: Clock, peer: Receiver, push: Callable[[], None],
    headers: dict[str, str], language: str, mark: str,
) -> None:  # fmt: skip
    member = builders.make_member(db, department="front-desk")
    device, _ = subscribe(db, member["id"], f"{peer.url}/ada", language=language)
    builders.make_automation(db, enabled=True)
    running.look(db)
    account = Account("email", f"email:{OWN}", {})
    for known in ({"From": "Ana <ana@guest.example>"}, headers):
        raw = make_mail("The code?", Message_ID=f"<{len(known)}@guest.example>", **known)
        inbound.store_events(db, account, events_of(raw, db.now(), OWN, "mx.hotel.example"))
        clock.seconds += 1
        push()
    assert [device.read(got)["title"] for got in peer.got] == ["Ana", f"⚠ {mark} Ana"]
    clock.seconds += 16 * 60
    running.look(db)
    push()
    assert sorted(device.read(got)["body"] for got in peer.got[2:]) == ["Ana", f"⚠ {mark} Ana"]


def test_nobody_is_told_of_what_a_program_has_mailed(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada = Told(db, peer)
    away = make_mail("I am away.", Message_ID="<1@guest.example>", Auto_Submitted="auto-replied")
    own = make_mail("I am back.", Message_ID="<2@guest.example>")
    for raw in (away, own):
        events = events_of(raw, db.now(), OWN)
        inbound.store_events(db, Account("email", f"email:{OWN}", {}), events)
        push()
        assert len(ada.got) == (raw is own)


def test_it_speaks_the_language_of_the_device(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    member = builders.make_member(db)
    device, _ = subscribe(db, member["id"], peer.url, language="es-MX")
    guest_writes(db)
    push()
    said = device.read(peer.got[0])
    assert (said["body"], said["lang"]) == ("Mensaje nuevo · Chat web", "es")


def test_everybody_is_told_by_whose_conversation_it_is(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada, sam = Told(db, peer), Told(db, peer)
    session, _ = builders.make_visitor(db, name="Nora")

    def write(number: str) -> str:
        message, _ = webchat.receive(db, session, content="Hola", client_message_id=number)
        return str(message["conversation_id"])

    def chosen(ada_wants: str, sam_wants: str) -> None:
        for person, kind in ((ada, ada_wants), (sam, sam_wants)):
            preferences.put(db, person.id, push=[kind], quiet_from=None, quiet_to=None)

    chosen("guest_unassigned", "guest_other")
    conversation_id = write("1")
    push()
    assert (len(ada.got), len(sam.got)) == (1, 0)
    conversations.change(db, conversation_id, assignee=ada.id)
    write("2")
    push()
    assert (len(ada.got), len(sam.got)) == (1, 1)
    chosen("guest_mine", "guest_mine")
    write("3")
    push()
    assert (len(ada.got), len(sam.got)) == (2, 1)


def test_nobody_is_told_of_a_blocked_guest_or_of_what_the_hotel_writes(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada, session = Told(db, peer), builders.make_visitor(db, name="Nora")[0]
    message, _ = webchat.receive(db, session, content="Hola", client_message_id="1")
    push()
    conversation = conversations.get(db, message["conversation_id"])
    guests.change(db, conversation["guest_id"], blocked=True)
    webchat.receive(db, session, content="You!", client_message_id="2")
    messages.send(db, builders.make_conversation(db)["id"], content="Hello", by=ada.id)
    push()
    assert [one["id"] for one in ada.got if one["id"] == conversation["id"]] == [conversation["id"]]


def test_a_task_is_told_to_whom_it_concerns_and_never_to_who_made_it(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    admin = Told(db, peer, role="admin")
    maid = Told(db, peer, department="housekeeping")
    janitor = Told(db, peer, department="maintenance")
    task = builders.make_task(db, by=admin.id)
    push()
    assert (admin.titles, maid.titles, janitor.titles) == ([], ["New task"], [])
    tasks.change(db, task["id"], by=admin.id, assignee=janitor.id)
    push()
    assert (len(maid.got), janitor.titles) == (1, ["A task for you"])
    tasks.change(db, task["id"], by=janitor.id, priority="urgent")
    push()
    assert (admin.titles, maid.titles[1:], len(janitor.got)) == (
        ["Urgent task"],
        ["Urgent task"],
        1,
    )
    tasks.change(db, task["id"], by=janitor.id, notes="Looked at it")
    tasks.change(db, task["id"], by=janitor.id, status="completed")
    push()
    assert (len(admin.got), len(maid.got), len(janitor.got)) == (1, 2, 1)


def test_a_late_task_is_told_once_to_whoever_has_it_or_its_department(
    db: Database, peer: Receiver, push: Callable[[], None], clock: Clock
) -> None:
    ada, maid = Told(db, peer), Told(db, peer, department="housekeeping")
    due = [f"2026-05-28T20:{minute}:00.000Z" for minute in (30, 31)]
    builders.make_task(db, due_at=due[0], assignee=ada.id, by=ada.id)
    builders.make_task(db, due_at=due[1], by=maid.id)
    done = builders.make_task(db, due_at=due[1], by=maid.id)
    tasks.change(db, done["id"], by=maid.id, status="completed")
    push()
    assert (ada.got, maid.got) == ([], [])
    clock.move(600)
    assert is_due(db)
    push()
    push()
    assert (ada.titles, maid.titles) == (["A task is late"], ["A task is late"])


def test_a_mention_is_told_to_who_is_named(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada, sam = Told(db, peer, name="Ada Byron"), Told(db, peer, name="Sam Poe")
    conversation = guest_writes(db)
    push()
    messages.note(db, conversation["id"], "@Ada please", by=sam.id)
    push()
    assert ada.titles == ["Nora", "Sam Poe mentions you"]
    assert ada.got[1]["body"] == "Nora"
    assert len(sam.got) == 1


def test_what_is_out_of_order_is_told_to_administrators_and_that_it_is_well(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    admin, member = Told(db, peer, role="admin"), Told(db, peer)
    watchdog.update(db, [Fault("channel", "sms", db.now())])
    push()
    watchdog.set_told(db, watchdog.news(db))
    watchdog.update(db, [])
    push()
    assert admin.titles == ["Out of order", "Well again"]
    assert "sms" in admin.got[0]["body"]
    assert member.got == []


def test_quiet_hours_are_of_the_hotels_clock_and_a_test_knows_none(
    db: Database, peer: Receiver, push: Callable[[], None], clock: Clock
) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": "en"})
    ada = Told(db, peer)  # 22:26 in Madrid
    wanted = {"push": list(preferences.KINDS), "quiet_to": "07:00"}
    preferences.put(db, ada.id, quiet_from="22:30", **wanted)
    guest_writes(db)
    push()
    assert peer.got[0].headers["TTL"] == "240"  # then it would ring in the quiet hours
    clock.move(600)
    guest_writes(db)
    push()
    assert len(ada.got) == 1
    assert not is_due(db)
    queue.test(db, ada.id, ada.subscription)
    push()
    assert ada.titles == ["Nora", "Notifications arrive"]
    clock.move(9 * HOUR)
    guest_writes(db)
    push()
    assert len(ada.got) == 3


@pytest.mark.parametrize(
    ("begin", "end", "quiet", "loud"),
    [
        ("22:00", "07:00", "23:59 00:00 06:59 22:00", "07:00 21:59"),
        ("13:00", "15:00", "14:00", "15:00 02:00"),
    ],
)
def test_quiet_hours_may_go_past_midnight(begin: str, end: str, quiet: str, loud: str) -> None:
    chosen: preferences.Preferences = {"push": [], "quiet_from": begin, "quiet_to": end}
    assert all(preferences.is_quiet(chosen, time) for time in quiet.split())
    assert not any(preferences.is_quiet(chosen, time) for time in loud.split())


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_dropped(
    db: Database, peer: Receiver, push: Callable[[], None], status: int
) -> None:
    Told(db, peer)
    peer.always = Answer(status)
    guest_writes(db)
    push()
    assert db.value("SELECT count(*) FROM push_subscriptions") == 0
    guest_writes(db)
    push()
    assert len(peer.got) == 1


def test_it_is_tried_again_as_the_service_asks_until_it_is_no_news(
    db: Database, peer: Receiver, push: Callable[[], None], clock: Clock
) -> None:
    ada = Told(db, peer)
    peer.plan.extend([Answer(503), Answer(429, {"Retry-After": "120"}), Answer(201)])
    guest_writes(db)
    push()
    assert not is_due(db)
    clock.move(11)
    push()
    assert len(peer.got) == 2
    assert db.value("SELECT failure FROM push_subscriptions") == "HTTP 429"
    clock.move(119)
    assert not is_due(db)
    clock.move(2)
    push()
    assert len(ada.got) == 3
    assert db.value("SELECT failure FROM push_subscriptions") is None
    peer.always = Answer(500)
    guest_writes(db)
    push()
    clock.move(queue.KEPT_HOURS * HOUR + 1)
    push()
    assert (len(peer.got), db.value("SELECT count(*) FROM pushes")) == (4, 0)


def test_a_service_that_asks_for_a_day_is_tried_again_in_a_quarter_of_an_hour(
    db: Database, peer: Receiver, push: Callable[[], None], clock: Clock
) -> None:
    Told(db, peer)
    peer.plan.append(Answer(503, {"Retry-After": "86400"}))
    guest_writes(db)
    push()
    clock.move(901)
    assert is_due(db)


def test_what_the_service_refuses_for_good_is_given_up_and_said(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    Told(db, peer)
    peer.always = Answer(403)
    guest_writes(db)
    push()
    assert not is_due(db)
    assert db.value("SELECT failure FROM push_subscriptions") == "HTTP 403"
    assert db.value("SELECT count(*) FROM pushes") == 0


def test_a_service_that_hangs_holds_up_nobody_and_gathers_no_heap(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    with receiver() as slow:
        slow.always = Answer(201, seconds=PATIENCE)
        members = [Told(db, slow) for _ in range(AT_ONCE + 2)]
        quick = Told(db, peer)
        session, _ = builders.make_visitor(db, name="Nora")
        # The worker is another thread, with a connection of its own.
        other = Database(db.path, time=db.time)
        stopped = threading.Event()
        pusher = Pusher(stopped, HOSTS, URL)
        webchat.receive(db, session, content="Hola", client_message_id="0")
        thread = threading.Thread(target=lambda: (pusher.run(other), other.close()))
        thread.start()
        until(lambda: quick.got and slow.got)
        for number in range(1, 3):
            webchat.receive(db, session, content="Hola", client_message_id=str(number))
            until(lambda known=number: len(quick.got) > known)
            assert list(pusher._begun.values()).count(origin(slow.url)) <= AT_ONCE
        heap = "SELECT count(*) FROM pushes GROUP BY subscription_id"
        until(lambda: db.column(heap) == [1] * len(members))
        stopped.set()
        slow.let_go.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(true: Callable[[], Any]) -> None:
    deadline = real_time.monotonic() + PATIENCE
    while not true():
        assert real_time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.01)


def test_a_private_address_is_not_asked_even_where_a_name_leads_to_it(
    db: Database, peer: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    Told(db, peer)
    guest_writes(db)
    pusher = Pusher(threading.Event())  # no host is named
    pusher.run(db)
    assert peer.got == []
    assert "https" in db.value("SELECT failure FROM push_subscriptions")
    assert db.value("SELECT count(*) FROM pushes") == 0
    member = builders.make_member(db)
    device = Device("https://push.example.net/1").subscription()
    subscribe(db, member["id"], "", **device)
    queue.test(
        db, member["id"], db.value("SELECT id FROM push_subscriptions WHERE staff_id = :id", member)
    )
    monkeypatch.setattr(checked_http, "resolve", lambda host, port: ["10.0.0.1"])
    monkeypatch.setitem(checked_http.request.__kwdefaults__, "resolve", checked_http.resolve)
    monkeypatch.setitem(checked_http.post.__kwdefaults__, "resolve", checked_http.resolve)
    (row,) = queue.due(db, [])
    made = pusher._request(db, row)
    assert made is not None
    found = attempted(made)
    assert (found.error, found.again) == (checked_http.NOT_PUBLIC, False)


def test_what_happened_while_the_worker_was_off_is_not_told_hours_later(
    db: Database, peer: Receiver, push: Callable[[], None], clock: Clock
) -> None:
    ada = Told(db, peer)
    guest_writes(db)
    clock.move(recipients.OLD_MINUTES * 60 + 1)
    guest_writes(db)
    push()
    assert len(ada.got) == 1


def test_a_killed_worker_loses_nothing(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    """What was collected and not sent is sent by the next one."""
    ada = Told(db, peer)
    guest_writes(db)
    recipients.collect(db)
    push()
    assert len(ada.got) == 1


def test_who_is_signed_out_or_has_left_is_told_nothing(
    db: Database, peer: Receiver, push: Callable[[], None]
) -> None:
    ada, sam = Told(db, peer), Told(db, peer)
    db.run(
        "UPDATE sessions SET revoked_at = :now WHERE staff_id = :id",
        {"now": db.now(), "id": ada.id},
    )
    staff.change(db, sam.id, active=False)
    guest_writes(db)
    push()
    assert peer.got == []
    assert db.value("SELECT count(*) FROM push_subscriptions") == 0
