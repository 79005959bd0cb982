"""The wheel: what is in it, and that it runs from an empty folder, without a home, where it may not write to its own files.

It is installed into an environment of its own, which sees the packages of this one: those are what the wheel asks for.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import HeaderParser
from pathlib import Path

import httpx
import pytest

from jack.demo.simulators import cast
from tests.commands import ROOT
from tests.ports import free_port

pytestmark = pytest.mark.system

PATIENCE = 180.0  # a demo makes its hotel first, on a machine that may be busy
PASSWORD = "correct horse battery"
# Somebody who may read what a test of root's made, and writes only to what is theirs.
NOBODY = (
    *("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
)
AS_NOBODY = NOBODY if os.geteuid() == 0 and shutil.which("setpriv") else ()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make dist` does."""
    to = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = to.glob("jack_hotel-*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path) -> Iterator[Path]:
    """The environment it is installed into, which nobody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="jack-wheel-"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    uv = Path(sys.executable).with_name("uv")
    install = [uv, "pip", "install", "-q", "--offline", "--no-deps", "-p", folder / "bin/python"]
    subprocess.run([*install, wheel], check=True, capture_output=True)
    subprocess.run(["chmod", "-R", "a-w,a+rX", folder], check=True)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def empty() -> Iterator[Path]:
    """An empty folder of theirs."""
    folder = Path(tempfile.mkdtemp(prefix="jack-empty-"))
    if AS_NOBODY:
        os.chown(folder, 65534, 65534)
    yield folder
    shutil.rmtree(folder)


def environment(**own: str) -> dict[str, str]:
    """Next to nothing, and no home."""
    return {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **own}


def typed(program: Path, empty: Path, *words: str, **own: str) -> str:
    """What a command says."""
    said = subprocess.run(
        [*AS_NOBODY, program / "bin" / words[0], *words[1:]],
        cwd=empty, env=environment(**own), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


@contextmanager
def running(program: Path, empty: Path, *words: str, **own: str) -> Iterator[str]:
    """A command that serves, once it does; the end is Ctrl-C's. Where it serves."""
    url = f"http://127.0.0.1:{own['PORT']}"
    with (empty / "log").open("w+") as log:
        process = subprocess.Popen(
            [*AS_NOBODY, program / "bin/jack", *words],
            cwd=empty, env=environment(**own), stdout=log, stderr=log, process_group=0,
        )  # fmt: skip
        try:
            until(lambda: process.poll() is not None or is_ready(url), "serves")
            assert process.poll() is None, (empty / "log").read_text()
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file with its size and when it was changed."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "jack"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ours = {one for one in listed.splitlines() if not one.startswith("jack/pages/types/")}
    beside = {f"jack/program/{name}" for name in ("schema.sql", "wsgi.py", "docs/api-policy.md")}
    beside |= {
        f"jack/program/{path.relative_to(ROOT)}"
        for path in (ROOT / "deploy").iterdir()
        if path.is_file()
    }
    inside = {one for one in zipfile.ZipFile(wheel).namelist() if one.startswith("jack/")}
    assert ours
    assert inside == {one for one in ours if (ROOT / one).exists()} | beside


def test_it_asks_for_exactly_what_it_was_tested_with(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    name = next(one for one in archive.namelist() if one.endswith("/METADATA"))
    asked = HeaderParser().parsestr(archive.read(name).decode()).get_all("Requires-Dist", [])
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    locked = [line.split()[0] for line in text.splitlines() if line[:1].isalnum()]
    assert locked
    assert sorted(one.split(";")[0].strip() for one in asked) == sorted(locked)


@pytest.mark.parametrize("name", ["jack", "jack-hotel"])
def test_both_commands_are_there(program: Path, empty: Path, name: str) -> None:
    assert typed(program, empty, name, "--version").startswith("jack ")
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_it_serves_from_an_empty_folder(program: Path, empty: Path, server: str) -> None:
    before = state(program)
    (empty / ".env").write_text("JACK_INSTANCE=hotel\nWEB_CONCURRENCY=1\n")
    create = ("create-admin", "--email", "ada@example.com", "--name", "Ada")
    typed(program, empty, "jack", *create, JACK_ADMIN_PASSWORD=PASSWORD)
    with running(program, empty, "run", PORT=str(free_port()), JACK_SERVER=server) as url:
        assert httpx.get(f"{url}/").status_code == 200
        assert "stable" in httpx.get(f"{url}/api/v1/docs/policy").text
        login = {"email": "ada@example.com", "password": PASSWORD}
        assert httpx.post(f"{url}/api/v1/auth/login", json=login).status_code == 200
        assert "Backed up" in typed(program, empty, "jack", "backup", "copy.db")
    assert {one.name for one in empty.iterdir()} == {".env", "copy.db", "hotel", "log"}
    assert "jack setup-link" not in (empty / "log").read_text()
    assert state(program) == before


def test_its_messages_name_its_own_commands(program: Path, empty: Path) -> None:
    with running(program, empty, "run", PORT=str(free_port()), WEB_CONCURRENCY="1"):
        said = (empty / "log").read_text()
    assert "  jack setup-link" in said
    assert "bin/jack" not in said


def test_its_demo_opens_with_the_simulated_providers(program: Path, empty: Path) -> None:
    before = state(program)
    with running(program, empty, "demo", PORT=str(free_port()), TMPDIR=str(empty)) as url:
        until(lambda: "TOKEN=" in (empty / "log").read_text(), "it says what to do")
        token = (empty / "log").read_text().split("TOKEN=")[1].split()[0]
        signed_in = {"Authorization": f"Bearer {token}"}
        writes = cast.Cast().guests["whatsapp"]["says"]
        asked = {"channel": "whatsapp", "search": writes.split(",")[0]}

        def has_written() -> bool:
            found = httpx.get(f"{url}/api/v1/conversations", params=asked, headers=signed_in)
            return writes[:20] in found.text

        until(has_written, "the simulated guest has written")
    assert [one.name for one in empty.iterdir()] == ["log"]
    assert state(program) == before
