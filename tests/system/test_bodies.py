"""Bodies that are broken, too large or never come, sent straight to each server: granian, and gunicorn by either of its parsers."""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from tests.system.conftest import ADMIN, PATIENCE, Gunicorn
from tests.system.test_front_door import Jack

pytestmark = pytest.mark.system

LOGIN = "/api/v1/auth/login"
SMS = "/webhooks/twilio/sms"
META = "/webhooks/whatsapp"
# The size of a chunk is no number, is wrong, is endless, is missing; the body ends within a chunk, or after one.
BROKEN = (
    b"ZZ\r\n",
    b"-1\r\nabc\r\n0\r\n\r\n",
    b"5\r\nabcdeXX0\r\n\r\n",
    b"fffffffffffffffff\r\nx\r\n",
    b"5\r\nab",
    b"5\r\nabcde\r\n",
    b"\r\n\r\n",
)
NO_LIMITS = {
    "JACK_RATE_LIMIT": "1000000/minute",
    "JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "1000000/minute",
}


@dataclass
class Direct:
    """A server without a proxy in front."""

    connection: Callable[[], socket.socket]
    client: Callable[[], httpx.Client]
    log: Path

    def said(self, head: str, *body: bytes, whole: bool = True) -> tuple[int, bytes]:
        """Status and body of the answer to these bytes; nothing follows them if they are the whole request."""
        with self.connection() as line:
            line.sendall(head.encode())
            try:
                for part in body:
                    line.sendall(part)
                if whole:
                    line.shutdown(socket.SHUT_WR)
            except OSError:  # answered already
                pass
            return answer_on(line)


def answer_on(line: socket.socket) -> tuple[int, bytes]:
    """The answer that comes on a connection; without a length it lasts as long as the connection."""
    received = b""
    while not is_whole(received):
        more = line.recv(65536)
        if not more:
            break
        received += more
    assert received.startswith(b"HTTP/1.1 "), received
    return int(received[9:12]), received.partition(b"\r\n\r\n")[2]


def is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length: "):
            return bool(end) and len(body) >= int(line.partition(b": ")[2])
    return False


def head_of(path: str, *headers: str, length: int | None = None) -> str:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    kind = "application/json" if path == LOGIN else "application/x-www-form-urlencoded"
    lines = (f"POST {path} HTTP/1.1", "Host: x", framing, *headers)
    if not any(one.startswith("Content-Type") for one in headers):
        lines += (f"Content-Type: {kind}",)
    return "\r\n".join(lines) + "\r\n\r\n"


@pytest.fixture(scope="module", params=["granian", "gunicorn-fast", "gunicorn-python"])
def server(request: pytest.FixtureRequest, short_folder: Callable[[], Path]) -> Iterator[Direct]:
    """Each server in turn."""
    if request.param == "gunicorn-fast" and not find_spec("gunicorn_h1c"):
        pytest.skip("gunicorn_h1c could not be built here")
    if request.param == "granian":
        jack = Jack(short_folder(), NO_LIMITS)
        jack.start()
        yield Direct(jack.connection, jack.client, jack.log)
        jack.stop()
        return
    parser = request.param.removeprefix("gunicorn-")
    gunicorn = Gunicorn(short_folder(), NO_LIMITS, ("--http-parser", parser))

    def connection() -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        line.connect(gunicorn.socket)
        return line

    gunicorn.start()
    yield Direct(connection, gunicorn.client, gunicorn.log)
    gunicorn.stop()


@pytest.fixture(scope="module")
def token(server: Direct) -> str:
    """The header of somebody who is signed in."""
    with server.client() as client:
        answer = client.post(LOGIN, json=ADMIN)
    return f"Authorization: Bearer {answer.json()['data']['token']}"


