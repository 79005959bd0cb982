"""A file's whole way: uploaded by staff, sent with a message, read by its visitor; and through a process that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.operations import attachments_archive
from jack.operations.terminal import Progress
from jack.resources.attachments import cleanup, storage
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_member, make_visitor
from tests.checks import named, refused, succeeded
from tests.commands import ROOT, settings, until
from tests.conftest import Person
from tests.resources.attachments.samples import PDF, PNG
from tests.resources.attachments.test_upload import upload


@pytest.fixture
def path(member: Person) -> str:
    """Of the messages of a web conversation."""
    return f"/conversations/{make_conversation(member.db)['id']}/messages"


def given(who: Person, content: bytes = PNG) -> str:
    return str(succeeded(upload(who, content, "view.png"), 201)["id"])


def test_a_visitor_reads_the_file_they_were_sent(member: Person, client: FlaskClient) -> None:
    session, token = make_visitor(member.db)
    said, _ = webchat.receive(member.db, session, content="Hola", client_message_id="1")
    path = f"/conversations/{said['conversation_id']}/messages"
    file = given(member)
    sent = succeeded(member.post(path, {"attachmentIds": [file]}), 201)
    assert (sent["content"], sent["status"]) == ("", "queued")
    assert [one["id"] for one in sent["attachments"]] == [file]
    assert succeeded(member.get(path))[-1] == sent
    headers = {"Authorization": f"Bearer {token}"}
    shown = succeeded(client.get("/api/v1/webchat/messages", headers=headers))[-1]
    answer = client.get(shown["attachments"][0]["url"], headers=headers, buffered=True)
    assert answer.data == PNG


def test_a_file_leaves_once_and_its_order_is_kept(member: Person, path: str) -> None:
    first, second = given(member), given(member, PDF)
    sent = succeeded(member.post(path, {"content": "Here", "attachmentIds": [second, first]}), 201)
    assert [one["id"] for one in sent["attachments"]] == [second, first]
    error = refused(member.post(path, {"content": "Again", "attachmentIds": [first]}), 400)
    assert named(error) == {"attachmentIds.0"}
    assert len(succeeded(member.get(path))) == 2


@pytest.mark.parametrize("ids", [["x"] * 11, [1], "x", [None], ["file-none"], {}, [""]])
def test_ids_that_are_none_are_refused_and_nothing_is_sent(
    ids: object, member: Person, path: str
) -> None:
    error = refused(member.post(path, {"content": "Here", "attachmentIds": ids}), 400)
    assert {field.partition(".")[0] for field in named(error)} == {"attachmentIds"}
    assert len(succeeded(member.get(path))) == 1


def test_a_message_of_nothing_is_refused(member: Person, path: str) -> None:
    refused(member.post(path, {}), 400)


def test_a_file_sent_before_is_there_when_the_upload_of_a_day_ago_is_tidied(
    app: Flask, member: Person, path: str
) -> None:
    sent, unsent = given(member), given(member)
    succeeded(member.post(path, {"attachmentIds": [sent]}), 201)
    member.db.run("UPDATE attachments SET created_at = '2026-01-01T00:00:00.000Z'")
    cleanup.cleanup(member.db)
    assert member.get(f"/attachments/{sent}").data == PNG
    refused(member.get(f"/attachments/{unsent}"), 404)


# ------------------------------------------------------------------------------------------------ killed

KEEP = """
import sys
from pathlib import Path
from jack.resources.attachments import storage, store
from jack.core.db import Database
from jack.core.atomic_file import AtomicFile
db = Database(Path(sys.argv[1]), deadline=20)
print("up", flush=True)
while True:
    with AtomicFile(storage.folder(db), storage.LIMIT) as file:
        for _ in range(20):
            file.write(b"%PDF-1.7 " + bytes(50_000))
        store.create(db, file, name="a.pdf", by=sys.argv[2])
"""


def test_a_kill_leaves_no_row_without_its_file(db: Database) -> None:
    by = str(make_member(db)["id"])
    program = [sys.executable, "-c", KEEP, str(db.path), by]
    for round in range(12):
        writer = subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT, env=settings())
        assert writer.stdout
        with writer.stdout:
            assert writer.stdout.readline() == b"up\n"
            wanted = db.value("SELECT count(*) FROM attachments") + 1 + round % 3
            until(
                lambda wanted=wanted: db.value("SELECT count(*) FROM attachments") >= wanted,
                "a file",
            )
        writer.kill()
        assert writer.wait(20) == -signal.SIGKILL
    with Progress("Reading") as progress:
        assert list(attachments_archive.problems(db, storage.folder(db), progress)) == []
    named = {row["file"] for row in db.all("SELECT file FROM attachments")}
    on_disk = dict(storage.files_in(storage.folder(db)))
    assert len(on_disk.keys() - named) <= 12  # what each left on its way
    for path in on_disk.values():
        os.utime(path, (0, 0))
    folder = storage.folder(db)
    left = cleanup.orphans(db, [folder, *folder.iterdir()])
    assert {str(path.relative_to(folder)) for path in left} == on_disk.keys() - named
