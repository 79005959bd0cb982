"""Attachments and their messages: uploaded ones claimed, received ones kept or expected, all shown in one query."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jack.channels.results import Broken, Permanent, Result, Retry, Unknown
from jack.channels.types import Fetched, Media
from jack.core.atomic_file import AtomicFile
from jack.core.db import Database, savepoint, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.reader import Row
from jack.resources.attachments import cleanup, media_download, signed_links, storage, store
from jack.resources.attachments.signed_links import is_valid, signed
from jack.resources.attachments.store import TOO_LARGE, TOO_MUCH
from tests.builders import make_conversation, make_member
from tests.conftest import Clock
from tests.resources.attachments.samples import PAGE, PDF, PNG

MIB = 1024 * 1024
HOUR, DAY = 3600, 86_400


@pytest.fixture
def staff(db: Database) -> str:
    return str(make_member(db)["id"])


@pytest.fixture
def message(db: Database) -> str:
    """A message of a guest's."""
    make_conversation(db)
    return str(db.value("SELECT id FROM messages"))


def uploaded(db: Database, by: str, content: bytes = PNG) -> str:
    with AtomicFile(storage.folder(db), storage.LIMIT) as draft:
        draft.write(content)
        return str(store.create(db, draft, name="view.png", by=by)["id"])


def of(db: Database, message_id: str) -> list[Row]:
    return store.of_messages(db, [message_id])[message_id]


def on_disk(db: Database) -> list[Path]:
    return [path for path in storage.folder(db).rglob("*") if path.is_file()]


# ------------------------------------------------------------------------------------------------ sending


def test_what_was_uploaded_leaves_with_a_message_in_the_order_it_was_named(
    db: Database, staff: str, message: str
) -> None:
    first, second = uploaded(db, staff), uploaded(db, staff, PDF)
    with transaction(db):
        claimed = store.claim(db, [second, first], message, by=staff)
    assert [row["id"] for row in claimed] == [second, first]
    assert of(db, message) == claimed
    sent = signed_links.to_send(db, message, secret="s", base_url="https://x.example", now=1000)
    assert [file.mime for file in sent] == ["application/pdf", "image/png"]
    assert Path(sent[1].path).read_bytes() == PNG
    assert sent[1].size == len(PNG)
    assert sent[1].url == f"https://x.example{signed('s', first, 1000 + HOUR)}"


@pytest.mark.parametrize("what", ["another's", "sent before", "received", "unknown", "twice", "11"])
def test_a_file_that_is_not_the_members_to_send_is_refused_and_nothing_is_claimed(
    what: str, db: Database, staff: str, message: str
) -> None:
    own = uploaded(db, staff)
    ids = [own, {"another's": uploaded(db, str(make_member(db)["id"]))}.get(what, "file-none")]
    if what == "sent before":
        ids = [own, uploaded(db, staff)]
        store.claim(db, ids[1:], message, by=staff)
    elif what == "received":
        store.create_received(db, message, "web:1", [Media(content=PNG)])
        ids = [own, of(db, message)[0]["id"]]
    elif what in ("twice", "11"):
        ids = [own] * 2 if what == "twice" else [uploaded(db, staff) for _ in range(11)]
    with pytest.raises(Invalid) as refused:
        store.claim(db, ids, message, by=staff)
    assert refused.value.details
    assert refused.value.details[0]["field"] in ("attachmentIds", "attachmentIds.1")
    assert db.value("SELECT message_id FROM attachments WHERE id = :id", {"id": own}) is None


