"""Photos of tasks: who may put which there, what becomes of those that are taken away, and that a guest's go with them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from flask import Flask

from jack.core.clock import later
from jack.core.db import Database
from jack.operations.attachments_archive import mark_lost
from jack.resources.attachments import cleanup, previews, storage
from jack.resources.privacy import erasure
from tests.builders import make_conversation, make_guest, make_task
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person
from tests.resources.attachments.samples import JPEG, PNG
from tests.resources.attachments.test_upload import upload

LONG_AGO = "2020-01-01T00:00:00.000Z"


def uploaded(who: Person, name: str = "room.png", content: bytes = PNG) -> str:
    return str(succeeded(upload(who, content, name), 201)["id"])


def put(who: Person, task_id: str, *ids: str, **more: Any) -> Any:
    return who.patch(f"/tasks/{task_id}", {"attachmentIds": list(ids), **more})


def on_disk(app: Flask) -> list[Path]:
    folder = storage.folder_of(app.extensions["jack"].config.database)
    return [path for path in folder.rglob("*") if path.is_file()]


def events(db: Database, task_id: str) -> list[tuple[str, str]]:
    rows = db.all(
        "SELECT type, changed FROM events WHERE subject_id = :id ORDER BY seq", {"id": task_id}
    )
    return [(row["type"], row["changed"]) for row in rows]


def test_a_task_is_completed_with_photos_which_it_shows_in_order_and_anybody_may_load(
    member: Person, manager: Person, app_db: Database
) -> None:
    task = make_task(app_db)["id"]
    assert succeeded(member.get(f"/tasks/{task}"))["attachments"] == []
    first, second = uploaded(member, "before.png"), uploaded(member, "after.png")
    done = succeeded(put(member, task, second, first, status="completed"))
    assert [(file["id"], file["name"]) for file in done["attachments"]] == [
        (second, "after.png"),
        (first, "before.png"),
    ]
    shown = done["attachments"][0]
    assert shown["url"] == f"/api/v1/attachments/{second}"
    assert (shown["mime"], shown["size"], shown["previewUrl"]) == ("image/png", len(PNG), None)
    assert manager.get(f"/attachments/{second}").data == PNG
    assert succeeded(manager.get(f"/tasks/{task}")) == done
    listed = succeeded(manager.get("/tasks?status=completed"))
    assert listed == [done]
    assert events(app_db, task)[-1] == (
        "task.completed",
        '["status","completedAt","attachments"]',
    )


def test_the_same_files_once_more_change_nothing(member: Person, app_db: Database) -> None:
    task, photo = make_task(app_db)["id"], uploaded(member)
    once = succeeded(put(member, task, photo))
    told = events(app_db, task)
    assert succeeded(put(member, task, photo)) == once
    assert events(app_db, task) == told


def test_one_that_is_left_out_is_deleted_with_its_file(
    member: Person, manager: Person, app: Flask, app_db: Database
) -> None:
    task, wrong, right = make_task(app_db)["id"], uploaded(member), uploaded(member, "right.png")
    succeeded(put(member, task, wrong, right))
    assert len(on_disk(app)) == 2
    kept = succeeded(put(manager, task, right))  # a colleague's photo may stay, or go
    assert [file["id"] for file in kept["attachments"]] == [right]
    assert refused(member.get(f"/attachments/{wrong}"), 404)
    assert len(on_disk(app)) == 1
    assert events(app_db, task)[-1] == ("task.updated", '["attachments"]')


def test_what_is_anothers_or_belongs_elsewhere_is_refused_and_nothing_changes(
    member: Person, manager: Person, app_db: Database
) -> None:
    task, other = make_task(app_db)["id"], make_task(app_db)["id"]
    theirs, taken = uploaded(manager), uploaded(member)
    succeeded(put(member, other, taken))
    mine = uploaded(member)
    for wrong in (theirs, taken, "nothing"):
        answer = refused(put(member, task, mine, wrong, title="Changed"), 400)
        assert answer["details"][0]["field"] == "attachmentIds.1"
    assert refused(put(member, task, mine, mine), 400)["details"][0]["field"] == "attachmentIds"
    now = succeeded(member.get(f"/tasks/{task}"))
    assert now["attachments"] == []
    assert now["title"] != "Changed"
    many = refused(put(member, task, *(f"file-{n}" for n in range(11))), 400)["details"]
    assert [(one["field"], one["code"]) for one in many] == [("attachmentIds", "too_many")]


def test_no_message_sends_a_photo_of_a_task(member: Person, app_db: Database) -> None:
    task, photo = make_task(app_db)["id"], uploaded(member)
    succeeded(put(member, task, photo))
    talk = make_conversation(app_db)["id"]
    body = {"content": "Look", "attachmentIds": [photo]}
    assert refused(member.post(f"/conversations/{talk}/messages", body), 400)


def test_cleanup_leaves_it_alone_and_takes_what_belongs_to_nothing(
    member: Person, app_db: Database
) -> None:
    task, photo, unused = make_task(app_db)["id"], uploaded(member), uploaded(member)
    succeeded(put(member, task, photo))
    app_db.run("UPDATE attachments SET created_at = :then", {"then": LONG_AGO})
    cleanup.cleanup(app_db)
    assert member.get(f"/attachments/{photo}").data == PNG
    assert refused(member.get(f"/attachments/{unused}"), 404)


def convert(db: Database, one: str) -> None:
    """Make the JPEG of a picture, as of one that browsers do not show."""
    due = {"id": one, "now": later(db.now(), seconds=-1)}
    db.run("UPDATE attachments SET preview_due_at = :now WHERE id = :id", due)
    previews.convert_due(db, lambda: None, lambda path: JPEG)


def test_a_picture_that_browsers_do_not_show_has_a_jpeg_before_and_after_it_is_put_there(
    member: Person, app: Flask, app_db: Database
) -> None:
    task, early, late = make_task(app_db)["id"], uploaded(member), uploaded(member)
    convert(app_db, early)
    succeeded(put(member, task, early, late))
    convert(app_db, late)
    assert events(app_db, task)[-1] == ("task.updated", '["attachments"]')
    for file in succeeded(member.get(f"/tasks/{task}"))["attachments"]:
        path = file["previewUrl"].removeprefix("/api/v1")
        assert member.get(path).data == JPEG
    app_db.run("UPDATE attachments SET created_at = :then", {"then": LONG_AGO})
    cleanup.cleanup(app_db)
    assert len(on_disk(app)) == 4
    succeeded(put(member, task))
    assert on_disk(app) == []  # with their JPEGs


def test_a_jpeg_that_is_made_later_moves_its_task_in_the_order_of_change(
    member: Person, app_db: Database, clock: Clock
) -> None:
    task, photo = make_task(app_db)["id"], uploaded(member)
    before = succeeded(put(member, task, photo))
    cursor = member.get("/tasks?order=changed&cursor=").json["meta"]["cursor"]
    clock.move(60)
    convert(app_db, photo)
    after = succeeded(member.get(f"/tasks/{task}"))
    assert after["attachments"][0]["previewUrl"]
    assert after["updatedAt"] > before["updatedAt"]
    assert succeeded(member.get(f"/tasks?order=changed&cursor={cursor}")) == [after]
    assert succeeded(member.get(f"/tasks?updatedSince={after['updatedAt']}")) == [after]


def test_one_that_is_lost_in_a_restore_is_named_and_not_offered(
    member: Person, app_db: Database
) -> None:
    task, lost, kept = make_task(app_db)["id"], uploaded(member), uploaded(member)
    convert(app_db, lost)
    before = succeeded(put(member, task, lost, kept))["attachments"]
    assert before[0]["previewUrl"]
    assert [file["status"] for file in before] == ["ready", "ready"]
    rows = app_db.all("SELECT id, file FROM attachments")
    mark_lost(app_db, {row["file"]: Path() for row in rows if row["id"] == kept})
    now = succeeded(member.get(f"/tasks/{task}"))["attachments"]
    assert now == [before[0] | {"status": "failed", "url": None, "previewUrl": None}, before[1]]


def test_a_guests_are_in_their_export_and_gone_after_their_erasure(
    admin: Person, app: Flask, app_db: Database
) -> None:
    guest, other = make_guest(app_db)["id"], make_guest(app_db)["id"]
    task, others = make_task(app_db, guest_id=guest)["id"], make_task(app_db, guest_id=other)["id"]
    photo, theirs = uploaded(admin, "ours.png"), uploaded(admin, "theirs.png", JPEG)
    succeeded(put(admin, task, photo))
    succeeded(put(admin, others, theirs))
    with zipfile.ZipFile(io.BytesIO(admin.get(f"/guests/{guest}/export").data)) as archive:
        (name,) = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(name) == PNG
        assert name.encode() in archive.read("guest.json")
    erasure.erase(app_db, guest)
    assert refused(admin.get(f"/attachments/{photo}"), 404)
    assert len(on_disk(app)) == 1
    assert succeeded(admin.get(f"/tasks/{task}"))["attachments"] == []
    assert len(succeeded(admin.get(f"/tasks/{others}"))["attachments"]) == 1
