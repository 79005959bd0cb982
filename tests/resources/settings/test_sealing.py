"""No secret is readable in the files of an instance: it is sealed when it is put, and by the next start where it was not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask

from jack.core import sealing
from jack.core.config import Config, read
from jack.core.db import Database, as_json
from jack.operations import bootstrap
from jack.resources.settings import store
from tests.checks import named, refused, succeeded
from tests.commands import looked_at, typed
from tests.conftest import Person

SECRET = "Rosebud-4711"
MAIL: dict[str, Any] = {
    "enabled": True,
    "address": "front@hotel.example",
    "smtp": {"host": "smtp.example", "username": "front", "password": SECRET},
    "imap": {"host": "imap.example", "username": "front", "password": SECRET + "-2"},
}
OWN: dict[str, Any] = {
    "link": f"https://user:{SECRET}@x.example/a",
    "pin": {"password": 471100},
    "list": [{"token": SECRET}, {"tokens": [SECRET, None, ""]}],
    "plain": "words",
}
KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


def in_the_clear(db: Database, key: str, value: dict[str, Any]) -> None:
    """A setting as older versions of Jack have stored it."""
    db.run(
        "INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, '2026-01-01T00:00:00.000Z')",
        {"key": key, "value": as_json(value)},
    )


def files_with(folder: Path, words: str) -> list[str]:
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    ]


def test_what_is_put_is_sealed_and_comes_back_whole(db: Database) -> None:
    for key, value in (("channels.email", MAIL), ("own", OWN)):
        store.put(db, key, value)
        assert store.value(db, key) == value
    row = orjson.loads(db.value("SELECT value FROM settings WHERE key = 'own'"))
    assert row["plain"] == "words"
    assert row["list"][1]["tokens"][1:] == [None, ""]
    db.checkpoint()
    assert files_with(db.path.parent, SECRET) == []
    assert files_with(db.path.parent, "471100") == []


def test_every_put_seals_anew_and_in_its_own_place(db: Database) -> None:
    store.put(db, "one", {"token": SECRET})
    store.put(db, "two", {"token": SECRET})
    one, two = db.column("SELECT value FROM settings ORDER BY key")
    assert one != two
    db.run("UPDATE settings SET value = :value WHERE key = 'two'", {"value": one})
    assert store.value(db, "two") == {"token": None}


def test_events_tell_no_secret(db: Database) -> None:
    store.put(db, "own", OWN)
    assert SECRET not in str(db.all("SELECT * FROM events"))


def config_of(db: Database) -> Config:
    return read({"JACK_INSTANCE": str(db.path.parent)})


def test_a_start_seals_what_older_versions_stored(db: Database) -> None:
    in_the_clear(db, "channels.email", MAIL)
    in_the_clear(db, "own", OWN)
    in_the_clear(db, "plain", {"a": "words"})
    assert store.value(db, "own") == OWN
    lines: list[str] = []
    bootstrap.prepare(config_of(db), db, say=lines.append)
    assert [line.split(".")[0] for line in lines] == [
        "Sealed the secrets of the setting channels",
        "Sealed the secrets of the setting own",
    ]
    assert "backups/" in lines[0]
    assert files_with(db.path.parent, SECRET) == []
    assert (store.value(db, "channels.email"), store.value(db, "own")) == (MAIL, OWN)
    assert db.column("SELECT DISTINCT updated_at FROM settings") == ["2026-01-01T00:00:00.000Z"]
    lines.clear()
    bootstrap.prepare(config_of(db), db, say=lines.append)
    assert lines == []


def test_a_start_that_is_ended_in_between_goes_on(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_clear(db, "own", OWN)
    in_the_clear(db, "second", {"token": SECRET})
    run, written = db.run, []

    def ends(sql: str, params: Any) -> int:
        if written:
            raise KeyboardInterrupt
        written.append(sql)
        return run(sql, params)

    monkeypatch.setattr(db, "run", ends)
    with pytest.raises(KeyboardInterrupt):
        store.seal_all(db)
    monkeypatch.undo()
    assert store.value(db, "own") == OWN
    assert store.seal_all(db) == ["own", "second"]


@pytest.mark.parametrize("lost", ["another key", "no key"])
def test_under_another_key_the_account_is_off_and_asks_again(lost: str, db: Database) -> None:
    store.put(db, "channels.email", MAIL)
    store.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET + "-long-enough"})
    assert store.unreadable(db) == []
    key = db.path.with_name("secret.key")
    before = key.read_text()
    key.unlink()
    if lost == "another key":
        key.write_text(KEY)
    value = store.value(db, "channels.email")
    assert (value["enabled"], value["smtp"]["password"]) == (False, None)
    assert value["smtp"]["host"] == "smtp.example"
    web = store.value(db, "channels.web")
    assert (web["enabled"], web["identitySecret"]) == (True, None)
    assert store.unreadable(db) == ["channels.email", "channels.web"]
    assert store.seal_all(db) == []  # nothing is thrown away
    key.write_text(before)
    assert store.value(db, "channels.email") == MAIL


def test_what_was_lost_is_put_again(app: Flask, admin: Person) -> None:
    succeeded(admin.put("/settings/channels.email", {"value": MAIL}))
    key = admin.db.path.with_name("secret.key")
    key.write_text(KEY)
    shown = succeeded(admin.get("/settings/channels.email"))["value"]
    assert (shown["enabled"], shown["smtp"]["password"]) == (False, None)
    mask = {**MAIL, "smtp": {**MAIL["smtp"], "password": "********"}}
    assert named(refused(admin.put("/settings/channels.email", {"value": mask}), 400)) == {
        "value.smtp.password"
    }
    succeeded(admin.put("/settings/channels.email", {"value": MAIL}))
    assert store.value(admin.db, "channels.email") == MAIL


def test_the_key_of_the_environment_seals_as_well(db: Database) -> None:
    sealing.configure(db.path, KEY)
    try:
        store.put(db, "own", OWN)
        assert not db.path.with_name("secret.key").exists()
        assert store.value(db, "own") == OWN
    finally:
        sealing.configure(db.path, None)
    assert store.unreadable(db) == ["own"]


def test_a_backup_tells_no_secret_and_a_restore_says_what_it_lacks(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(db, "channels.email", MAIL)
    monkeypatch.setenv("JACK_INSTANCE", str(db.path.parent))
    copy, other = tmp_path / "copy.db", tmp_path / "other"
    assert typed("backup", str(copy)).exit_code == 0
    assert SECRET.encode() not in copy.read_bytes()
    monkeypatch.setenv("JACK_INSTANCE", str(other))
    result = typed("restore", str(copy))
    assert result.exit_code == 0
    assert "sealed with another signing key: channels.email" in result.output
    assert not (other / "secret.key").exists()
    (other / "secret.key").write_text(db.path.with_name("secret.key").read_text())
    with looked_at(other / "jack.db") as restored:
        assert store.value(restored, "channels.email") == MAIL
    assert "another signing key" not in typed("restore", str(copy)).output


def test_a_public_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(Exception, match="without a user and password") as error:
        read({"JACK_PUBLIC_URL": f"https://user:{SECRET}@jack.example.com"})
    assert SECRET not in str(error.value)