# ------------------------------------------------------------------------------------------------ broken ones


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_chunk_is_400_in_the_envelope(server: Direct, broken: bytes) -> None:
    status, body = server.said(head_of(LOGIN), broken)
    assert (status, json.loads(body)["error"]["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_chunk_of_a_file_is_400(server: Direct, token: str, broken: bytes) -> None:
    kind = "Content-Type: multipart/form-data; boundary=x"
    status, body = server.said(head_of("/api/v1/attachments", token, kind), broken)
    assert (status, json.loads(body)["error"]["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_chunk_of_a_webhook_is_400(server: Direct, broken: bytes) -> None:
    head = head_of(META, "X-Hub-Signature-256: sha256=0")
    assert server.said(head, broken)[0] == 400


def test_a_body_that_is_cut_short_is_400(server: Direct) -> None:
    assert server.said(head_of(LOGIN, length=100), b'{"email": ')[0] == 400


def test_none_of_that_is_a_crash(server: Direct) -> None:
    assert "crashed" not in server.log.read_text()


# ------------------------------------------------------------------------------------------------ large ones


def chunks(size: int) -> bytes:
    part = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    return part * (size // 65536) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("path", "size"),
    [(LOGIN, 400_000), (LOGIN, 5_000_000), (SMS, 140_000), (SMS, 1_000_000), (META, 5_000_000)],
)
@pytest.mark.parametrize("chunked", [True, False])
def test_whoever_sends_too_much_reads_that_it_is_413(
    server: Direct, path: str, size: int, chunked: bool
) -> None:
    headers = ("X-Twilio-Signature: x", "X-Hub-Signature-256: sha256=0")
    head = head_of(path, *headers, length=None if chunked else size)
    body = chunks(size) if chunked else b"x" * size
    for _ in range(3):  # who closes first could be a matter of luck
        with server.connection() as line:
            line.sendall(head.encode() + body)
            assert answer_on(line)[0] == 413


# ------------------------------------------------------------------------------------------------ those that never come


@pytest.mark.parametrize(("path", "headers", "length", "status"), [
    (SMS, (), 1000, 403),
    (META, (), 1000, 403),
    (SMS, ("X-Twilio-Signature: x",), 65_537, 413),
    (META, ("X-Hub-Signature-256: sha256=0",), 3 * 1024 * 1024 + 1, 413),
])  # fmt: skip
def test_a_webhook_that_nobody_signed_is_answered_before_its_body_comes(
    server: Direct, path: str, headers: tuple[str, ...], length: int, status: int
) -> None:
    found, body = server.said(head_of(path, *headers, length=length), b"a=", whole=False)
    assert found == status
    assert len(body) < 100


# ------------------------------------------------------------------------------------------------ many of them

# Four senders of large forms that nobody signed made a GET take 1,196 ms, as long as they were read and split.
BOUND = 100.0


def median(client: httpx.Client, headers: dict[str, str]) -> float:
    """Of a GET, in milliseconds."""
    times = []
    for _ in range(60):
        began = time.perf_counter()
        assert client.get("/api/v1/auth/me", headers=headers).status_code == 200
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


@contextlib.contextmanager
def flooded(jack: Jack, body: bytes, headers: dict[str, str]) -> Iterator[Counter[int]]:
    """Four clients that send this to a webhook, again and again; how often each status was the answer."""
    found: Counter[int] = Counter()
    over = threading.Event()

    def send() -> None:
        with jack.client() as client:
            while not over.is_set():
                found[client.post(SMS, content=body, headers=headers).status_code] += 1

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    try:
        yield found
    finally:
        over.set()
        for sender in senders:
            sender.join()


@pytest.mark.parametrize("signature", [{}, {"X-Twilio-Signature": "x"}])
@pytest.mark.parametrize("body", [b"a=&" * 349_000, b"a=&" * 66, (b"a=" + b"x" * 320 + b"&") * 199])
def test_a_flood_of_forms_that_nobody_signed_keeps_nobody_waiting(
    flooded_jack: Jack, body: bytes, signature: dict[str, str]
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with flooded_jack.client() as client:
        token = client.post(LOGIN, json=ADMIN).json()["data"]["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        quiet = median(client, bearer)
        with flooded(flooded_jack, body, signature | kind) as found:
            measured = median(client, bearer)
            while not found[429]:
                time.sleep(0.01)
    assert measured <= max(10 * quiet, BOUND), f"{measured:.0f} ms, quiet {quiet:.0f} ms"
    assert set(found) <= {403, 413, 429}


@pytest.fixture(scope="module")
def flooded_jack(short_folder: Callable[[], Path]) -> Iterator[Jack]:
    """Jack with an account for SMS, and webhooks limited as they are in a hotel."""
    jack = Jack(short_folder(), {"JACK_RATE_LIMIT": "1000000/minute"})
    jack.start()
    account = {"enabled": True, "accountSid": "AC1", "authToken": "token", "from": "+15550001"}
    with jack.client() as client:
        token = client.post(LOGIN, json=ADMIN).json()["data"]["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        saved = client.put("/api/v1/settings/channels.sms", json={"value": account}, headers=bearer)
        assert saved.status_code == 200, saved.text
    yield jack
    jack.stop()
