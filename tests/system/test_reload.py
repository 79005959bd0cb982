"""A reload and an upgrade while callers ask, behind nginx and behind Caddy: no request fails, and none is done twice.

`JACK_LONG=1` makes it 10,000 requests of each (`make test ARGS=tests/system/test_reload.py`).
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port
from tests.system.conftest import (
    ADMIN,
    HOST,
    PATIENCE,
    ROOT,
    Nginx,
    accepts,
    ended,
    make_certificate,
    needed,
    until,
)
from tests.system.test_hotels import started

pytestmark = pytest.mark.system

REQUESTS = 10_000 if os.environ.get("JACK_LONG") else 400
CALLERS = 4
# The setting with which many may ask, and the administrator.
SETTINGS = {
    "JACK_RATE_LIMIT": "1000000/day",
    "JACK_TRUSTED_PROXIES": "1",
    "JACK_ADMIN_EMAIL": ADMIN["email"],
    "JACK_ADMIN_PASSWORD": ADMIN["password"],
}


@dataclass
class Caddy:
    """Caddy with `deploy/Caddyfile`, of which only addresses, paths and the certificate are replaced."""

    folder: Path
    upstream: str
    https: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def site(self) -> str:
        text = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")
        replaced = {
            "/run/jack/jack.sock": self.upstream,
            f"{HOST} {{": f"https://{HOST}:{self.https} {{\n\tbind 127.0.0.1\n\ttls {self.folder}/fullchain.pem {self.folder}/privkey.pem",
            "hotel.example {": "http://127.0.0.1:0 {",
            "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
        }
        for old, new in replaced.items():
            assert old in text, f"deploy/Caddyfile no longer says {old!r}"
            text = text.replace(old, new, 1)
        return text

    def start(self) -> None:
        make_certificate(self.folder)
        (self.folder / "Caddyfile").write_text(self.site(), encoding="utf-8")
        own = {"XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        log = self.folder / "caddy.log"
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [needed("caddy", "sudo apt install caddy"), "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")],
                stdout=said, stderr=said, cwd=self.folder, env=os.environ | own,
            )  # fmt: skip
        until(lambda: accepts(("127.0.0.1", self.https)), self.process, log)

    def stop(self) -> None:
        if self.process is not None:
            ended(self.process)

    def client(self) -> httpx.Client:
        def by_name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = HOST

        return httpx.Client(
            verify=ssl.create_default_context(cafile=str(self.folder / "fullchain.pem")),
            base_url=f"https://127.0.0.1:{self.https}", headers={"Host": f"{HOST}:{self.https}"}, timeout=PATIENCE,
            event_hooks={"request": [by_name]},
        )  # fmt: skip


class Load:
    """Callers that read and write for as long as the block lasts, and until they have asked often enough."""

    def __init__(self, front: Nginx | Caddy) -> None:
        self.front, self.answers = front, Counter[str]()
        self.over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        with front.client() as client:
            signed_in = client.post("/api/v1/auth/login", json=ADMIN).json()
        self.caller = {"Authorization": f"Bearer {signed_in['data']['token']}"}

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with self.front.client() as client:
            client.headers.update(self.caller)
            for turn in itertools.count():
                found = self._answer(client, writes=turn % 4 == 0)
                with self._lock:
                    self.answers[found] += 1
                    enough = self.answers.total() >= REQUESTS
                if enough and self.over.is_set():
                    return

    def _answer(self, client: httpx.Client, *, writes: bool) -> str:
        try:
            if writes:
                return str(client.post("/api/v1/guests", json={"name": "Guest"}).status_code)
            return str(client.get("/readyz").status_code)
        except Exception as error:
            return type(error).__name__

    def written(self) -> int:
        """How many guests there are."""
        with self.front.client() as client:
            client.headers.update(self.caller)
            return int(client.get("/api/v1/guests?limit=1").json()["meta"]["total"])


def workers(jack: subprocess.Popen[bytes]) -> set[int]:
    """The processes that serve now."""
    kids = Path(f"/proc/{jack.pid}/task/{jack.pid}/children")
    return {int(one) for one in kids.read_text().split()}


def reload(jack: subprocess.Popen[bytes]) -> None:
    """As `systemctl reload jack` does; then wait until others serve than those before."""
    before = workers(jack)
    jack.send_signal(signal.SIGHUP)
    wait_for(lambda: not before & workers(jack) and bool(workers(jack)), jack)


def wait_for(state: Callable[[], bool], jack: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 2 * PATIENCE
    while not state():
        assert jack.poll() is None, "Jack has ended"
        assert time.monotonic() < give_up, "that takes too long"
        time.sleep(0.1)


def served(held: socket.socket, folder: Path, server: str) -> subprocess.Popen[bytes]:
    """Jack, once it has told systemd that it is ready, as `systemctl start jack` waits for."""
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(PATIENCE)
        jack = started(held, folder, server, SETTINGS | {"NOTIFY_SOCKET": str(path)})
        while b"READY=1" not in systemd.recv(4096):
            pass
    path.unlink()
    wait_for(lambda: bool(workers(jack)), jack)
    return jack


@contextmanager
def fronted(name: str, folder: Path) -> Iterator[Nginx | Caddy]:
    kinds = {"nginx": Nginx, "caddy": Caddy}
    front = kinds[name](folder, f"{folder}/jack.sock")
    try:
        front.start()
        yield front
    finally:
        front.stop()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
@pytest.mark.parametrize(("proxy", "server"), [("nginx", "gunicorn"), ("caddy", "granian")])
def test_no_request_fails_while_jack_is_reloaded_and_while_it_starts_again(
    proxy: str, server: str
) -> None:
    """What comes while Jack starts again waits in the socket, which systemd holds (deploy/jack.socket)."""
    folder = Path(tempfile.mkdtemp(prefix="jack-reload-", dir="/tmp"))
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(f"{folder}/jack.sock")
        held.listen(1024)
        jack = served(held, folder, server)
        try:
            with fronted(proxy, folder) as front:
                with Load(front) as load:
                    reload(jack)
                    ended(jack)
                    jack = served(held, folder, server)
                written = load.written()
        finally:
            ended(jack)
            shutil.rmtree(folder)
    assert set(load.answers) == {"200", "201"}, load.answers
    assert load.answers.total() >= REQUESTS
    assert written == load.answers["201"]
