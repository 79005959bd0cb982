"""`doctor` knows which processes run this Jack, as whom, and whether a proxy may connect: seen of servers that really run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from jack.core.config import read
from jack.core.places import ROOT
from jack.operations.doctor import processes, programs, sockets
from jack.operations.doctor.findings import Finding
from tests.commands import answers, database, finished, settings, started, until
from tests.ports import free_port

pytestmark = pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock"
)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts processes of other users")
NOBODY, WWW_DATA = 65534, 33


@contextmanager
def running(instance: Path, *words: str, root: Path = ROOT, **own: str) -> Iterator[int]:
    """A command of Jack's that runs until the end of the block; its number."""
    env = settings(JACK_INSTANCE=str(instance), **own) | {"PYTHONPATH": str(root)}
    program = started(*words, env=env, start_new_session=True)
    try:
        yield program.pid
    finally:
        os.kill(program.pid, signal.SIGTERM)
        program.communicate(timeout=30)


@contextmanager
def server(instance: Path, name: str = "granian", **own: str) -> Iterator[int]:
    """A server with two processes, once it answers and its worker runs."""
    port = free_port()
    with running(instance, "run", PORT=str(port), JACK_SERVER=name, **own) as number:
        until(lambda: answers(port), "the server answers")
        until(lambda: len(holders(instance)) == 2, "both of its processes have the database open")
        yield number


def holders(instance: Path) -> list[int]:
    locks = list(processes._locks())
    return [one.number for one in processes._holders(instance / "jack.db", locks)]


def found(instance: Path) -> list[Finding]:
    return list(processes.running(read({"JACK_INSTANCE": str(instance)})))


def wrong(instance: Path) -> list[str]:
    return [one.message for one in found(instance) if one.state == "WRONG"]


@pytest.mark.parametrize("name", ["granian", "gunicorn"])
def test_a_server_its_processes_and_its_worker_are_named(tmp_path: Path, name: str) -> None:
    instance = tmp_path / "instance"
    with server(instance, name) as number:
        until(lambda: bool(list(_workers(instance))), "the worker runs")
        (finding,) = found(instance)
        own, (worker,) = holders(instance), _workers(instance)
        assert finding.state == "ok"
        user = programs.user_name(os.geteuid())
        assert (
            f"(process {number}, user {user}) with processes {own[0]}, {own[1]}" in finding.message
        )
        assert finding.message.endswith(f"the worker is in {worker}")
    assert found(instance) == []


def _workers(instance: Path) -> list[int]:
    locks = list(processes._locks())
    return [one.number for one in processes._holders(instance / "worker.lock", locks)]


