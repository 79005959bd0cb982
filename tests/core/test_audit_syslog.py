"""The audit log as syslog lines: sent after the commit, to a socket that is really there, and never waited for."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack.core import audit, audit_syslog, config
from jack.core.db import Database, transaction
from tests.builders import make_member


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    audit_syslog.init(None)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[socket.socket]:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(tmp_path / "log"))
    made.settimeout(10)
    yield made
    made.close()


def test_a_row_is_a_line_once_it_is_committed(
    db: Database, daemon: socket.socket, tmp_path: Path
) -> None:
    audit_syslog.init(str(tmp_path / "log"))
    db.begin()
    audit.record(db, "guest.erased", "guest", "guest-0", by="staff-1")
    db.end("ROLLBACK")
    audit.record(db, "guest.updated", "guest", "guest-1", by="staff-1", changed='["name"]')
    line = daemon.recv(4096).decode()
    assert line.startswith("<86>jack: audit at=")
    assert "actor=staff-1 actor_type=staff action=guest.updated subject=guest-1" in line
    assert line.endswith('changed=["name"] ip=- request=-')


def test_it_goes_by_udp_as_well(db: Database) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        audit_syslog.init(audit_syslog.target(f"127.0.0.1:{daemon.getsockname()[1]}"))
        member = make_member(db)["id"]
        assert f"action=staff.created subject={member}" in daemon.recv(4096).decode()


def test_without_a_daemon_nothing_fails_and_one_line_says_so(
    db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audit_syslog.init(str(tmp_path / "log"))
    with caplog.at_level(logging.WARNING, logger="jack.syslog"):
        for _ in range(3):
            make_member(db)
    assert [record.name for record in caplog.records] == ["jack.syslog"]
    assert db.value("SELECT count(*) FROM audit") == 3


def test_a_daemon_that_reads_nothing_is_not_waited_for(
    db: Database, daemon: socket.socket, tmp_path: Path
) -> None:
    audit_syslog.init(str(tmp_path / "log"))
    with transaction(db):
        for _ in range(2000):
            audit.record(db, "task.created", "task", "task-1", by="staff-1")
    assert daemon.recv(4096)
    assert db.value("SELECT count(*) FROM audit") == 2000


def test_a_daemon_that_comes_back_is_sent_to_again(db: Database, tmp_path: Path) -> None:
    audit_syslog.init(str(tmp_path / "log"))
    for _ in range(2):
        (tmp_path / "log").unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
            daemon.bind(str(tmp_path / "log"))
            daemon.settimeout(10)
            make_member(db)
            make_member(db)
            assert b"staff.created" in daemon.recv(4096)


@pytest.mark.parametrize("text", ["log.example:514", "192.0.2.1", "192.0.2.1:0", "1.2.3:514", "x"])
def test_a_bad_target_is_refused_by_name(text: str) -> None:
    with pytest.raises(config.BadSetting, match="JACK_AUDIT_SYSLOG"):
        config.read({"JACK_AUDIT_SYSLOG": text})


def test_good_targets() -> None:
    assert audit_syslog.target("/dev/log") == "/dev/log"
    assert audit_syslog.target("[::1]:514") == ("::1", 514)
    assert audit_syslog.target("") is None
