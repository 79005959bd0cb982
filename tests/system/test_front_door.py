"""The server that faces browsers: idle, slow and silent connections keep nobody waiting, and nothing is lost at its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port
from tests.system.conftest import ADMIN, PATIENCE, ROOT, Gunicorn, Nginx, accepts, ended
from tests.system.conftest import until as wait_until

pytestmark = [pytest.mark.system, pytest.mark.alone]

NO_LIMIT = {"JACK_RATE_LIMIT": "1000000/minute"}
LOGIN = "/api/v1/auth/login"
# A GET may take three times as long as on a quiet server; under so many milliseconds nobody would notice.
NOTICED = 15.0
SAMPLES = 400
# granian replaces a process that has lived for a second; one that dies sooner would die again.
SETTLED = 1.5


@dataclass
class Jack:
    """`jack run` on a port of its own, as a hotel starts it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "jack.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "jack", "run"]

    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JACK_", "PORT"))}
        return inherited | {
            "JACK_INSTANCE": str(self.folder / "instance"),
            "PORT": str(self.port),
            "JACK_ADMIN_EMAIL": ADMIN["email"],
            "JACK_ADMIN_PASSWORD": ADMIN["password"],
            **NO_LIMIT,
            **self.settings,
        }

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        wait_until(self.answers, self.process, self.log)

    def answers(self) -> bool:
        if not accepts(("127.0.0.1", self.port)):
            return False
        with contextlib.suppress(httpx.TransportError), self.client() as client:
            return client.get("/healthz").status_code == 200
        return False

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE)

    def connection(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def workers(self) -> set[int]:
        """The process ids of its children."""
        listed = subprocess.run(
            ["ps", "--ppid", str(self.pid), "-o", "pid="],
            capture_output=True,
            text=True,
            check=False,
        )
        return {int(line) for line in listed.stdout.split()}

    def stop(self) -> int:
        assert self.process is not None
        return ended(self.process)


Start = Callable[..., Jack]


@pytest.fixture
def start(short_folder: Callable[[], Path]) -> Iterator[Start]:
    """Starts Jack for one test, with settings of its own."""
    running: list[Jack] = []

    def make(**settings: str) -> Jack:
        running.append(Jack(short_folder(), settings))
        running[-1].start()
        return running[-1]

    yield make
    for server in running:
        if server.process is not None and server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def jack(short_folder: Callable[[], Path]) -> Iterator[Jack]:
    """The Jack most of these tests share."""
    server = Jack(short_folder())
    server.start()
    yield server
    server.stop()


def sign_in(client: httpx.Client) -> dict[str, str]:
    """The header of a signed-in caller."""
    answer = client.post(LOGIN, json={"email": ADMIN["email"], "password": ADMIN["password"]})
    return {"Authorization": f"Bearer {answer.json()['data']['token']}"}


# ------------------------------------------------------------------------------------------------ who keeps a connection open


@contextlib.contextmanager
def besieged(connection: Callable[[], socket.socket]) -> Iterator[None]:
    """200 idle connections, 50 that send their headers byte by byte, 50 half-sent bodies, 20 that read no answer."""
    held = [connection() for _ in range(200)]
    slow = [connection() for _ in range(50)]
    half = [connection() for _ in range(50)]
    deaf = [connection() for _ in range(20)]
    for one in slow:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: jack.example.com\r\nX-Slow: ")
    for one in half:
        one.sendall(
            f"POST {LOGIN} HTTP/1.1\r\nHost: jack.example.com\r\nContent-Type: application/json\r\n"
            'Content-Length: 200\r\n\r\n{"email": '.encode()
        )
    for one in deaf:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: jack.example.com\r\n\r\n")
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.5):
            for one in slow:
                with contextlib.suppress(OSError):
                    one.sendall(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield
    finally:
        over.set()
        dripping.join()
        for one in (*held, *slow, *half, *deaf):
            one.close()


def slowest_hundredth(client: httpx.Client, header: dict[str, str]) -> float:
    """The 99th percentile of a GET, in milliseconds."""
    times = []
    for _ in range(SAMPLES):
        began = time.perf_counter()
        assert client.get("/api/v1/tasks", headers=header).status_code == 200
        times.append(time.perf_counter() - began)
    return sorted(times)[SAMPLES * 99 // 100] * 1000


def hold_out(client: httpx.Client, connection: Callable[[], socket.socket]) -> None:
    """Measure a GET, quiet and besieged."""
    header = sign_in(client)
    quiet = min(slowest_hundredth(client, header) for _ in range(2))
    bar = max(3 * quiet, NOTICED)
    with besieged(connection):
        measured = slowest_hundredth(client, header)
        for _ in range(5):  # others may be at work on this machine: its best is what is measured
            if measured <= bar:
                break
            measured = min(measured, slowest_hundredth(client, header))
    assert measured <= bar, f"{measured:.1f} ms, quiet {quiet:.1f} ms"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 (meant)
def test_connections_that_wait_keep_nobody_waiting(start: Start, host: str) -> None:
    server = start(JACK_HOST=host)
    workers = server.workers()
    assert len(workers) == 2
    with server.client() as client:
        hold_out(client, server.connection)
    assert server.workers() == workers


@contextlib.contextmanager
def behind_nginx(short_folder: Callable[[], Path], name: str) -> Iterator[tuple[Jack, Nginx]]:
    """Jack by one of its servers on a unix socket, and nginx in front."""
    folder = short_folder()
    settings = {"JACK_BIND": f"unix:{folder}/jack.sock", "JACK_TRUSTED_PROXIES": "1"}
    server = Jack(folder, {"JACK_SERVER": name, **settings, **NO_LIMIT})
    behind = Gunicorn(folder)
    server.answers = behind.answers  # type: ignore[method-assign]
    server.start()
    nginx = Nginx(short_folder(), behind.socket)
    nginx.start()
    try:
        yield server, nginx
    finally:
        nginx.stop()
        server.stop()


@pytest.mark.parametrize("name", ["granian", "gunicorn"])
def test_behind_nginx_neither_server_is_kept_waiting(
    short_folder: Callable[[], Path], name: str
) -> None:
    with behind_nginx(short_folder, name) as (server, nginx):
        workers = server.workers()
        with nginx.client() as client:
            hold_out(client, nginx.connection)
        assert server.workers() == workers


@pytest.mark.parametrize("name", ["granian", "gunicorn"])
def test_behind_nginx_what_is_refused_unread_is_never_taken_for_a_failure(
    short_folder: Callable[[], Path], name: str
) -> None:
    with behind_nginx(short_folder, name) as (_, nginx):
        for size in (300 * 1024, 4 * 1024 * 1024, 16 * 1024 * 1024):
            path = "/api/v1/nothing-here" if size < 320 * 1024 else "/api/v1/attachments"
            answers = set()
            for _ in range(12):  # the server closing first was a matter of luck
                with nginx.client() as client:
                    answers.add(client.post(path, content=b"x" * size).status_code)
            assert answers == {404 if path.endswith("here") else 401}


# ------------------------------------------------------------------------------------------------ HTTP as it may come


def spoken(jack: Jack, sent: bytes) -> bytes:
    """What is answered to these bytes, until the connection is closed."""
    with jack.connection() as line:
        line.sendall(sent)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_a_kept_connection_serves_many_requests(jack: Jack) -> None:
    with jack.connection() as line:
        for _ in range(3):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
def test_what_is_no_http_is_400(jack: Jack, sent: bytes) -> None:
    assert spoken(jack, sent).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/nothing-here"])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_too_large_is_413_in_the_envelope(jack: Jack, path: str, chunked: bool) -> None:
    body = b"x" * 300_000
    with jack.client() as client:
        header = sign_in(client)
        content = iter([body]) if chunked else body
        answer = client.post(path, content=content, headers=header)
    if path.endswith("login"):
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    else:
        assert answer.status_code in (404, 413)


def test_a_chunked_body_is_read(jack: Jack) -> None:
    body = json.dumps({"email": ADMIN["email"], "password": ADMIN["password"]}).encode()
    headers = {"Content-Type": "application/json"}
    with jack.client() as client:
        pieces = iter([body[:10], body[10:]])
        assert client.post(LOGIN, content=pieces, headers=headers).status_code == 200


def test_a_large_file_is_taken_and_given_back(jack: Jack) -> None:
    file = b"%PDF-1.7 " + os.urandom(3_000_000)
    with jack.client() as client:
        header = sign_in(client)
        sent = client.post(
            "/api/v1/attachments",
            files={"file": ("a.pdf", file, "application/pdf")},
            headers=header,
        )
        assert sent.status_code == 201, sent.text
        found = client.get(f"/api/v1/attachments/{sent.json()['data']['id']}", headers=header)
        assert found.content == file


def test_head_has_the_headers_and_no_body(jack: Jack) -> None:
    got, head = (
        spoken(jack, f"{verb} /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        for verb in ("GET", "HEAD")
    )
    assert b'{"status"' in got
    assert head.partition(b"\r\n\r\n")[2] == b""
    assert b"content-length: 15" in head.lower()


def test_a_header_with_an_underscore_stands_for_no_other(start: Start) -> None:
    server = start(JACK_TRUSTED_PROXIES="1", JACK_RATE_LIMIT="3/minute")
    with server.client() as client:
        found = [
            client.get("/api/v1/tasks", headers={"X_Forwarded_For": f"192.0.2.{n}"}).status_code
            for n in range(5)
        ]
        assert found == [401, 401, 401, 429, 429]
        answer = client.get("/api/v1/tasks", headers={"X-Forwarded-For": "192.0.2.99"})
        assert answer.status_code == 401


def test_a_path_is_read_as_it_was_meant(jack: Jack) -> None:
    with jack.client() as client:
        header = sign_in(client)
        made = client.post(
            "/api/v1/guests", json={"name": "Zoë & Søn", "tags": ["vip plus"]}, headers=header
        )
        assert made.status_code == 201
        found = client.get("/api/v1/guests?search=Zo%C3%AB+%26&tag=vip%20plus", headers=header)
        assert [one["name"] for one in found.json()["data"]] == ["Zoë & Søn"]
        assert client.get("/api/v1/guests/%C3%A9%FF", headers=header).status_code == 404


# ------------------------------------------------------------------------------------------------ its end


def test_sigterm_lets_a_request_in_flight_finish(start: Start) -> None:
    server = start()
    time.sleep(SETTLED)
    with server.client() as client:
        header = sign_in(client)
    body = b'{"title": "Towels", "department": "housekeeping"}'
    head = (
        f"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {header['Authorization']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with server.connection() as line:
        line.sendall(head.encode() + body[:10])
        time.sleep(0.3)
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(0.3)
        line.sendall(body[10:])
        assert line.recv(65536).startswith(b"HTTP/1.1 201")
    assert server.stop() == 0


def test_it_ends_as_soon_as_it_has_begun(start: Start) -> None:
    for _ in range(3):
        server = start()
        began = time.monotonic()
        assert server.stop() in (0, -signal.SIGTERM)
        assert time.monotonic() - began < PATIENCE / 2


def test_it_ends_though_connections_are_open(start: Start) -> None:
    server = start()
    with besieged(server.connection):
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < PATIENCE


def test_sighup_loads_the_program_anew_and_loses_nobody(start: Start) -> None:
    server = start()
    before = server.workers()
    failed: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            with server.client() as client:
                status = client.get("/healthz").status_code
            if status != 200:
                failed.append(status)

    asking = threading.Thread(target=ask)
    asking.start()
    os.kill(server.pid, signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE
    while server.workers() & before or len(server.workers()) != 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    over.set()
    asking.join()
    assert failed == []


def test_a_process_that_dies_is_replaced(start: Start) -> None:
    server = start()
    time.sleep(SETTLED)
    before = server.workers()
    os.kill(next(iter(before)), signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while len(server.workers()) != 2 or server.workers() == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with server.client() as client:
        assert client.get("/readyz").status_code == 200
    time.sleep(SETTLED)


# ------------------------------------------------------------------------------------------------ on a unix socket


def test_a_unix_socket_is_for_the_group_and_outlives_a_kill(
    short_folder: Callable[[], Path],
) -> None:
    folder = short_folder()
    path = str(folder / "jack.sock")

    def answers() -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            if line.connect_ex(path) != 0:
                return False
            with contextlib.suppress(ConnectionError):  # of one that has just been killed
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return line.recv(65536).startswith(b"HTTP/1.1 200")
        return False

    server = Jack(folder, {"JACK_BIND": f"unix:{path}"})
    server.answers = answers  # type: ignore[method-assign]
    for killed in (True, False):
        server.start()
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o770
        second = subprocess.run(
            server.command, cwd=ROOT, env=server.environment(), capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert f"Another program listens at {path}." in second.stderr
        if killed:
            for process in (server.pid, *server.workers()):
                os.kill(process, signal.SIGKILL)
            server.process.wait()  # type: ignore[union-attr]
    time.sleep(SETTLED)
    assert server.stop() == 0