def test_a_worker_that_runs_by_itself_is_named(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with database(instance):
        pass
    with running(instance, "work") as number:
        until(lambda: _workers(instance) == holders(instance) == [number], "the worker runs")
        (finding,) = found(instance)
        assert f"the worker runs by itself (process {number}," in finding.message


def test_a_second_server_on_the_same_files_is_wrong(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with server(instance) as first, running(instance, "run", PORT=str(free_port())) as second:
        until(lambda: len(holders(instance)) == 4, "the second has the database open, too")
        (message,) = wrong(instance)
        assert "2 servers have this database open" in message
        assert f"process {first} (" in message
        assert f"process {second} (" in message


def test_the_server_of_another_checkout_is_wrong(tmp_path: Path) -> None:
    instance, other = tmp_path / "instance", tmp_path / "other"
    other.mkdir()
    for name in ("jack", "deploy", "schema.sql", "wsgi.py", "app.py"):
        link = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        link(ROOT / name, other / name)
    with database(instance):
        pass
    port = free_port()
    env = settings(JACK_INSTANCE=str(instance), PORT=str(port)) | {"PYTHONPATH": str(other)}
    program = subprocess.Popen([sys.executable, str(other / "deploy/granian_server.py")], env=env)
    try:
        until(lambda: len(holders(instance)) == 2, "it has the database open")
        (message,) = wrong(instance)
        assert f"is the Jack of {other}, this is that of {ROOT}: type {other}/bin/jack" in message
    finally:
        program.terminate()
        program.wait(30)


@AS_ROOT
def test_a_server_of_another_user_than_the_files_is_wrong(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with server(instance) as number:
        os.chown(instance / "jack.db", NOBODY, NOBODY)
        (message,) = wrong(instance)
        assert message.startswith(
            f"Jack runs as root (process {number}), and the database belongs to nobody"
        )
        os.chown(instance / "jack.db", 0, 0)


def test_another_program_that_has_the_database_open_is_worth_a_note(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with database(instance):
        pass
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('BEGIN'); db.execute('SELECT * FROM staff'); print(flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, str(instance / "jack.db")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        (finding,) = found(instance)
        assert finding.state == "note"
        assert f"(process {program.pid}, user " in finding.message
        program.communicate()


def test_the_command_says_it_and_its_own_look_is_not_counted(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with server(instance) as number:
        done = finished("doctor", "--json", env=settings(JACK_INSTANCE=str(instance)))
        said = [one["message"] for one in json.loads(done.stdout)["findings"]]
        assert [one for one in said if f"the server runs (process {number}," in one]
        assert not [one for one in said if "servers have" in one or "another program, " in one]


# ------------------------------------------------------------------------------------------------ sockets


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that everybody may go through, as /run."""
    made = Path(tempfile.mkdtemp(prefix="jack-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


Proxy = Callable[..., None]


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Starts a program named nginx as a user of certain groups; it is the only one of this machine."""
    program = shutil.copy(shutil.which("sleep") or "/bin/sleep", tmp_path / "nginx")
    tmp_path.chmod(0o755)
    with ExitStack() as stack:

        def start(user: int, *groups: int) -> None:
            descriptor = os.open(program, os.O_RDONLY)  # its folders may be closed to that user
            os.set_inheritable(descriptor, True)
            own = {"user": user, "group": user, "extra_groups": groups}
            words = [str(program), "60"]
            one = stack.enter_context(subprocess.Popen(words, executable=f"/proc/self/fd/{descriptor}", pass_fds=(descriptor,), **own))  # type: ignore[call-overload]  # fmt: skip
            stack.callback(one.kill)
            os.close(descriptor)
            until(
                lambda: getattr(programs.process(one.pid), "words", ())[:1] == (words[0],),
                "it runs",
            )
            found = programs.process(one.pid)
            assert found is not None
            monkeypatch.setattr(sockets, "processes", lambda: [found._replace(name="nginx")])

        yield start


@AS_ROOT
def test_a_proxy_that_may_not_connect_is_wrong(folder: Path, tmp_path: Path, proxy: Proxy) -> None:
    path = folder / "jack.sock"
    bind = {"JACK_BIND": f"unix:{path}"}
    with running(tmp_path / "instance", "run", **bind):
        until(path.is_socket, "the server listens")
        proxy(NOBODY)
        (finding,) = sockets.for_the_proxy(bind)
        assert "run Jack as a user with a group of its own" in finding.message
        os.chown(path, 0, WWW_DATA)
        (finding,) = sockets.for_the_proxy(bind)
        assert finding.state == "WRONG"
        assert "nginx, which runs as nobody, may not connect" in finding.message
        assert (
            "sudo usermod --append --groups www-data nobody, then sudo systemctl restart nginx"
            in finding.message
        )
        proxy(NOBODY, WWW_DATA)
        (finding,) = sockets.for_the_proxy(bind)
        assert (finding.state, finding.message) == ("ok", f"nginx may connect to {path}")
        # All folders on the way count.
        folder.chmod(0o700)
        (finding,) = sockets.for_the_proxy(bind)
        assert finding.state == "WRONG"
        folder.chmod(0o755)
        path.chmod(0o600)
        (finding,) = sockets.for_the_proxy(bind)
        assert f"sudo chmod 660 {path}" in finding.message


def test_without_a_proxy_the_socket_says_whom_it_lets_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "processes", list)
    bind = {"JACK_BIND": f"unix:{folder}/jack.sock"}
    assert list(sockets.for_the_proxy(bind)) == []
    assert list(sockets.for_the_proxy({})) == []
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"{folder}/jack.sock")
        for mode, state in ((0o660, "ok"), (0o600, "note")):
            (folder / "jack.sock").chmod(mode)
            (finding,) = sockets.for_the_proxy(bind)
            assert finding.state == state


def test_why_nobody_answers_at_a_unix_socket_is_said(folder: Path) -> None:
    config, path = read({}), folder / "jack.sock"
    bind = {"JACK_BIND": f"unix:{path}"}
    (finding,) = sockets.serving(config, bind)
    assert "(there is no such socket): start Jack" in finding.message
    path.touch()
    (finding,) = sockets.serving(config, bind)
    assert "(that is no socket; delete it)" in finding.message
    path.unlink()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
    (finding,) = sockets.serving(config, bind)
    assert "(whoever made that socket has ended)" in finding.message
    assert finding.state == "WRONG"


AS_NOBODY = """
import os, sys
from jack.core.config import read
from jack.operations.doctor import sockets
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(*sockets.serving(read({}), {"JACK_BIND": "unix:" + sys.argv[1]}))
"""


@AS_ROOT
def test_a_socket_that_is_the_proxys_alone_is_not_called_silent(folder: Path) -> None:
    path = folder / "jack.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        one.listen()
        path.chmod(0o660)
        words = [sys.executable, "-c", AS_NOBODY, str(path)]
        said = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "state='note'" in said
    assert f"sudo curl --unix-socket {path} http://localhost/healthz" in said
