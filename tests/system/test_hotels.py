"""Several hotels on one machine: what `deploy/add-hotel` and `deploy/hotels` make, on a copy of this machine's /etc.

The users, the settings, nginx's server blocks and the backups are real. systemd is not: what it is told is written down.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.conftest import PATIENCE, ROOT, ended, make_certificate, needed

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only"),
]

# A user of the machine may read this checkout and this Python, wherever they are.
SETPRIV = """#!/bin/sh
exec /usr/bin/setpriv --inh-caps +dac_read_search --ambient-caps +dac_read_search "$@"
"""


class Machine:
    """A folder that is /etc for the commands typed here."""

    def __init__(self, folder: Path) -> None:
        self.etc, self.bin, self.var = folder / "etc", folder / "bin", folder / "lib"
        self.told = folder / "told"
        self.bin.mkdir()
        (self.var / "nginx").mkdir(parents=True)
        for path in (self.etc.parent, self.var):
            path.chmod(0o755)
        shutil.copytree("/etc", self.etc, symlinks=True, ignore=shutil.ignore_patterns("jack*"))
        for name in ("jack.conf", "default"):
            (self.etc / "nginx/sites-enabled" / name).unlink(missing_ok=True)
        for name, text in (
            ("systemctl", f'#!/bin/sh\necho "$@" >>{self.told}\n'),
            ("setpriv", SETPRIV),
        ):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def typed(self, *words: str, status: int = 0) -> str:
        """A command of root's; what it says."""
        over = f"mount --bind {self.etc} /etc && mount --bind {self.var} /var/lib"
        said = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'{over} && cd / && exec "$@"', "sh", *words],
            env={"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert said.returncode == status, said.stdout + said.stderr
        return said.stdout + said.stderr

    def add(self, name: str, *, certified: bool = True) -> str:
        """`deploy/add-hotel`, with systemd's part of it: the hotel's folder."""
        live = self.etc / f"letsencrypt/live/jack.{name}.example"
        if certified:
            live.mkdir(parents=True, exist_ok=True)
            make_certificate(live)
        folder = f"/var/lib/jack-{name}"
        self.typed("sh", "-c", f"id jack-{name} || useradd --system --user-group jack-{name}")
        self.typed("install", "-d", "-m", "710", "-o", f"jack-{name}", folder)
        return self.typed(str(ROOT / "deploy/add-hotel"), name, f"jack.{name}.example")


@contextmanager
def copied_machine() -> Iterator[Machine]:
    """A copy of this machine's /etc, for as long as the block lasts."""
    needed("nginx", "sudo apt install nginx")
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if os.geteuid() != 0 or subprocess.run(tried, capture_output=True, check=False).returncode:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("only root may mount; run these tests as root (or in a container as root)")
    folder = Path(tempfile.mkdtemp(prefix="jack-machine-"))
    folder.chmod(0o755)
    yield Machine(folder)
    shutil.rmtree(folder)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with copied_machine() as made:
        yield made


def test_two_hotels_are_added_and_share_nothing(machine: Machine) -> None:
    for name in ("sunrise", "sunset"):
        said = machine.add(name)
        assert f"https://jack.{name}.example/setup#" in said
        assert (machine.etc / f"jack/{name}.env").stat().st_mode & 0o777 == 0o640
        assert (
            f"enable --quiet --now jack@{name}.socket jack@{name}.service"
            in machine.told.read_text()
        )
    # nginx takes both, and each goes to its own.
    assert machine.typed("nginx", "-t").count("successful") == 1
    block = (machine.etc / "nginx/conf.d/jack-sunset.conf").read_text()
    assert "unix:/run/jack-sunset.sock" in block
    assert "sunrise" not in block
    assert not {"jack.example.com", "http://jack;", "/run/jack/"} & set(block.split())
    owners = {path.stat().st_uid for path in machine.var.glob("jack-*/jack.db")}
    assert len(owners) == 2
    as_sunrise = (
        "/usr/bin/setpriv",
        "--reuid",
        "jack-sunrise",
        "--regid",
        "jack-sunrise",
        "--clear-groups",
    )
    refused = machine.typed(*as_sunrise, "cat", "/var/lib/jack-sunset/jack.db", status=1)
    assert "Permission denied" in refused


def test_a_hotel_may_be_added_twice_and_keeps_its_settings(machine: Machine) -> None:
    assert "certbot certonly" in machine.add("sunrise", certified=False)
    assert not list(machine.etc.glob("nginx/conf.d/jack-*"))
    own = machine.etc / "jack/sunrise.env"
    own.write_text("JACK_PUBLIC_URL=https://other.example\n")
    assert "https://other.example/setup#" in machine.add("sunrise")
    assert own.read_text() == "JACK_PUBLIC_URL=https://other.example\n"


def test_what_nginx_does_not_take_is_put_back(machine: Machine) -> None:
    """Another site is the default one and stays it; and a file that is broken stops nothing that runs."""
    other = machine.etc / "nginx/sites-enabled/default"
    other.write_text("server { listen 80 default_server; server_name other.example; }\n")
    machine.add("sunrise")
    assert other.exists()
    assert machine.typed("nginx", "-t").count("successful") == 1
    other.write_text("server { nonsense; }\n")
    live = machine.etc / "letsencrypt/live/jack.sunset.example"
    live.mkdir(parents=True)
    make_certificate(live)
    machine.typed("sh", "-c", "id jack-sunset || useradd --system --user-group jack-sunset")
    said = machine.typed(str(ROOT / "deploy/add-hotel"), "sunset", "jack.sunset.example", status=2)
    assert "again as they were" in said
    assert [path.name for path in machine.etc.glob("nginx/conf.d/jack-*")] != []
    assert not (machine.etc / "nginx/conf.d/jack-sunset.conf").exists()


def test_one_command_is_for_all_hotels(machine: Machine) -> None:
    for name in ("sunrise", "sunset"):
        machine.add(name)
    hotels = str(ROOT / "deploy/hotels")
    assert machine.typed(hotels, "list").split() == ["sunrise", "sunset"]
    assert machine.typed(hotels, "each", "verify").count("The database is whole.") == 2
    folder = machine.var / "copies"
    machine.typed(hotels, "backup", "/var/lib/copies")
    made = sorted(path.relative_to(folder).parts[0] for path in folder.glob("*/*.db"))
    assert made == ["sunrise", "sunset"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o700}
    # One that fails is seen in the exit status, and holds up no other.
    (machine.var / "jack-sunrise/jack.db").unlink()
    said = machine.typed(hotels, "each", "verify", status=1)
    assert said.count("The database is whole.") == 1


@pytest.mark.parametrize(
    "words", [(), ("sunrise",), ("Sun rise", "a.example"), ("jack", "a.example"), ("a", "A;b"), ("a" * 25, "a.example")]
)  # fmt: skip
def test_what_is_no_hotel_is_refused(words: tuple[str, ...]) -> None:
    said = subprocess.run(
        [ROOT / "deploy/add-hotel", *words], capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert said.stderr


def test_no_hotel_has_the_name_of_the_file_that_all_share() -> None:
    said = subprocess.run(
        [ROOT / "deploy/add-hotel", "hotels", "A;b"], capture_output=True, text=True, check=False
    )
    assert "neither jack nor hotels" in said.stderr


# ------------------------------------------------------------------------------------------------ the socket

# As systemd starts it: the socket is the fourth file of the process, and how many there are is in the environment.
START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "jack", "run"])
"""


def started(
    held: socket.socket, folder: Path, server: str, settings: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Jack as `jack.service` and `jack@.service` run it, on a socket that somebody else holds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JACK_")}
    own = {
        "JACK_INSTANCE": str(folder / "instance"),
        "JACK_BIND": f"unix:{folder}/jack.sock",
        "JACK_SERVER": server,
        "WEB_CONCURRENCY": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", START, str(held.fileno())],
        cwd=ROOT, env=kept | own | dict(settings or {}), pass_fds=[held.fileno()], stdout=subprocess.DEVNULL,
    )  # fmt: skip


def asked(folder: Path) -> socket.socket:
    """A request that has been sent; the answer is still to be read."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(f"{folder}/jack.sock")
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: jack\r\nConnection: close\r\n\r\n")
    return client


def status(client: socket.socket) -> bytes:
    with client, client.makefile("rb") as answer:
        return answer.readline().split()[1]


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_what_comes_while_jack_starts_again_waits_in_the_socket(server: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="jack-socket-"))  # a short path, as sockets need
    with (
        socket.socket(socket.AF_UNIX) as held,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
    ):
        systemd.bind(f"{folder}/notify")
        systemd.settimeout(PATIENCE)
        held.bind(f"{folder}/jack.sock")
        held.listen(64)
        notify = {"NOTIFY_SOCKET": f"{folder}/notify"}
        jack = started(held, folder, server, notify)
        try:
            # What Type=notify waits for.
            assert b"READY=1" in systemd.recv(4096)
            assert status(asked(folder)) == b"200"
            ended(jack)
            waiting = [asked(folder) for _ in range(20)]  # nobody is there
            jack = started(held, folder, server, notify)
            assert [status(client) for client in waiting] == [b"200"] * 20
        finally:
            ended(jack)
            shutil.rmtree(folder)
