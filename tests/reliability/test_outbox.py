"""Messages leave once: none is lost, none is called sent that was not, none leaves twice, however workers die."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.migrations import migrate
from jack.messaging.dispatcher import THREADS
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.settings import store as settings
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_guest, make_member
from tests.peers.meta import MetaPeer
from tests.peers.smtp import Smtp, smtp
from tests.peers.twilio import TwilioPeer
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.provider import REFUSED, providing
from tests.reliability.server import PATIENCE, ROOT, clean_environment

pytestmark = pytest.mark.system

MESSAGES = {False: 300, True: 3000}
KILLS = {False: 6, True: 40}
LEASE = 1.5
GUESTS = 40
MOST_EACH = 40  # Meta takes 45 to one guest at once, then one in six seconds
NUMBERS = itertools.count(1)


@dataclass
class Outbox:
    """A hotel that sends over a channel with a provider, by workers that are processes of their own."""

    folder: Path
    provider: Any  # Provider, Simulated or Relay
    db: Database
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    channel: str = "sms"

    @classmethod
    def opened(cls, folder: Path, provider: Any) -> Outbox:
        db = Database(folder / "jack.db")
        migrate(db)
        settings.put(db, "channels.sms", {"enabled": True, "ratePerSecond": 200})
        return cls(folder, provider, db)

    def queue(self, count: int, content: str = "Your room is ready.") -> list[str]:
        """So many messages to new guests, in turn; their ids."""
        author = make_member(self.db)
        talks = [self._talk() for _ in range(min(count, max(GUESTS, count // MOST_EACH)))]
        return [
            messages.send(self.db, talks[number % len(talks)], content=content, by=author["id"])[
                "id"
            ]
            for number in range(count)
        ]

    def _talk(self) -> str:
        if self.channel == "web":
            return str(make_conversation(self.db)["id"])
        number = f"{next(NUMBERS):07}"
        guest = make_guest(self.db, phone=f"+1555{number}", email=f"g{number}@guest.example")
        self.db.run("UPDATE guest_identities SET last_inbound_at = created_at")
        return str(conversations.create(self.db, guest_id=guest["id"], channel=self.channel)["id"])

    def start(self, lock: str = "worker.lock", kind: str = "once") -> subprocess.Popen[bytes]:
        """Another worker, once it works."""
        arguments = [str(self.folder), str(self.provider.port), str(LEASE), lock, kind]
        log = (self.folder / "worker.log").open("ab")
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.work", *arguments],
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        self.workers.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"working\n", (self.folder / "worker.log").read_text()
        return worker

    def kill_amid(self, worker: subprocess.Popen[bytes], more: int) -> None:
        """kill -9 when the provider has taken so many more, at any moment of whatever comes next."""
        wanted = min(self.provider.count() + more, self.waiting_and_taken())
        # What an earlier crash left in doubt may never be taken: then there is nothing more to wait for.
        self.until(lambda: self.provider.count() >= wanted or not self.waiting())
        time.sleep(random.uniform(0, 0.015))
        worker.kill()
        worker.wait()

    def waiting_and_taken(self) -> int:
        return self.provider.count() + self.waiting()

    def waiting(self) -> int:
        return int(self.db.value("SELECT count(*) FROM outbox"))

    def until_empty(self) -> None:
        self.until(lambda: not self.waiting())

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for that."""
        deadline = time.monotonic() + 4 * PATIENCE
        while not done():
            assert time.monotonic() < deadline, self.story()
            assert self.pretended() == set()
            time.sleep(0.005)

    def story(self) -> str:
        """What is known when something does not end."""
        waiting = self.db.all(
            "SELECT seq, owner, lease_until, due_at, attempts FROM outbox LIMIT 5"
        )
        left = [worker.poll() for worker in self.workers]
        return f"{(self.folder / 'worker.log').read_text()}\n{waiting}\n{left} {self.db.now()}"

    def pretended(self) -> set[str]:
        """Messages that are called sent at this moment, and that the provider has not taken."""
        latest = self.db.all(
            "SELECT id FROM messages WHERE status = 'sent' ORDER BY sent_at DESC LIMIT 20"
        )
        return {row["id"] for row in latest} - self.provider.taken.keys()

    def fates(self) -> dict[str, str]:
        """The status of every message."""
        return {row["id"]: row["status"] for row in self.db.all("SELECT id, status FROM messages")}

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        self.db.close()


@pytest.fixture
def outbox(folder: Path) -> Iterator[Outbox]:
    with providing() as provider:
        made = Outbox.opened(folder, provider)
        yield made
        made.close()


def untrue(outbox: Outbox, ids: list[str]) -> list[str]:
    """Messages whose status says what did not happen, or says nothing in the end."""
    fates, taken = outbox.fates(), outbox.provider.taken
    assert set(fates) == set(ids)
    return [
        f"{id}: {fates[id]}, taken {taken[id]} times"
        for id in ids
        if (fates[id], taken[id]) not in {("sent", 1), ("unknown", 0), ("unknown", 1)}
    ]