def test_the_files_of_a_page_of_messages_are_one_query(
    db: Database, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create_received(
        db, message, "web:1", [Media(name="a.png", content=PNG), Media(source="1")]
    )
    asked = []
    every = db.all
    monkeypatch.setattr(db, "all", lambda *given: asked.append(given) or every(*given))
    found = store.of_messages(db, [message, "msg-2", "msg-3"])
    assert len(asked) == 1
    assert [row["status"] for row in found[message]] == ["ready", "pending"]
    assert [row["url"] is None for row in found[message]] == [False, True]
    assert found["msg-2"] == found["msg-3"] == []
    assert store.of_messages(db, []) == {}


def test_a_link_opens_one_file_for_an_hour(db: Database) -> None:
    until = 4_000_000_000
    signature = signed("secret", "file-1", until).rpartition("=")[2]
    assert is_valid("secret", "file-1", str(until), signature)
    for secret, one, when, given in (
        ("another", "file-1", str(until), signature),
        ("secret", "file-2", str(until), signature),
        ("secret", "file-1", str(until + 1), signature),
        ("secret", "file-1", str(until), signature.upper()),
        ("secret", "file-1", str(until), ""),
        ("secret", "file-1", str(until), "\udcff"),
    ):
        assert not is_valid(secret, one, when, given)
    past = signed("secret", "file-1", 1000).rpartition("=")[2]
    assert not is_valid("secret", "file-1", "1000", past)


# ------------------------------------------------------------------------------------------------ receiving


def test_what_came_with_a_mail_is_here_at_once_whatever_it_is(db: Database, message: str) -> None:
    media = [
        Media(name="../page.html", mime="text/html", content=PAGE),
        Media(name="view.jpg", mime="image/jpeg", content=PNG),
    ]
    store.create_received(db, message, "email:x", media)
    page, view = of(db, message)
    assert (page["name"], page["mime"]) == ("page.html", "application/octet-stream")
    assert (view["name"], view["mime"]) == ("view.jpg.png", "image/png")
    assert Path(store.get(db, page["id"])["path"]).read_bytes() == PAGE


def test_files_written_before_are_not_written_again(db: Database, message: str) -> None:
    files = store.write_files(db, [Media(name="a.png", content=PNG), Media(source="1")])
    assert len(on_disk(db)) == 1
    with transaction(db):
        store.create_received(db, message, "email:x", files)
    assert [row["status"] for row in of(db, message)] == ["ready", "pending"]
    assert len(on_disk(db)) == 1


@pytest.mark.parametrize(
    ("media", "statuses", "error"),
    [
        ([Media(content=bytes(16 * MIB + 1))], ["failed"], TOO_LARGE),
        ([Media(content=b"x" * 15 * MIB)] * 3, ["ready", "ready", "failed"], TOO_MUCH),
        ([Media(content=PNG)] * 13, ["ready"] * 10 + ["failed"],
         "3 more files were left out: a message brings 10 at most."),
        ([Media(content=b"")], ["failed"], "The file is empty."),
        ([Media(name="x")], ["failed"], "The channel does not say where the file is."),
    ],
    ids=["17 MB", "45 MB", "13 files", "nothing", "nowhere"],
)  # fmt: skip
def test_a_file_that_is_too_much_is_named_and_not_kept(
    media: list[Media], statuses: list[str], error: str, db: Database, message: str
) -> None:
    store.create_received(db, message, "email:x", media)
    found = of(db, message)
    assert [row["status"] for row in found] == statuses
    assert found[-1]["error"] == error
    with pytest.raises(NotFound):
        store.get(db, found[-1]["id"])


@pytest.mark.parametrize("mime", [None, "nonsense", "text/html\r\nX: y", "x/" + "y" * 500, "ü/ü"])
def test_a_claimed_type_that_is_none_is_not_shown(
    mime: str | None, db: Database, message: str
) -> None:
    store.create_received(db, message, "sms:x", [Media(mime=mime, source="1")])
    assert of(db, message)[0]["mime"] == "application/octet-stream"


# ------------------------------------------------------------------------------------------------ fetching


@pytest.fixture
def expected(db: Database, message: str) -> str:
    """The id of a file that is to be fetched."""
    store.create_received(
        db, message, "whatsapp:1", [Media(name="a.png", mime="image/png", source="777")]
    )
    return str(of(db, message)[0]["id"])


def fetch(db: Database, result: Fetched | Result | None) -> tuple[list[Any], list[bool]]:
    """Fetch what is due; what was asked for, and whether each is here now."""
    asked: list[Any] = []

    def answer(media: Media, limit: int) -> Fetched | Result:
        asked.append((media, limit))
        assert not db.in_transaction
        assert result is not None
        return result

    taken = media_download.claim_due(db)
    return asked, [media_download.fetch_one(db, row, answer if result else None) for row in taken]


def test_a_file_is_fetched_once_and_an_event_recorded(
    db: Database, message: str, expected: str
) -> None:
    asked, here = fetch(db, Fetched(PDF, name="menu.pdf"))
    assert here == [True]
    assert asked == [(Media(name="a.png", mime="image/png", source="777"), 16 * MIB)]
    (row,) = of(db, message)
    assert (row["status"], row["name"], row["mime"]) == ("ready", "menu.pdf", "application/pdf")
    assert (row["size"], row["error"]) == (len(PDF), None)
    assert Path(store.get(db, expected)["path"]).read_bytes() == PDF
    event = db.row("SELECT type, subject_id, conversation_id FROM events ORDER BY seq DESC")
    assert event == {
        "type": "conversation.message.updated",
        "subject_id": message,
        "conversation_id": db.value("SELECT id FROM conversations"),
    }
    assert fetch(db, Fetched(PDF)) == ([], [])


def test_what_is_taken_is_nobody_elses_until_the_lease_ends(
    db: Database, expected: str, clock: Clock
) -> None:
    (late,) = media_download.claim_due(db)
    assert media_download.claim_due(db) == []
    clock.move(media_download.LEASE + 1)
    assert fetch(db, Fetched(PNG))[1] == [True]
    assert not media_download.fetch_one(db, late, lambda media, limit: Fetched(PDF))
    assert len(on_disk(db)) == 1


@pytest.mark.parametrize(
    "result", [Retry("busy"), Broken("no"), Unknown("?"), None], ids=["retry", "broken", "?", "off"]
)
def test_what_cannot_be_had_now_is_tried_for_three_days_and_then_given_up(
    result: Result | None, db: Database, message: str, expected: str, clock: Clock
) -> None:
    begun, tries = clock(), []
    while of(db, message)[0]["status"] == "pending":
        tries += [clock() - begun for _ in fetch(db, result)[1]]
        clock.move(60)
        assert clock() - begun < 4 * DAY
    (row,) = of(db, message)
    assert row["status"] == "failed"
    assert row["error"] == (result.error if result else "The channel is not configured.")
    pauses = [later - sooner for sooner, later in zip(tries, tries[1:], strict=False)]
    assert 15 <= len(tries) <= 30
    assert pauses[0] < 120
    assert 4 * HOUR < pauses[-1] < 8 * HOUR
    assert 2.5 * DAY < tries[-1] < 3 * DAY
    told = db.row("SELECT type, changed FROM events ORDER BY seq DESC")
    assert told == {"type": "conversation.message.updated", "changed": '["attachments"]'}


def test_a_provider_that_says_when_is_obeyed(db: Database, expected: str, clock: Clock) -> None:
    fetch(db, Retry("busy", after=5000))
    clock.move(4999)
    assert media_download.claim_due(db) == []
    clock.move(2)
    assert len(media_download.claim_due(db)) == 1


def test_a_file_that_came_while_nobody_worked_for_days_is_tried(
    db: Database, expected: str, clock: Clock
) -> None:
    clock.move(4 * DAY)
    assert fetch(db, Fetched(PNG))[1] == [True]


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (Permanent("It has expired."), "It has expired."),
        (Fetched(b""), "The file is empty."),
        (Fetched(bytes(16 * MIB + 1)), TOO_LARGE),
    ],
)
def test_what_will_never_be_had_has_failed(
    result: Fetched | Result, error: str, db: Database, message: str, expected: str
) -> None:
    fetch(db, result)
    (row,) = of(db, message)
    assert (row["status"], row["error"]) == ("failed", error)
    assert on_disk(db) == []


