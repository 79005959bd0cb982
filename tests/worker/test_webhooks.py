"""Events go out to webhooks: signed, once the transaction is there, each receiver by itself; with real receivers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from jack.core.db import Database
from jack.core.paging import Page
from jack.core.sealing import configure
from jack.resources.conversations import messages
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.tasks import store as tasks
from jack.resources.webhooks import deliveries, signing, store
from jack.worker.webhooks import AT_ONCE, MOST_BYTES, Deliverer
from tests import builders
from tests.conftest import Clock
from tests.peers.receiver import Answer, Got, Receiver, receiver

HOSTS = ("127.0.0.1",)
DAY = 86_400.0
RECEIVERS = Path(__file__).resolve().parent / "receivers"


@pytest.fixture
def peer() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def deliver(db: Database) -> Callable[[], None]:
    """Let the worker send what is due now."""
    deliverer = Deliverer(threading.Event(), HOSTS)
    return lambda: deliverer.run(db)


def hooked(db: Database, peer: Receiver, *events: str, **fields: Any) -> dict[str, Any]:
    wanted = {"url": peer.url, "events": list(events) or ["*"], "hosts": HOSTS, **fields}
    return dict(store.create(db, **wanted))


def only(db: Database, hook: dict[str, Any]) -> dict[str, Any]:
    """The webhook's one delivery."""
    (row,) = deliveries.search(db, hook["id"], page=page()).rows
    return dict(row)


def page() -> Page:
    return Page(1, 100)


