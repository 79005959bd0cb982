"""Starting and stopping: what `run` says and refuses, and what `work` does until it is told to end."""

from __future__ import annotations

import fcntl
import io
import os
import re
import runpy
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jack.core.config import BadSetting, Config, read
from jack.core.file_locks import is_locked
from jack.core.service_unit import Installed
from jack.operations import serve
from jack.operations.terminal import CommandRefused
from jack.resources.conversations import messages
from jack.worker.heartbeat import heartbeat_age
from tests.builders import make_conversation, make_member
from tests.commands import (
    PASSWORD,
    PATIENCE,
    ROOT,
    answers,
    database,
    finished,
    settings,
    started,
    typed,
    until,
)
from tests.ports import free_port


class Became(Exception):
    """That this process would now be another program."""


granian_server = runpy.run_path(str(ROOT / "deploy/granian_server.py"))


@pytest.fixture
def becoming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stay this process instead of becoming the server."""

    def execve(program: str, words: tuple[str, ...], env: dict[str, str]) -> None:
        raise Became(*words)

    monkeypatch.setattr(serve.os, "execve", execve)
    monkeypatch.setattr(serve.os, "chdir", lambda _: None)


def config(tmp_path: Path, **own: str) -> Config:
    """The settings of an instance of its own, on a port nobody listens on."""
    return read({"JACK_INSTANCE": str(tmp_path / "instance"), "PORT": str(free_port()), **own})


# ------------------------------------------------------------------------------------------------ which server


def test_behind_a_proxy_it_may_be_gunicorn(tmp_path: Path, becoming: None) -> None:
    with pytest.raises(Became, match=r"gunicorn.*deploy/gunicorn\.conf\.py.*wsgi:app"):
        serve.run(config(tmp_path, JACK_SERVER="gunicorn"), {})


@pytest.mark.parametrize(
    ("environment", "where"),
    [
        ({"PORT": "8123"}, ("--host", "127.0.0.1", "--port", "8123")),
        ({"JACK_HOST": "::1"}, ("--host", "::1", "--port", "8000")),
        ({"JACK_BIND": "192.0.2.1:81"}, ("--host", "192.0.2.1", "--port", "81")),
        ({"JACK_BIND": "[::1]:81"}, ("--host", "::1", "--port", "81")),
        (
            {"JACK_BIND": "unix:/run/jack.sock"},
            ("--uds", "/run/jack.sock", "--uds-permissions", "0770"),
        ),
    ],
)
def test_granian_listens_where_the_settings_say(
    environment: dict[str, str], where: tuple[str, ...]
) -> None:
    found = granian_server["arguments"]({"WEB_CONCURRENCY": "3", **environment})
    assert " ".join(("--workers", "3", *where, "wsgi:rsgi")) in " ".join(found)


@pytest.mark.parametrize("name", ["uwsgi", "Granian", "gunicorn -k gthread"])
def test_another_server_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadSetting, match="JACK_SERVER.*granian or gunicorn"):
        read({"JACK_SERVER": name})


# ------------------------------------------------------------------------------------------------ what it says


def test_the_first_start_prints_a_set_up_link(
    tmp_path: Path, becoming: None, capsys: pytest.CaptureFixture[str]
) -> None:
    own = config(tmp_path)
    with pytest.raises(Became, match=r"deploy/granian_server\.py"):
        serve.run(own, {})
    printed = capsys.readouterr().out
    url = f"http://127.0.0.1:{own.port}"
    assert f"Jack serves at {url}\n" in printed
    assert f"The staff's page:                   {url}/\n" in printed
    assert f"{url}/setup#" in printed
    assert f"curl {url}/healthz" in printed
    assert f"{url}/api/v1/docs" in printed
    assert f"{url}/chat" in printed
    assert (own.instance / "secret.key").stat().st_mode & 0o777 == 0o600
    assert own.instance.stat().st_mode & 0o777 == 0o700


def test_a_later_start_says_how_to_sign_in(
    tmp_path: Path, becoming: None, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = {"JACK_ADMIN_EMAIL": "anna@hotel.example", "JACK_ADMIN_PASSWORD": PASSWORD}
    with pytest.raises(Became):
        serve.run(config(tmp_path, **admin), {})
    printed = capsys.readouterr().out
    assert "/api/v1/auth/login" in printed
    assert "/setup#" not in printed
    assert PASSWORD not in printed


def test_behind_a_proxy_the_public_address_is_named(
    tmp_path: Path, becoming: None, capsys: pytest.CaptureFixture[str]
) -> None:
    own = config(tmp_path, JACK_PUBLIC_URL="https://jack.example.com", JACK_WORKER="0")
    with pytest.raises(Became):
        serve.run(own, {"JACK_BIND": "unix:/run/jack.sock"})
    printed = capsys.readouterr().out
    assert "Jack serves at https://jack.example.com\n" in printed
    assert "https://jack.example.com/setup#" in printed
    assert "`bin/jack work`" in printed


@pytest.mark.parametrize(
    ("own", "environment", "warned"),
    [
        ({}, {}, False),
        ({"JACK_HOST": "localhost"}, {}, False),
        ({"JACK_HOST": "127.0.0.2"}, {}, False),
        ({"JACK_HOST": "0.0.0.0"}, {}, True),  # noqa: S104 (never bound)
        ({"JACK_HOST": "::"}, {}, True),
        ({"JACK_HOST": "0.0.0.0", "JACK_TRUSTED_PROXIES": "1"}, {}, False),  # noqa: S104
        ({"JACK_HOST": "0.0.0.0"}, {"JACK_BIND": "unix:/run/jack.sock"}, False),  # noqa: S104
    ],
)
def test_serving_the_network_without_a_proxy_is_said_in_two_lines(
    own: dict[str, str],
    environment: dict[str, str],
    warned: bool,
    tmp_path: Path,
    becoming: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(serve, "check_port", lambda _: None)
    with pytest.raises(Became):
        serve.run(config(tmp_path, **own), environment)
    printed = capsys.readouterr().out
    assert ("  Exposed: " in printed) is warned
    assert ("  What to do: " in printed) is warned


def test_only_a_terminal_is_told_how_to_end_it(
    tmp_path: Path, becoming: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen()
    monkeypatch.setattr(serve.sys, "stdout", screen)
    with pytest.raises(Became):
        serve.run(config(tmp_path), {})
    assert "    (Ctrl-C ends it)\n" in screen.getvalue()


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_behind_a_socket_nothing_points_to_where_nobody_listens(
    tmp_path: Path, becoming: None, capsys: pytest.CaptureFixture[str]
) -> None:
    own = config(tmp_path)
    with pytest.raises(Became):
        serve.run(own, {"JACK_BIND": "unix:/run/jack.sock"})
    printed = capsys.readouterr().out
    assert "Jack serves at unix:/run/jack.sock, for a proxy" in printed
    assert "JACK_PUBLIC_URL=https://jack.example.com" in printed
    assert not re.search(r"curl|http://|setup#|Ctrl-C", printed)


def test_links_point_to_the_port_jack_is_bound_to(
    tmp_path: Path, becoming: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Became):
        serve.run(config(tmp_path), {"JACK_BIND": "127.0.0.1:8123"})
    printed = capsys.readouterr().out
    assert "Jack serves at http://127.0.0.1:8123\n" in printed
    assert "http://127.0.0.1:8123/setup#" in printed


def test_the_journal_of_a_service_says_once_how_its_user_types_commands(
    tmp_path: Path,
    becoming: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = Installed("/etc/systemd/system/jack.service", {}, "jack", ())
    monkeypatch.setattr(serve, "installed", lambda _: service)
    monkeypatch.setenv("INVOCATION_ID", "0")
    own = config(tmp_path, JACK_PUBLIC_URL="https://jack.example.com")
    monkeypatch.setenv("JACK_INSTANCE", str(own.instance))
    monkeypatch.setenv("JACK_PUBLIC_URL", "https://jack.example.com")
    migrated = typed("migrate").output  # as ExecStartPre does
    with pytest.raises(Became):
        serve.run(own, {"JACK_BIND": "unix:/run/jack.sock"})
    printed = migrated + capsys.readouterr().out
    assert printed.count("/setup#") == 1
    assert f"sudo -u jack {ROOT}/bin/jack setup-link" in printed


def test_a_link_that_would_lead_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("JACK_BIND", "unix:/run/jack.sock")
    monkeypatch.delenv("JACK_PUBLIC_URL", raising=False)
    refused = typed("setup-link")
    assert refused.exit_code == 1
    assert "JACK_PUBLIC_URL=https://jack.example.com" in refused.output
    monkeypatch.setenv("JACK_PUBLIC_URL", "https://jack.example.com")
    assert "https://jack.example.com/setup#" in typed("setup-link").output


# ------------------------------------------------------------------------------------------------ what it refuses


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        own = config(tmp_path, PORT=str(port))
        with pytest.raises(CommandRefused, match=rf"Port {port} is taken.*PORT={port + 1}"):
            serve.run(own, {})
    assert not own.database.exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_of_another_machine_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(CommandRefused, match=host):
        serve.run(config(tmp_path, JACK_HOST=host), {})


def test_a_port_of_the_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(serve, "probe_port", denied)
    with pytest.raises(CommandRefused, match="above 1023"):
        serve.check_port(read({"PORT": "80"}))


def test_a_port_taken_by_this_very_jack_is_named_so(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        own = config(tmp_path, PORT=str(other.getsockname()[1]))
        own.instance.mkdir()
        with own.worker_lock.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(CommandRefused, match="this Jack, which is running"):
                serve.run(own, {})


def test_beside_a_worker_of_its_own_the_server_starts(tmp_path: Path, becoming: None) -> None:
    own = config(tmp_path)
    own.instance.mkdir()
    with own.worker_lock.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Became):
            serve.run(own, {})


@pytest.mark.parametrize("count", ["0", "many", "65", "²", "-1"])
def test_a_bad_number_of_processes_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(BadSetting, match="WEB_CONCURRENCY"):
        serve.run(config(tmp_path), {"WEB_CONCURRENCY": count})


def test_a_weak_key_is_refused(tmp_path: Path) -> None:
    own = config(tmp_path)
    own.instance.mkdir()
    (own.instance / "secret.key").write_text("changeme")
    with pytest.raises(BadSetting, match=r"secret\.key"):
        serve.run(own, {})


# ------------------------------------------------------------------------------------------------ for real


@pytest.fixture
def program() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command as a program of its own; what is left of it ends with the test."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str, **options: Any) -> subprocess.Popen[str]:
        running.append(started(*words, **options))
        return running[-1]

    yield start
    for each in running:
        if each.poll() is None:
            each.kill()
        each.communicate()


@pytest.mark.system
def test_run_serves_until_it_is_told_to_end_and_starts_again(
    tmp_path: Path, program: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"), PORT=str(port))
    server = program("run", env=env)
    until(lambda: answers(port), "the first answer")

    refused = finished("run", env=env)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1

    server.send_signal(signal.SIGTERM)
    printed, _ = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    found = re.search(r"/setup#(\S+)", printed)
    assert found is not None

    server = program("run", env=env)
    until(lambda: answers(port), "an answer after the restart")
    who = {"name": "Anna", "email": "anna@hotel.example", "password": PASSWORD}
    setup = f"http://127.0.0.1:{port}/api/v1/auth/setup"
    # The second start printed a new link, so the first one opens nothing any more.
    answer = httpx.post(setup, json={"token": found[1], **who})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    server.send_signal(signal.SIGINT)
    printed, _ = server.communicate(timeout=PATIENCE)
    assert "/setup#" in printed


@pytest.mark.system
def test_work_sends_what_is_to_be_sent_and_ends_when_told(
    tmp_path: Path, program: Callable[..., subprocess.Popen[str]]
) -> None:
    instance = tmp_path / "instance"
    env = settings(JACK_INSTANCE=str(instance))
    with database(instance) as db:
        by = make_member(db)["id"]
        conversation = make_conversation(db)["id"]
        first = program("work", env=env)
        until(lambda: heartbeat_age(instance / "worker.lock") is not None, "a sign of life")
        sent = messages.send(db, conversation, content="Hello", by=by)["id"]
        until(lambda: messages.get(db, sent)["status"] == "sent", "the message to be sent")

        second = program("work", env=env)
        assert second.stdout is not None
        assert "Another worker is at work" in second.stdout.readline()
        first.send_signal(signal.SIGTERM)
        printed, complained = first.communicate(timeout=PATIENCE)
        assert (first.returncode, complained) == (0, "")
        assert "The worker is running" in printed

        sent = messages.send(db, conversation, content="And again", by=by)["id"]
        until(lambda: messages.get(db, sent)["status"] == "sent", "the second worker to take over")
    second.send_signal(signal.SIGINT)
    assert second.wait(PATIENCE) == 0


def test_work_tells_when_the_worker_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setattr("jack.operations.serve.Worker.run", lambda _: None)
    monkeypatch.setattr("jack.operations.serve.signal.signal", lambda *_: None)
    result = typed("work")
    assert result.exit_code == 1
    assert "ended by itself" in result.output


def test_work_ends_at_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process: the signal comes while the worker waits for its next turn."""
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "instance"))
    before = {number: signal.getsignal(number) for number in (2, 15, 1)}
    lock = tmp_path / "instance/worker.lock"

    def interrupt() -> None:
        until(lambda: heartbeat_age(lock) is not None, "a sign of life")
        os.kill(os.getpid(), signal.SIGTERM)

    somebody = threading.Thread(target=interrupt)
    somebody.start()
    try:
        assert typed("work").exit_code == 0
        somebody.join()
        assert not is_locked(lock)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
