"""What the system lets Jack have: raised where it may be, and refused in a line where it is too little."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import JACK, PATIENCE, ROOT, answers, settings, until
from tests.ports import free_port

MIB = 1024 * 1024
SERVERS = (
    (sys.executable, str(ROOT / "deploy/granian_server.py")),
    (sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy/gunicorn.conf.py")),
)


def limited(number: int, soft: int, hard: int) -> Callable[[], None]:
    """What a new process does to have such a limit."""
    return lambda: resource.setrlimit(number, (soft, hard))


def ended(
    words: tuple[str, ...], instance: Path, limit: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """A program at its end, with such a limit."""
    return subprocess.run(
        words,
        env=settings(JACK_INSTANCE=str(instance), PORT=str(free_port())),
        preexec_fn=limit,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("command", ["run", "work", "demo"])
def test_too_few_open_files_are_refused_in_one_line(command: str, tmp_path: Path) -> None:
    few = limited(resource.RLIMIT_NOFILE, 24, 24)
    result = ended((*JACK, command), tmp_path / "instance", few)
    assert (result.returncode, result.stdout, result.stderr) == (
        1,
        "",
        "Jack needs 512 open files in each process and may have only 24. In a new terminal type "
        "`ulimit -n 512`, then start it; in a service, set LimitNOFILE=512.\n",
    )
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (resource.RLIMIT_AS, "1024 MiB of address space.* only 400.*`ulimit -v 1048576`.*LimitAS=1G"),
        (resource.RLIMIT_DATA, "512 MiB of data.* only 400.*`ulimit -d 524288`.*LimitDATA=512M"),
    ],
)  # fmt: skip
def test_too_little_memory_is_refused_in_one_line(number: int, said: str, tmp_path: Path) -> None:
    little = limited(number, 400 * MIB, 400 * MIB)
    result = ended((*JACK, "run"), tmp_path / "instance", little)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert re.search(said, result.stderr)


@pytest.mark.parametrize("server", SERVERS, ids=["granian", "gunicorn"])
def test_a_server_that_is_started_by_itself_says_so_too(
    server: tuple[str, ...], tmp_path: Path
) -> None:
    few = limited(resource.RLIMIT_NOFILE, 40, 40)
    result = ended(server, tmp_path / "instance", few)
    assert result.returncode != 0
    assert result.stderr.startswith("Jack cannot start. Jack needs 512 open files")
    assert result.stderr.count("\n") == 1


def test_a_process_of_another_server_says_so_too(tmp_path: Path) -> None:
    few = limited(resource.RLIMIT_NOFILE, 40, 40)
    result = ended((sys.executable, "-c", "import wsgi"), tmp_path / "instance", few)
    assert result.stderr.startswith("Jack cannot start. Jack needs 512 open files")


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_a_soft_limit_is_raised_and_it_serves(server: str, tmp_path: Path) -> None:
    port = free_port()
    own = settings(
        JACK_INSTANCE=str(tmp_path / "instance"),
        JACK_SERVER=server,
        PORT=str(port),
        WEB_CONCURRENCY="1",
    )
    program = subprocess.Popen(
        [*JACK, "run"],
        env=own,
        preexec_fn=limited(resource.RLIMIT_NOFILE, 24, 4096),  # noqa: PLW1509
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: answers(port), "Jack answers", every=0.1)
        assert resource.prlimit(program.pid, resource.RLIMIT_NOFILE) == (4096, 4096)
    finally:
        os.kill(program.pid, signal.SIGTERM)
        program.wait(PATIENCE)


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ((64, 1024), (1024, 1024)),
        ((1024, 20_000), (16_384, 20_000)),
        ((18_000, 20_000), (18_000, 20_000)),
    ],
)
def test_as_much_is_asked_for_as_jack_has_use_for(
    given: tuple[int, int], then: tuple[int, int]
) -> None:
    code = (
        "import resource\nfrom jack.core import process_limits\nprocess_limits.ensure()\n"
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    result = ended((sys.executable, "-c", code), Path(), limited(resource.RLIMIT_NOFILE, *given))
    assert result.stdout.split() == [str(number) for number in then], result.stderr