def test_a_message_has_40_mib_of_files_at_most(db: Database, message: str) -> None:
    store.create_received(db, message, "whatsapp:1", [Media(source=str(n)) for n in range(4)])
    limits = []
    for row in media_download.claim_due(db, 4):
        media_download.fetch_one(
            db, row, lambda media, limit: limits.append(limit) or Fetched(bytes(limit))
        )
    assert limits == [16 * MIB, 16 * MIB, 8 * MIB]
    assert [row["error"] for row in of(db, message)] == [None, None, None, TOO_MUCH]


def test_the_file_of_a_guest_erased_meanwhile_is_not_kept(
    db: Database, message: str, expected: str
) -> None:
    (taken,) = media_download.claim_due(db)
    db.run("DELETE FROM attachments")
    assert not media_download.fetch_one(db, taken, lambda media, limit: Fetched(PNG))
    assert on_disk(db) == []


# ------------------------------------------------------------------------------------------------ tidying


def age(path: Path, clock: Clock, seconds: float) -> None:
    os.utime(path, (clock() - seconds, clock() - seconds))


def test_what_nobody_sends_within_a_day_is_dropped(
    db: Database, staff: str, message: str, clock: Clock
) -> None:
    sent, unsent = uploaded(db, staff), uploaded(db, staff, PDF)
    store.claim(db, [sent], message, by=staff)
    clock.move(DAY - 1)
    cleanup.cleanup(db)
    assert len(on_disk(db)) == 2
    clock.move(2)
    assert cleanup.cleanup(db) == 1
    assert [path.read_bytes() for path in on_disk(db)] == [PNG]
    with pytest.raises(NotFound):
        store.get(db, unsent)


def test_files_nobody_names_go_after_a_day_and_those_with_a_row_never(
    db: Database, message: str, clock: Clock
) -> None:
    """As a crash between the file and its row leaves them."""
    store.create_received(db, message, "email:x", [Media(content=PNG)])
    (named,) = on_disk(db)
    orphans = [storage.path(db, storage.write(db, PDF, claimed=None).file) for _ in range(5)]
    orphans.append(storage.folder(db) / "incoming-0123")
    orphans[-1].write_bytes(b"half of it")
    for path in (named, *orphans):
        age(path, clock, DAY - 60)
    for _ in range(16):
        assert cleanup.cleanup(db) == 0
        clock.move(cleanup.TURN / 1000)
    for path in (named, *orphans):
        age(path, clock, DAY + 60)
    gone = 0
    for _ in range(16):  # a slice of the folders each turn
        gone += cleanup.cleanup(db)
        clock.move(cleanup.TURN)
    assert gone == 6
    assert on_disk(db) == [named]


def test_a_file_goes_only_when_its_row_is_gone_for_good(db: Database, message: str) -> None:
    store.create_received(db, message, "email:x", [Media(content=PNG)])
    (path,) = on_disk(db)
    name = str(path.relative_to(storage.folder(db)))

    def fails() -> None:
        with transaction(db), savepoint(db):
            storage.remove(db, [name])
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    with transaction(db):  # what was planned in a part that failed is not done by the whole either
        with suppress(LookupError), savepoint(db):
            storage.remove(db, [name])
            raise LookupError
        assert path.exists()
    assert path.exists()
    with transaction(db):
        storage.remove(db, [name])
        assert path.exists()
    assert not path.exists()