def test_killed_workers_lose_nothing_and_repeat_nothing(
    outbox: Outbox, figure: Callable[[str], None], long: bool
) -> None:
    outbox.provider.busy = 0.05
    ids = outbox.queue(MESSAGES[long])
    step = MESSAGES[long] * 8 // 10 // KILLS[long]
    for _ in range(KILLS[long]):
        outbox.kill_amid(outbox.start(), random.randint(step // 2, step))
    outbox.start()
    outbox.until_empty()
    count = Counter(outbox.fates().values())
    hidden = sum(
        outbox.provider.taken[id] for id, fate in outbox.fates().items() if fate == "unknown"
    )
    figure(
        f"outbox: {len(ids)} messages, {KILLS[long]} × kill -9: {count['sent']} sent, {count['unknown']} unknown "
        f"(of which the provider has {hidden}), 0 lost, 0 twice, 0 sent without the provider"
    )
    assert untrue(outbox, ids) == []
    # A crash leaves in doubt what was with the provider, not what else was waiting.
    assert count["unknown"] <= KILLS[long] * THREADS
    assert_whole(outbox.db.path)


@dataclass
class Simulated:
    """A simulator of a real provider, looked at as the stand-in is."""

    peer: MetaPeer | TwilioPeer
    port: int = 0

    @property
    def taken(self) -> Counter[str]:
        return Counter(self._ours(sent) for sent in list(self.peer.received))

    def _ours(self, sent: Any) -> str:
        """Our id of a message, as we have asked to be told it again."""
        if isinstance(self.peer, MetaPeer):
            return str(sent.ours)
        return str(sent.told["StatusCallback"]).partition("m=")[2]

    def count(self) -> int:
        return len(self.taken)


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_killed_amid_real_channels(
    folder: Path,
    figure: Callable[[str], None],
    long: bool,
    channel: str,
    request: pytest.FixtureRequest,
) -> None:
    """Jack's own channels, and providers that tell nothing afterwards: what a crash hid stays hidden."""
    quiet: dict[str, Any] = {"statuses": (), "trusting": True}
    with MetaPeer(**quiet) if channel == "whatsapp" else TwilioPeer(**quiet) as peer:
        outbox = Outbox.opened(folder, Simulated(peer))
        request.addfinalizer(outbox.close)
        value = peer.settings() if isinstance(peer, MetaPeer) else peer.sms_settings()
        settings.put(outbox.db, f"channels.{channel}", value | {"ratePerSecond": 200})
        outbox.channel = channel
        ids = outbox.queue(MESSAGES[long] if long else MESSAGES[long] // 2)
        step = len(ids) * 8 // 10 // KILLS[long]
        for _ in range(KILLS[long]):
            outbox.kill_amid(outbox.start(kind="real"), random.randint(step // 2, step))
        outbox.start(kind="real")
        outbox.until_empty()
        fates = Counter(outbox.fates().values())
        figure(
            f"{channel}: {len(ids)} messages to the simulator, {KILLS[long]} × kill -9: {fates['sent']} sent, "
            f"{fates['unknown']} unknown, 0 lost, 0 twice, 0 sent without the provider"
        )
        assert untrue(outbox, ids) == []
        assert_whole(outbox.db.path)


@dataclass
class Relay:
    """A real SMTP server, looked at as the stand-in is: mails by the message whose id is in their Message-ID (`<jack.msg-…@…>`)."""

    smtp: Smtp
    port: int = 0

    @property
    def names(self) -> list[str]:
        return [str(taken.mail["Message-ID"]).strip() for taken in list(self.smtp.desk.taken)]

    @property
    def taken(self) -> Counter[str]:
        return Counter(re.split("[.@]", name)[1] for name in self.names)

    def count(self) -> int:
        return len(self.names)


def test_killed_amid_real_mail(
    folder: Path, figure: Callable[[str], None], long: bool, request: pytest.FixtureRequest
) -> None:
    """A mail has its Message-ID for good: one whose end a crash hid goes out again under the same, and is sent."""
    with smtp() as server:
        outbox = Outbox.opened(folder, Relay(server))
        request.addfinalizer(outbox.close)
        servers = {"smtp": server.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
        account = {"enabled": True, "address": "front@hotel.example", "ratePerSecond": 200}
        settings.put(outbox.db, "channels.email", account | servers)
        outbox.channel = "email"
        ids = outbox.queue(MESSAGES[long] if long else MESSAGES[long] // 2)
        step = len(ids) * 8 // 10 // KILLS[long]
        for _ in range(KILLS[long]):
            outbox.kill_amid(outbox.start(kind="real"), random.randint(step // 2, step))
        outbox.start(kind="real")
        outbox.until_empty()
        taken = outbox.provider.taken
        assert set(outbox.fates().values()) == {"sent"}
        assert set(taken) == set(ids)
        assert len(set(outbox.provider.names)) == len(ids)
        repeated = sum(taken.values()) - len(ids)
        assert repeated <= KILLS[long] * THREADS
        figure(
            f"email: {len(ids)} mails to a real SMTP server, {KILLS[long]} × kill -9: all sent, 0 lost, {repeated} twice "
            "under the same Message-ID"
        )
        assert_whole(outbox.db.path)


@dataclass
class Visitors:
    """The web chat has no provider: what is sent is what visitors find when they fetch it."""

    folder: Path
    port: int = 0

    @property
    def taken(self) -> Counter[str]:
        return Counter(row["id"] for row in rows(self.folder / "jack.db", SENT))

    def count(self) -> int:
        return len(self.taken)


SENT = "SELECT id FROM messages WHERE direction = 'outbound' AND status = 'sent'"


def test_killed_amid_the_web_chat(
    folder: Path, figure: Callable[[str], None], long: bool, request: pytest.FixtureRequest
) -> None:
    outbox = Outbox.opened(folder, Visitors(folder))
    request.addfinalizer(outbox.close)
    outbox.channel = "web"
    ids = outbox.queue(MESSAGES[long])
    step = len(ids) * 8 // 10 // KILLS[long]
    for _ in range(KILLS[long]):
        outbox.kill_amid(outbox.start(kind="real"), random.randint(step // 2, step))
    outbox.start(kind="real")
    outbox.until_empty()
    assert {outbox.fates()[id] for id in ids} == {"sent"}
    seen: Counter[str] = Counter()
    for session in outbox.db.all("SELECT id FROM webchat_sessions"):
        after = 0
        while (page := webchat.messages_after(outbox.db, session["id"], after=after, limit=100))[0]:
            seen.update(row["id"] for row in page[0] if row["direction"] == "outbound")
            after = page[1]
    assert seen == Counter(ids)
    figure(f"web: {len(ids)} messages, {KILLS[long]} × kill -9: all sent, each seen once, 0 lost")
    assert_whole(outbox.db.path)


def test_a_channel_that_may_repeat_ends_with_everything_sent(outbox: Outbox) -> None:
    """Such as e-mail with its Message-ID: nothing is unknown, and nothing is repeated but what a crash hid."""
    ids = outbox.queue(100)
    for _ in range(2):
        outbox.kill_amid(outbox.start("worker.lock", "repeatable"), 15)
    outbox.start("worker.lock", "repeatable")
    outbox.until_empty()
    assert set(outbox.fates().values()) == {"sent"}
    taken = outbox.provider.taken
    assert {id for id in ids if taken[id] == 0} == set()
    assert sum(taken.values()) <= len(ids) + 2 * THREADS
    assert_whole(outbox.db.path)


def test_two_workers_at_once_send_nothing_twice(outbox: Outbox) -> None:
    ids = outbox.queue(150)
    first, second = outbox.start("one.lock"), outbox.start("two.lock")
    outbox.until_empty()
    assert (first.poll(), second.poll()) == (None, None)
    assert {outbox.provider.taken[id] for id in ids} == {1}
    assert set(outbox.fates().values()) == {"sent"}
    owners = outbox.db.value(
        "SELECT count(*) FROM events WHERE type = 'conversation.message.status' AND changed LIKE '%sentAt%'"
    )
    assert owners == len(ids)
    assert_whole(outbox.db.path)


def test_the_next_worker_takes_over_at_once(outbox: Outbox) -> None:
    """Two processes, one lock: the second works when the first is gone."""
    first = outbox.start()
    outbox.start()
    outbox.queue(1)
    outbox.until_empty()
    first.kill()
    first.wait()
    began = time.monotonic()
    outbox.queue(1)
    outbox.until_empty()
    assert time.monotonic() - began < 5
    assert Counter(outbox.fates().values()) == {"sent": 2}


@pytest.mark.parametrize("kind", ["once", "background"])
def test_a_worker_told_to_end_finishes_what_it_sends(outbox: Outbox, kind: str) -> None:
    """Nothing is in doubt after a restart for an update."""
    outbox.queue(60)
    for _ in range(3):
        worker = outbox.start("worker.lock", kind)
        seen = outbox.provider.count()
        outbox.until(lambda seen=seen: outbox.provider.count() > seen + 5 or not outbox.waiting())  # type: ignore[misc]
        worker.terminate()
        assert worker.wait(10) == 0
        assert outbox.db.value("SELECT count(*) FROM outbox WHERE owner IS NOT NULL") == 0
    outbox.start()
    outbox.until_empty()
    odd = outbox.db.all("SELECT status, error FROM messages WHERE status <> 'sent'")
    assert odd == []


def test_what_the_provider_refuses_has_failed(outbox: Outbox) -> None:
    ids = outbox.queue(3, REFUSED)
    outbox.start()
    outbox.until_empty()
    assert outbox.fates() == dict.fromkeys(ids, "failed")
    assert outbox.provider.count() == 0
