"""The export of a guest: everything an erasure removes, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.attachments import storage
from jack.resources.automations import facts, runs
from jack.resources.conversations import messages
from jack.resources.exports import writing
from jack.resources.exports.store import GUEST
from jack.resources.guests import merge
from jack.resources.handover import store as handovers
from jack.resources.privacy import erasure, guest_export
from jack.resources.quarantine import store as quarantine
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from tests.builders import make_automation, make_guest, make_visitor
from tests.checks import refused, succeeded
from tests.conftest import Person

# What goes with an erasure and is nothing of the guest's: how it is found, ordered, counted and sent.
OF_JACK = {
    "guests": {"seq", "search_text", "search_grams", "changed_seq", "email_key"},
    "guest_tags": None,  # the guest's tags, folded
    "tag_counts": None,
    "guest_search_content": None,
    "merges": {"kept_id", "id"},
    "outbox": None,
    "unknown_sends": None,
    "idempotency": None,  # copies, deleted with what they are copies of
    "exports": None,
    "webhook_deliveries": None,
    "webchat_sessions": {"token_hash", "delivered_seq", "read_seq", "stream_id"},
    "webchat_streams": None,
    "stay_companions": {"stay_seq", "place"},
    "stays": {"search_text", "changed_seq", "updated_at"},
    "conversations": {"preview", "preview_media", "changed_seq", "updated_at", "search_subject", "waiting_since", "stream_id"},
    "messages": {"search_content", "changed_seq", "place", "author_id"},
    "tasks": {"search_text", "changed_seq", "updated_at"},
    "attachments": {"seq", "digest", "file", "place", "preview_due_at", "preview_attempts", "attempts", "source", "account", "uploaded_by", "due_at"},
    "reactions": {"author_id", "due_at", "attempts", "provider_id"},
    "receipts": {"seq", "account", "provider_id", "received_at"},
    "provider_messages": {"part"},
    "quarantine": {"seq", "account", "event_key", "reason", "created_at", "file"},  # also of others who name the guest
    "handovers": None,  # by the lines that name the guest: see the test below
    "imports": None,
    "deletions": None,
    "list_ends": None,
    "events": None,
    "conversation_counts": None,
    "task_counts": None,
    "read_counts": None,
    "conversation_reads": None,
}  # fmt: skip


class Planted:
    """A guest with everything that a hotel may come to know of one; each text has this word in it."""

    def __init__(self, db: Database, word: str, number: str, by: str) -> None:
        self.word, self.db = word, db
        mail = f"{word}@private.example"
        guest = make_guest(
            db,
            name=f"{word} Name",
            email=mail,
            phone=f"+3460000{number}",
            tags=[f"{word} tag"],
            notes=f"{word} notes",
            language="es",
            external_ids={"pms": f"{word}-id"},
            metadata={f"{word} key": f"{word} value"},
            consents={"sms": {"state": "given", "source": f"{word} form"}},
            by=by,
        )
        self.id = str(guest["id"])
        other = make_guest(db, name=f"{word} Before", email=f"before-{mail}", notes=f"{word} old")
        merge.merge(db, self.id, other["id"])
        session, _ = make_visitor(db, name=f"{word} Visitor", email=mail)
        db.run(
            "UPDATE webchat_sessions SET guest_id = :g WHERE id = :s", {"g": self.id, "s": session}
        )
        make_visitor(db, name=f"{word} Unheard", email=mail)
        self._talk(by)
        about = {"guest_id": self.id, "department": "housekeeping", "external_id": f"{word}-task"}
        tasks.create(db, title=f"{word} towels", description=f"{word} red", notes=f"{word} left", room=f"{word} room", metadata={"k": f"{word} pair"}, **about)  # fmt: skip
        days = {"arrival": "2026-05-01", "departure": "2026-05-04"}
        stays.create(db, guest_id=self.id, room="7", notes=f"{word} quiet", confirmation=f"{word}-code", external_id=f"{word}-stay", source=f"{word} site", metadata={"k": f"{word} view"}, **days)  # fmt: skip
        (staying,) = facts.stays(db, [str(db.value("SELECT id FROM stays WHERE guest_id = :id", {"id": self.id}))])  # fmt: skip
        runs.record(db, make_automation(db)["id"], word, staying, "notify", result="skipped", because=f"{word} reason")  # fmt: skip
        kept = quarantine.write(
            db, f"From: <{mail}>\r\nSubject: x\r\n\r\n{word} unreadable".encode()
        )
        quarantine.create(db, "email:x", word, "cannot be read", kept)

    def _talk(self, by: str) -> None:
        db, word = self.db, self.word
        row = messages.receive(db, guest_id=self.id, channel="web", content=f"{word} said", account="web", event_key=f"{word}-key")[0]  # fmt: skip
        talk, said = row["conversation_id"], row["id"]
        db.run("UPDATE conversations SET subject = :s, metadata = :m WHERE id = :id", {"s": f"{word} subject", "m": json.dumps({"k": f"{word} mood"}), "id": talk})  # fmt: skip
        details = json.dumps({"edits": [{"content": f"{word} first"}]})
        db.run(
            "UPDATE messages SET details = :d, error = :e WHERE id = :id",
            {"d": details, "e": f"{word} wrong", "id": said},
        )
        note = {"content": f"{word} note", "type": "note"}
        messages.send(db, talk, by=by, **note)
        db.run("INSERT OR REPLACE INTO inbound (account, event_key, message_id, in_reply_to, received_at) VALUES ('web', :k, :m, :r, '2026-01-01')", {"k": f"{word}-key", "m": said, "r": json.dumps([f"{word}-mail-id"])})  # fmt: skip
        db.run("INSERT INTO provider_messages VALUES ('a', :k, :m, 0, 'sent', :e, '2026-01-01')", {"k": f"{word}-sid", "m": said, "e": f"{word} hint"})  # fmt: skip
        db.run("INSERT INTO receipts (account, provider_id, status, error, at, received_at, report) VALUES ('a', :k, 'failed', :e, '2026-01-01', '2026-01-01', :r)", {"k": f"{word}-sid", "e": f"{word} bounced", "r": json.dumps({"diagnosis": f"{word} full"})})  # fmt: skip
        db.run("INSERT INTO reactions (message_id, side, emoji, at) VALUES (:m, 'guest', :e, '2026-01-01')", {"m": said, "e": f"{word} thumb"})  # fmt: skip
        stored = storage.write(db, f"{word} bytes".encode(), claimed="text/plain")
        db.run("INSERT INTO attachments (id, message_id, status, name, mime, size, digest, file, created_at) VALUES (:i, :m, 'ready', :n, 'text/plain', :s, :d, :f, '2026-01-01')", {"i": f"att-{word}", "m": said, "n": f"{word} passport.txt", "s": stored.size, "d": stored.digest, "f": stored.file})  # fmt: skip


def content(answer: bytes) -> tuple[dict[str, Any], bytes]:
    """`guest.json`, and everything in the ZIP one after the other, with names."""
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        assert archive.testzip() is None
        everything = [name.encode() + archive.read(name) for name in archive.namelist()]
        return json.loads(archive.read("guest.json")), b"\n".join(everything)


def leaves(value: object) -> Iterator[str]:
    """The texts in a value, JSON read."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str) and value[:1] in "{[" and value:
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(key)
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and value:
        yield value


def stored(db: Database) -> dict[tuple[str, str], set[str]]:
    """Every text in every column of every table that is not an index."""
    found: dict[tuple[str, str], set[str]] = {}
    names = db.column("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    for table in names:
        if table.startswith("sqlite_"):
            continue
        for row in db.all(f'SELECT * FROM "{table}"'):
            for column, value in row.items():
                found.setdefault((table, column), set()).update(leaves(value))
    return found


@pytest.fixture
def two(admin: Person) -> tuple[Planted, Planted]:
    mine, other = (Planted(admin.db, word, number, admin.id) for word, number in (("zebby", "1111"), ("otherly", "2222")))  # fmt: skip
    text = "zebby Name has the key.\notherly Name wants a taxi."
    handovers.sign(admin.db, text, by=admin.id)
    seq = {"id": other.id}
    shared = admin.db.row("SELECT id FROM stays WHERE guest_id = :id", seq)["id"]
    stays.change(admin.db, shared, companions=[mine.id])
    mail = b"From: otherly@private.example\r\nTo: zebby@private.example\r\n\r\notherly secret"
    quarantine.create(
        admin.db, "email:x", "both", "cannot be read", quarantine.write(admin.db, mail)
    )
    return mine, other


def test_it_has_all_that_an_erasure_removes_and_nothing_of_anybody_else(
    admin: Person, two: tuple[Planted, Planted]
) -> None:
    mine, other = two
    db = admin.db
    answer = admin.get(f"/guests/{mine.id}/export")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    file, everything = content(answer.data)
    shown, text = set(leaves(file)), everything.decode()
    before = stored(db)
    assert b"zebby bytes" in everything
    assert b"zebby unreadable" in everything
    assert [line["text"] for line in file["handovers"]] == ["zebby Name has the key."]
    erasure.erase(db, mine.id)
    after = stored(db)
    missing = {}
    for (table, column), values in before.items():
        technical = OF_JACK.get(table, set())
        if technical is None or column in technical:
            continue
        gone = values - after.get((table, column), set())
        if lost := {one for one in gone if one not in shown and one not in text}:
            missing[table, column] = lost
    assert missing == {}
    assert "otherly" not in text
    assert other.id not in text
    assert all(person not in text for person in (admin.id, "Boss"))


def test_only_an_administrator_has_it_and_the_audit_log_says_so(
    admin: Person, manager: Person, two: tuple[Planted, Planted]
) -> None:
    path = f"/guests/{two[0].id}/export"
    refused(manager.get(path), 403)
    asked = {"what": "guest", "filters": {"guestId": two[0].id}}
    refused(manager.post("/exports", asked), 403)
    refused(admin.get("/guests/guest-none/export"), 404)
    admin.get(path)
    found = admin.db.all(
        "SELECT subject_type, subject_id FROM audit WHERE action = 'export.created'"
    )
    assert [row["subject_id"] for row in found] == [two[0].id]


@pytest.fixture
def write(admin: Person) -> Callable[[], None]:
    return lambda: writing.write_due(admin.db, writers={GUEST: guest_export.write})


def test_a_large_one_is_written_by_the_worker_and_goes_with_the_guest(
    admin: Person,
    two: tuple[Planted, Planted],
    write: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    client: FlaskClient,
) -> None:
    at_once = content(admin.get(f"/guests/{two[0].id}/export").data)
    monkeypatch.setattr(guest_export, "MAX_MESSAGES", 1)
    answer = refused(admin.get(f"/guests/{two[0].id}/export"), 409)
    assert answer["reason"] == "use_export_job"
    jobs = []
    for one in two:
        asked = {"what": "guest", "filters": {"guestId": one.id}}
        jobs.append(succeeded(admin.post("/exports", asked), 202)["id"])
    write()
    job = succeeded(admin.get(f"/exports/{jobs[0]}"))
    assert (job["status"], job["format"], job["rows"]) == ("done", "zip", 2)
    file = admin.get(f"/exports/{jobs[0]}/file")
    assert file.mimetype == "application/zip"
    written = content(file.data)
    assert written == at_once
    succeeded(admin.delete(f"/guests/{two[0].id}"))
    refused(admin.get(f"/exports/{jobs[0]}"), 404)
    succeeded(admin.get(f"/exports/{jobs[1]}"))


def test_mail_that_could_not_be_read_counts_as_their_files(
    admin: Person, two: tuple[Planted, Planted], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"From: <zebby@private.example>\r\n\r\n" + bytes(5000)
    quarantine.create(
        admin.db, "email:x", "long", "cannot be read", quarantine.write(admin.db, raw)
    )
    monkeypatch.setattr(guest_export, "MAX_BYTES", 5000)
    answer = refused(admin.get(f"/guests/{two[0].id}/export"), 409)
    assert answer["reason"] == "use_export_job"
    assert admin.get(f"/guests/{two[1].id}/export").status_code == 200


def test_one_who_is_erased_before_it_is_written_has_no_file(
    admin: Person, two: tuple[Planted, Planted], write: Callable[[], None]
) -> None:
    asked = {"what": "guest", "filters": {"guestId": two[0].id}}
    job = succeeded(admin.post("/exports", asked), 202)["id"]
    erasure.erase(admin.db, two[0].id)
    write()
    assert succeeded(admin.get(f"/exports/{job}"))["status"] == "failed"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"what": "guest", "format": "csv", "filters": {"guestId": "x"}}, "format"),
        ({"what": "guests", "format": "zip"}, "format"),
        ({"what": "guest"}, "filters.guestId"),
        ({"what": "guest", "filters": {"guestId": "guest-none"}}, "filters.guestId"),
        ({"what": "guest", "filters": {"guestId": "x", "tag": "y"}}, "filters.tag"),
    ],
)
def test_what_is_no_export_of_a_guest_is_refused(admin: Person, asked: Any, field: str) -> None:
    answer = refused(admin.post("/exports", asked), 400)
    assert [detail["field"] for detail in answer["details"]] == [field]
