"""`doctor` names each thing that is wrong, says what to do, and leaves everything as it is."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from jack.core.sqlite import DatabaseError
from jack.operations.doctor import machine, service
from jack.resources.auth import passwords
from jack.resources.conversations import messages
from jack.resources.staff import store as staff
from tests.builders import make_conversation
from tests.commands import database, typed
from tests.ports import free_port

Usage = namedtuple("Usage", "total used free")
# Said of every hotel that has no e-mail yet, as the one here.
WITHOUT_MAIL = "no mail can leave:"
EVERY = "0.0.0.0"  # noqa: S104 (a setting; nothing is bound)
HEALTHY = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'


class Listener:
    """Somebody who answers on a port of this machine, or on a unix socket, always the same."""

    def __init__(self, answer: bytes, address: str | None = None) -> None:
        family = socket.AF_UNIX if address else socket.AF_INET
        self.answer, self.socket = answer, socket.socket(family)
        self.socket.bind(address or ("127.0.0.1", 0))
        self.socket.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            line, _ = self.socket.accept()
            with line:
                if line.recv(4096) == b"":
                    return
                line.sendall(self.answer)

    def close(self) -> None:
        with socket.socket(self.socket.family) as last:
            last.connect(self.socket.getsockname())
        self.thread.join()
        self.socket.close()


@pytest.fixture
def listening() -> Iterator[list[Listener]]:
    """Those a test starts; they end with it."""
    started: list[Listener] = []
    yield started
    for listener in started:
        listener.close()


@pytest.fixture
def instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: list[Listener]
) -> Iterator[Path]:
    """A hotel where all is well: an administrator, a worker, somebody who answers."""
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    listening.append(Listener(HEALTHY))
    folder = tmp_path / "instance"
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    monkeypatch.setenv("PORT", str(listening[0].socket.getsockname()[1]))
    # Nor do this machine's systemd and disk decide.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "_disk_kind", lambda _: "ext4")
    monkeypatch.setattr(passwords, "hashed", lambda _: "not a hash")
    typed("create-admin", "--email", "a@b.cd", "--name", "A", stdin="correct horse battery")
    (folder / "secret.key").write_text(os.urandom(32).hex())
    (folder / "secret.key").chmod(0o600)
    with (folder / "worker.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def lines(state: str) -> list[str]:
    """What the doctor says of that kind."""
    result = typed("doctor")
    told = [line for line in result.stdout.splitlines() if WITHOUT_MAIL not in line]
    found = [line[7:] for line in told if line.startswith(state)]
    if state == "WRONG":
        assert result.exit_code == (1 if found else 0)
    return found


def wrong() -> str:
    """The only thing that is wrong."""
    (found,) = lines("WRONG")
    return found


def test_where_all_is_well_nothing_is_wrong(instance: Path) -> None:
    assert lines("WRONG") == []
    assert lines("note") == []
    assert len(lines("ok")) > 8


def test_a_bad_setting_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_WORKER", "perhaps")
    assert wrong() == "JACK_WORKER='perhaps': write 1 or 0"


def test_a_misspelt_setting_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_RATE_LIMITS", "1/minute")
    assert wrong() == "JACK_RATE_LIMITS is no setting of Jack's: is JACK_RATE_LIMIT meant?"
    monkeypatch.delenv("JACK_RATE_LIMITS")
    monkeypatch.setenv("JACK_XYZZY", "1")
    assert wrong() == "JACK_XYZZY is no setting of Jack's"


def test_an_old_python_or_sqlite_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "sys", SimpleNamespace(version_info=(3, 10)))
    assert "3.11 is needed" in wrong()
    monkeypatch.undo()


def test_an_unsafe_sqlite_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsafe() -> None:
        raise DatabaseError("SQLite 3.40.1 can lose writes; Jack needs 3.51.3 or later")

    monkeypatch.setattr(machine, "check_library", unsafe)
    states = {finding.state: finding.message for finding in machine.programs()}
    assert "SQLite 3.40.1" in states["WRONG"]


def test_a_full_disk_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 5 * 1024 * 1024))
    assert "the disk is almost full (5 MiB of disk are free)" in wrong()


def test_a_disk_too_small_for_a_copy_is_worth_a_note(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (instance / "jack.db").open("r+b") as file:
        file.truncate(100 * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 150 * 1024 * 1024))
    assert "less than a backup" in lines("note")[0]


@pytest.mark.parametrize(
    ("kind", "says"),
    [("nfs4", "network disk (nfs4)"), ("tmpfs", "in memory (tmpfs)"), ("vfat", "no owner (vfat)")],
)
def test_a_disk_for_no_database_is_wrong(
    instance: Path, monkeypatch: pytest.MonkeyPatch, kind: str, says: str
) -> None:
    monkeypatch.setattr(machine, "_disk_kind", lambda _: kind)
    assert says in wrong()


def test_the_layer_of_a_container_is_worth_a_note(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_disk_kind", lambda _: "overlay")
    assert "give it a volume" in lines("note")[0]


def test_the_kind_of_disk_is_that_of_the_nearest_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a folder"
    escaped = str(folder).replace(" ", "\\040")
    text = (
        f"/dev/x / ext4 rw 0 0\nsystemd-1 {escaped} zonefs rw 0 0\nserver:/a {escaped} nfs rw 0 0\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: text)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    assert machine._disk_kind(folder / "instance") == "nfs"
    assert machine._disk_kind(tmp_path / "instance") == "ext4"
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert machine._disk_kind(tmp_path / "instance") is None


def test_a_secret_key_others_can_read_is_wrong(instance: Path) -> None:
    (instance / "secret.key").chmod(0o644)
    output = wrong()
    assert "secret.key (mode 0644)" in output
    assert "chmod 600" in output
    assert (instance / "secret.key").stat().st_mode & 0o777 == 0o644


def test_an_open_folder_and_database_are_wrong(instance: Path) -> None:
    instance.chmod(0o755)
    (instance / "jack.db").chmod(0o640)
    folder, database_file = lines("WRONG")
    assert "chmod 700" in folder
    assert "jack.db (mode 0640)" in database_file


def test_a_database_others_could_read_is_safe_in_a_closed_folder(instance: Path) -> None:
    (instance / "jack.db").chmod(0o644)
    assert lines("WRONG") == []


def test_files_of_another_user_are_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr("jack.operations.doctor.machine.os.geteuid", lambda: mine + 54321)
    output = lines("WRONG")
    assert len(output) == 3
    assert all(f"you are user {mine + 54321}" in line for line in output)
    # Another user's database is not even opened: that would leave files its owner cannot use.
    assert "the database is of version 1" not in lines("ok")


def test_a_file_that_cannot_be_written_is_wrong(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "jack.operations.doctor.machine.os.access",
        lambda path, *_, **__: Path(path).name != "jack.db",
    )
    assert "jack.db cannot be read and written" in wrong()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of other users")
def test_a_file_that_root_has_left_there_is_wrong(instance: Path) -> None:
    (instance / "backups").mkdir(exist_ok=True)
    (instance / "backups/one.db").touch()
    os.chown(instance / "backups/one.db", 65534, 65534)
    output = wrong()
    assert "backups/one.db belongs to nobody, and Jack, as root, cannot use it" in output
    assert f"sudo chown -R root: {instance}" in output


def test_a_weak_key_is_wrong(instance: Path) -> None:
    (instance / "secret.key").write_text("secret")
    assert "too weak" in wrong()


def test_a_key_that_cannot_be_read_is_wrong(instance: Path) -> None:
    (instance / "secret.key").write_bytes(b"\xff" * 64)
    assert "cannot be read" in wrong()


def test_a_missing_key_is_worth_a_note(instance: Path) -> None:
    (instance / "secret.key").unlink()
    assert lines("note") == ["there is no signing key yet: the next start makes one"]
    assert not (instance / "secret.key").exists()


def test_a_clock_before_the_release_is_wrong(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jack.operations.doctor.clock.time", SimpleNamespace(time=lambda: 0.0))
    assert "the clock says 1970" in wrong()


def test_files_of_the_future_are_wrong(instance: Path) -> None:
    later = time.time() + 3600
    os.utime(instance / "jack.db", (later, later))
    assert "the clock went back" in wrong()


def test_events_of_the_future_are_wrong(instance: Path) -> None:
    with database(instance) as db:
        db.run("UPDATE events SET created_at = '2099-01-01T00:00:00.000Z'")
    assert "noted for 2099" in wrong()


def test_without_a_database_there_is_only_one_thing_to_do(instance: Path) -> None:
    (instance / "jack.db").unlink()
    assert "there is no database yet" in wrong()
    assert not (instance / "jack.db").exists()


def test_without_a_folder_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "not/yet"))
    assert "there is no database yet" in wrong()
    assert "is not there yet" in lines("note")[0]
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(("version", "says"), [(0, "bin/jack migrate"), (99, "newer Jack")])
def test_another_version_is_wrong(instance: Path, version: int, says: str) -> None:
    with database(instance) as db:
        db.run(f"PRAGMA user_version = {version}")
    output = wrong()
    assert f"is of version {version}" in output
    assert says in output


def test_a_database_out_of_wal_mode_is_wrong(instance: Path) -> None:
    with database(instance) as db:
        db.run("PRAGMA journal_mode = DELETE")
    assert "not in WAL mode" in wrong()


def test_a_damaged_database_is_wrong(instance: Path) -> None:
    (instance / "jack.db").write_bytes(b"garbage " * 1024)
    assert "cannot be opened" in wrong()


def test_a_database_that_cannot_be_read_is_wrong(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: object) -> None:
        raise OSError("a bad sector")

    monkeypatch.setattr(service.sessions, "has_admin", unreadable)
    assert "cannot be read (a bad sector)" in wrong()


def test_an_installation_without_an_administrator_is_wrong(instance: Path) -> None:
    with database(instance) as db:
        db.run("UPDATE staff SET role = 'staff'")
    assert "no administrator" in wrong()


def test_messages_that_wait_too_long_are_wrong(instance: Path) -> None:
    with database(instance) as db:
        conversation = make_conversation(db)
        by = str(staff.id_of(db, "a@b.cd"))
        messages.send(db, conversation["id"], content="Hello", by=by)
        db.run("UPDATE outbox SET due_at = '2026-01-01T00:00:00.000Z'")
    assert wrong().startswith("1 messages should have gone out")


@pytest.mark.parametrize(
    ("ago", "says"), [(60, "60 seconds"), (600, "10 minutes"), (7200, "2 hours"), (9 * 86400, "9 days")]
)  # fmt: skip
def test_a_stale_worker_is_wrong(instance: Path, ago: float, says: str) -> None:
    then = time.time() - ago
    os.utime(instance / "worker.lock", (then, then))
    assert f"the worker is not running (its last sign of life was {says} ago)" in wrong()


def test_a_worker_that_has_just_died_is_wrong(instance: Path) -> None:
    (instance / "worker.lock").unlink()
    (instance / "worker.lock").touch()
    assert "the worker is not running" in wrong()


def test_a_worker_that_never_ran_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (instance / "worker.lock").unlink()
    monkeypatch.setenv("JACK_WORKER", "0")
    output = wrong()
    assert "has never run" in output
    assert "bin/jack work" in output


def test_a_silent_port_is_wrong(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    assert f"nobody answers at 127.0.0.1:{port}" in wrong()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"220 mail\r\n"]
)
def test_another_program_on_the_port_is_wrong(
    instance: Path, monkeypatch: pytest.MonkeyPatch, listening: list[Listener], answer: bytes
) -> None:
    listening.append(Listener(answer))
    monkeypatch.setenv("PORT", str(listening[1].socket.getsockname()[1]))
    assert "another program answers" in wrong()


def test_a_unix_socket_is_asked_as_well(
    instance: Path, monkeypatch: pytest.MonkeyPatch, listening: list[Listener], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    listening.append(Listener(HEALTHY, "jack.sock"))
    monkeypatch.setenv("JACK_BIND", "unix:jack.sock")
    assert lines("WRONG") == []
    monkeypatch.setenv("JACK_BIND", "unix:other.sock")
    assert "nobody answers at unix:other.sock" in wrong()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"JACK_HOST": EVERY}, ["without encryption"]),
        ({"JACK_PUBLIC_URL": "https://jack.example.com"}, ["JACK_TRUSTED_PROXIES=1"]),
        ({"JACK_TRUSTED_PROXIES": "1"}, ["JACK_PUBLIC_URL"]),
        ({"JACK_TRUSTED_PROXIES": "1", "JACK_HOST": EVERY}, ["pretend", "JACK_PUBLIC_URL"]),
        ({"JACK_TRUSTED_PROXIES": "1", "JACK_PUBLIC_URL": "https://jack.example.com"}, []),
    ],
)
def test_addresses_that_do_not_fit_together_are_worth_a_note(
    instance: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: list[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = lines("note")
    assert len(found) == len(says)
    for line, words in zip(found, says, strict=True):
        assert words in line