def test_a_task_is_told_as_the_api_shows_it(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    member = builders.make_member(db, name="Jane Doe")
    hook = hooked(db, peer, "task.*")
    task = builders.make_task(db, title="Towels", by=member["id"])
    builders.make_guest(db)
    deliver()
    (got,) = peer.got
    event = db.row("SELECT seq, created_at FROM events WHERE type = 'task.created'")
    assert got.json == {
        "id": got.id,
        "seq": event["seq"],
        "type": "task.created",
        "event": "task.created",
        "timestamp": event["created_at"],
        "actor": {"type": "staff", "id": member["id"], "name": "Jane Doe"},
        "changed": [],
        "data": {"task": got.json["data"]["task"]},
    }
    assert got.json["data"]["task"]["id"] == task["id"]
    assert got.json["data"]["task"]["dueAt"] == task["due_at"]
    found = only(db, hook)
    assert (found["id"], found["status"], found["attempt"]) == (got.id, "delivered", 1)
    assert found["request"]["body"] == got.body.decode()
    assert found["response"] == {"status": 204, "body": ""}
    assert store.get(db, hook["id"])["last_success_at"] is not None


def test_a_message_is_told_with_its_conversation_and_guest(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hooked(db, peer, "conversation.message.created")
    conversation = builders.make_conversation(db, content="Hola")
    deliver()
    (got,) = peer.got
    data = got.json["data"]
    assert data["conversationId"] == conversation["id"]
    assert data["message"]["content"] == "Hola"
    assert data["guest"]["id"] == data["conversation"]["guestId"] == conversation["guest_id"]


@pytest.mark.parametrize(("include", "content"), [(False, ""), (True, "Careful")])
def test_a_notes_text_is_told_only_where_that_is_wanted(
    db: Database, peer: Receiver, deliver: Callable[[], None], include: bool, content: str
) -> None:
    conversation = builders.make_conversation(db)
    hooked(db, peer, "conversation.message.created", include_notes=include)
    messages.note(db, conversation["id"], "Careful", by=builders.make_member(db)["id"])
    deliver()
    (got,) = peer.got
    assert got.json["data"]["message"]["content"] == content
    assert b"Careful" in got.body or not include


# ------------------------------------------------------------------------------------------ signatures


def test_it_is_signed_as_standard_webhooks_says_and_by_the_body_alone(
    db: Database, peer: Receiver, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "time", time.time)  # what a receiver's own clock is compared with
    hook = hooked(db, peer)
    builders.make_task(db)
    deliver()
    (got,) = peer.got
    assert Webhook(hook["secret"]).verify(got.body, dict(got.headers)) == got.json
    digest = hmac.new(hook["secret"].encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Jack-Signature"] == f"sha256={digest}"
    with pytest.raises(Exception, match="signature"):
        Webhook(signing.new_secret()).verify(got.body, dict(got.headers))


def test_for_a_day_both_secrets_sign(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    old = hooked(db, peer)["secret"]
    (hook,) = store.search(db, page=page()).rows
    new = store.rotate_secret(db, hook["id"])["secret"]
    deliver()
    builders.make_task(db)
    clock.move(DAY - 1)
    deliver()
    both = peer.got[-1]
    clock.move(2)
    builders.make_task(db)
    deliver()
    assert [signs(secret, both) for secret in (new, old)] == [True, True]
    assert [signs(secret, peer.got[-1]) for secret in (new, old)] == [True, False]
    assert " " in both.headers["webhook-signature"]


def signs(secret: str, got: Got) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    made = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    return f"v1,{made}" in got.headers["webhook-signature"].split(" ")


@pytest.mark.system
@pytest.mark.parametrize(
    ("program", "command"),
    [("node", ["node", "receiver.mjs"]), ("go", ["go", "run", "receiver.go"])],
)
def test_receivers_in_other_languages_accept_it(
    db: Database,
    peer: Receiver,
    deliver: Callable[[], None],
    tmp_path: Path,
    program: str,
    command: list[str],
) -> None:
    """Each is given the request as it was received, and checks it with its own language's means."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    hook = hooked(db, peer)
    builders.make_task(db, title="Tóallas 毛巾")
    deliver()
    (got,) = peer.got
    request = {
        "secret": hook["secret"],
        "headers": {name.lower(): value for name, value in got.headers.items()},
        "body": got.body.decode(),
    }
    for change, expected in (({}, "ok"), ({"body": got.body.decode() + " "}, "refused")):
        found = subprocess.run(
            command,
            input=json.dumps(request | change),
            cwd=RECEIVERS,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert found.stdout.strip() == expected, found.stderr


def test_a_secret_that_nobody_can_open_is_said(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer)
    builders.make_task(db)
    configure(db.path, "another signing key than the first")
    try:
        deliver()
    finally:
        configure(db.path, None)
    assert peer.got == []
    assert "another signing key" in only(db, hook)["error"]


# ------------------------------------------------------------------------------------------ once more


def test_every_attempt_has_the_same_id_and_body(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    deliver()
    peer.got.clear()
    peer.plan.extend([Answer(500, body=b"no"), Answer(503)])
    task = builders.make_task(db, title="Towels")
    for _ in range(3):
        deliver()
        tasks.change(db, task["id"], title=f"Pillows {clock()}")
        clock.move(400)
    about = [got for got in peer.got if got.json["type"] == "task.created"]
    assert len(about) == 3
    assert len({(got.id, got.body) for got in about}) == 1
    assert about[0].json["data"]["task"]["title"] == "Towels"
    stamps = {got.headers["webhook-timestamp"] for got in about}
    assert len(stamps) == 3
    assert deliveries.get(db, hook["id"], about[0].id)["status"] == "delivered"


def test_it_is_tried_eight_times_over_three_days(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    peer.always = Answer(500)
    hook = hooked(db, peer, "task.created")
    builders.make_task(db)
    pauses = []
    while True:
        deliver()
        found = only(db, hook)
        if found["next_attempt_at"] is None:
            break
        before = clock()
        while not deliveries.due_webhooks(db):
            clock.move(30)
        pauses.append(clock() - before)
    usual = [60, 300, 1800, 7200, 86400, 86400, 86400]
    assert (found["status"], found["attempt"], len(peer.got)) == ("failed", 8, 8)
    assert all(
        0.9 * wanted <= pause <= 1.1 * wanted + 30
        for wanted, pause in zip(usual, pauses, strict=True)
    )


def test_a_receiver_says_when_to_come_again(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    peer.plan.extend(
        [Answer(429, {"Retry-After": "7200"}), Answer(503, {"Retry-After": "9999999"})]
    )
    builders.make_task(db)
    deliver()
    clock.move(7199)
    deliver()
    assert len(peer.got) == 1
    clock.move(1)
    deliver()
    clock.move(DAY)
    deliver()
    assert len(peer.got) == 3
    assert only(db, hook)["status"] == "delivered"


def test_a_redirect_is_a_failure_and_is_not_followed(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    peer.plan.append(Answer(307, {"Location": f"{peer.url}/elsewhere"}))
    builders.make_task(db)
    deliver()
    assert [got.path for got in peer.got] == ["/hook"]
    found = only(db, hook)
    assert (found["status"], found["response"]["status"]) == ("pending", 307)


def test_an_answer_is_read_to_four_kilobytes(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    peer.plan.append(Answer(200, body=b"x" * 100_000))
    builders.make_task(db)
    deliver()
    found = only(db, hook)
    assert (found["status"], len(found["response"]["body"])) == ("delivered", MOST_BYTES)


def test_gone_disables_the_webhook(
    db: Database, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    peer.plan.append(Answer(410))
    builders.make_task(db)
    deliver()
    found = store.get(db, hook["id"])
    assert (found["enabled"], found["disabled_reason"]) == (False, "gone")
    assert only(db, hook)["status"] == "failed"
    types = db.column("SELECT type FROM events ORDER BY seq DESC LIMIT 1")
    assert types == ["webhook.updated"]


def test_what_only_fails_for_five_days_is_disabled_and_what_was_missed_can_be_sent(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    peer.always = Answer(500)
    hook = hooked(db, peer, "task.created")
    began = db.now()
    for _ in range(3):
        builders.make_task(db)
    for _ in range(130):
        clock.move(3600)
        deliver()
        if not store.get(db, hook["id"])["enabled"]:
            break
        builders.make_task(db)
    found = store.get(db, hook["id"])
    assert (found["enabled"], found["disabled_reason"]) == (False, "failing")
    assert [row["id"] for row in store.untold(db)] == [hook["id"]]
    builders.make_task(db)  # while it is disabled
    made = db.value("SELECT count(*) FROM tasks")
    assert deliveries.due_webhooks(db) == []
    peer.always = Answer()
    peer.got.clear()
    store.change(db, hook["id"], enabled=True)
    assert deliveries.redeliver_all(db, hook["id"], since=began) == made
    deliver()
    assert len({got.json["data"]["task"]["id"] for got in peer.got}) == made
    assert store.untold(db) == []


def test_a_success_between_failures_keeps_a_webhook(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    for day in range(7):
        peer.plan.extend([Answer(500)] * 4 + [Answer(204 if day == 3 else 500)])
        for _ in range(5):
            builders.make_task(db)
        deliver()
        clock.move(DAY)
        peer.plan.clear()
    assert store.get(db, hook["id"])["enabled"]


# ------------------------------------------------------------------------------------------ side by side


def test_a_slow_receiver_holds_up_no_other_one(db: Database, peer: Receiver) -> None:
    with receiver() as quick:
        peer.always = Answer(seconds=60)
        hooked(db, peer, "task.created")
        hooked(db, quick, "task.created")
        for _ in range(3 * AT_ONCE):
            builders.make_task(db)
        path, stopped = db.path, threading.Event()

        def work() -> None:
            mine = Database(path, time=db.time)
            Deliverer(stopped, HOSTS).run(mine)
            mine.close()

        worker = threading.Thread(target=work)
        worker.start()
        deadline = time.monotonic() + 30
        while len(quick.got) < 3 * AT_ONCE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (len(quick.got), len(peer.got)) == (3 * AT_ONCE, AT_ONCE)
        stopped.set()
        peer.let_go.set()
        worker.join(30)
        assert not worker.is_alive()


def test_no_proxy_of_the_environment_is_asked(
    db: Database, peer: Receiver, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    hook = hooked(db, peer, "task.created")
    builders.make_task(db)
    deliver()
    assert only(db, hook)["status"] == "delivered"


def test_a_private_address_is_not_asked(db: Database, peer: Receiver) -> None:
    hook = hooked(db, peer, "task.created")
    builders.make_task(db)
    Deliverer(threading.Event()).run(db)
    assert peer.got == []
    assert "https" in only(db, hook)["error"]


def test_one_that_cannot_be_made_holds_up_no_other(
    db: Database, peer: Receiver, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = hooked(db, peer, "task.*", "guest.*")
    builders.make_task(db)
    guest = builders.make_guest(db)
    monkeypatch.setattr("jack.resources.webhooks.event_data._resource", broken(db, guest["id"]))
    deliver()
    assert [got.json["type"] for got in peer.got] == ["task.created"]
    rows = deliveries.search(db, hook["id"], page=page()).rows
    assert sorted(row["status"] for row in rows) == ["delivered", "pending"]


def broken(db: Database, id: str) -> Callable[..., Any]:
    def resource(db: Database, kind: str, subject_id: str) -> dict[str, str]:
        if subject_id == id:
            raise ValueError("a fault")
        return {"id": subject_id}

    return resource


# ------------------------------------------------------------------------------------------ what is kept


def test_an_erased_guest_is_in_no_body(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hooked(db, peer)
    conversation = builders.make_conversation(db, content="I am Vera Visitor")
    guests.change(db, conversation["guest_id"], name="Vera Visitor")
    task = builders.make_task(db, guest_id=conversation["guest_id"], notes="For Vera Visitor")
    tasks.change(db, task["id"], status="completed")
    peer.plan.append(Answer(500, body=b"Vera Visitor? No."))
    deliver()
    other = builders.make_task(db, title="Lamp")
    deliver()
    erasure.erase(db, conversation["guest_id"])
    rows = db.all("SELECT * FROM webhook_deliveries")
    assert [row["event"] for row in rows if "Vera" in json.dumps(row)] == []
    kept = json.dumps(rows)
    assert "Lamp" in kept
    peer.got.clear()
    clock.move(DAY)
    deliver()
    assert peer.got
    assert all(b"Vera" not in got.body for got in peer.got)
    assert other["id"] in kept


def test_deliveries_are_kept_thirty_days(
    db: Database, clock: Clock, peer: Receiver, deliver: Callable[[], None]
) -> None:
    hook = hooked(db, peer, "task.created")
    builders.make_task(db)
    deliver()
    clock.move(29.9 * DAY)
    builders.make_task(db)
    deliver()
    assert deliveries.delete_expired(db) == 0
    clock.move(0.2 * DAY)
    assert deliveries.delete_expired(db) == 1
    assert only(db, hook)["status"] == "delivered"
