"""iPhones' photos: kept with their ending, taken from staff, converted by a process of its own, sent as what everybody opens."""

from __future__ import annotations

import io
import threading

from PIL import Image

from jack.channels.types import Media
from jack.core.db import Database
from jack.resources.attachments import cleanup, previews, storage, store
from jack.worker import data_process, pictures
from tests.builders import make_conversation
from tests.checks import succeeded
from tests.conftest import Person
from tests.resources.attachments.samples import PNG
from tests.resources.attachments.sounds import HEIC
from tests.resources.attachments.test_upload import upload

CUT = HEIC[:200]


def convert(db: Database) -> None:
    previews.convert_due(db, lambda: None, pictures.to_jpeg)


def test_a_photo_of_an_iphone_is_taken_and_shown_as_jpeg(member: Person) -> None:
    path = f"/conversations/{make_conversation(member.db)['id']}/messages"
    sent = succeeded(upload(member, HEIC, "door.HEIC"), 201)
    assert (sent["name"], sent["mime"]) == ("door.HEIC", "image/heic")
    succeeded(member.post(path, {"attachmentIds": [sent["id"]]}), 201)
    convert(member.db)
    (file,) = succeeded(member.get(path))[-1]["attachments"]
    shown = member.get(file["previewUrl"].removeprefix("/api/v1"))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    picture = Image.open(io.BytesIO(shown.data))
    assert sorted(picture.size) == [64, 96]
    assert b"secret place" in HEIC
    assert b"secret place" not in shown.data
    assert member.get(file["url"].removeprefix("/api/v1")).data == HEIC


def test_its_jpeg_comes_along_when_it_is_sent_and_is_what_leaves(member: Person) -> None:
    path = f"/conversations/{make_conversation(member.db)['id']}/messages"
    sent = succeeded(upload(member, HEIC, "door.heic"), 201)
    convert(member.db)
    message = succeeded(member.post(path, {"attachmentIds": [sent["id"]]}), 201)
    (file,) = store.to_send(member.db, message["id"])
    assert (file["name"], file["mime"]) == ("door.jpg", "image/jpeg")
    assert len(message["attachments"]) == 1
    store.delete_of_message(member.db, message["id"])
    assert member.db.value("SELECT count(*) FROM attachments") == 0
    assert not any(storage.folder(member.db).glob("??/*"))


def test_one_that_was_never_sent_goes_with_its_jpeg(member: Person) -> None:
    succeeded(upload(member, HEIC, "door.heic"), 201)
    convert(member.db)
    assert member.db.value("SELECT count(*) FROM attachments") == 2
    member.db.run("UPDATE attachments SET created_at = '2026-01-01T00:00:00.000Z'")
    assert cleanup.cleanup(member.db) == 2


def test_a_photo_of_a_guest_is_converted_and_its_message_is_told_of(db: Database) -> None:
    conversation = make_conversation(db)
    message_id = db.value("SELECT id FROM messages")
    media = Media(mime="image/heic", content=HEIC)
    store.create_received(db, message_id, "web:1", [media])
    before = db.value("SELECT max(seq) FROM events")
    convert(db)
    (file,) = store.of_messages(db, [message_id])[message_id]
    assert file["name"] == "file.heic"
    assert file["preview_url"]
    event = db.row(
        "SELECT type, subject_id, conversation_id FROM events WHERE seq > :n", {"n": before}
    )
    assert list(event.values()) == ["conversation.message.updated", message_id, conversation["id"]]


def test_one_that_cannot_be_read_is_kept_and_left_alone(member: Person) -> None:
    sent = succeeded(upload(member, CUT, "door.heic"), 201)
    convert(member.db)
    assert not previews.due(member.db)
    assert member.get(f"/attachments/{sent['id']}").data == CUT


def test_one_that_ends_the_process_is_tried_three_times(db: Database) -> None:
    with_file(db, HEIC)
    tried = []

    def fall(path: object) -> bytes:
        tried.append(path)
        raise KeyboardInterrupt

    for _ in range(5):
        db.run(
            "UPDATE attachments SET preview_due_at = :now WHERE preview_due_at IS NOT NULL",
            {"now": db.now()},
        )
        try:
            previews.convert_due(db, lambda: None, fall)
        except KeyboardInterrupt:
            continue
    assert len(tried) == 3


def with_file(db: Database, content: bytes) -> str:
    make_conversation(db)
    message_id = str(db.value("SELECT id FROM messages"))
    store.create_received(db, message_id, "web:1", [Media(mime="image/heic", content=content)])
    return message_id


def test_other_pictures_are_not_converted(member: Person) -> None:
    succeeded(upload(member, PNG, "view.png"), 201)
    assert not previews.due(member.db)


def test_the_worker_converts_in_a_process_that_may_fall(db: Database) -> None:
    message_id = with_file(db, HEIC)
    data_process.run("pictures", threading.Event(), "", db)
    assert store.of_messages(db, [message_id])[message_id][0]["preview_url"]
