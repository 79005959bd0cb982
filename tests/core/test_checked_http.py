"""Where a typed-in address may lead: to the public internet, whatever way a private address is written, and whoever answers for DNS."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack.core import checked_http
from jack.core.checked_http import Failed, Refused, post, target
from tests.peers.receiver import Answer, Receiver, receiver

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def peer() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "http://hooks.example.com/",
        "https://",
        "https:///path",
        "https://user:word@hooks.example.com/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\x00",
        "https://127.0.0.1/",
        "https://10.0.0.5/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://１２７。０。０。１/",
    ],
)
def test_what_is_no_public_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        target(url)


@pytest.mark.parametrize(
    "host",
    ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "localhost", "①②⑦.⓪.⓪.①", "0", "::ffff:7f00:1"],
)
def test_other_ways_to_write_it_are_seen_through_before_anybody_is_asked(
    host: str, peer: Receiver
) -> None:
    """Some only the system's own resolver understands."""
    bracketed = f"[{host}]" if ":" in host else host
    with pytest.raises((Refused, Failed)):
        post(target(f"https://{bracketed}:{peer.port}/"), {}, b"", seconds=5, limit=10)
    assert peer.got == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 (looked at, not bound)
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:a00:1::1",
        "2001:0:a00:1::f5ff:fffe",
    ],
)
def test_every_address_a_name_has_must_be_public(address: str) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", address]

    with pytest.raises(Refused):
        post(target("https://hooks.example.com/"), {}, b"", seconds=5, limit=10, resolve=resolve)
    assert asked == ["hooks.example.com"]


@pytest.mark.parametrize("named", ["127.0.0.1", "127.0.0.1:{port}"])
def test_a_host_that_the_settings_name_is_asked(peer: Receiver, named: str) -> None:
    where = target(peer.url, [named.format(port=peer.port)])
    assert post(where, {"X-One": "1"}, b"two", seconds=30, limit=10).status == 204
    (got,) = peer.got
    assert (got.path, got.body, got.headers["X-One"]) == ("/hook", b"two", "1")
    assert got.headers["Host"] == f"127.0.0.1:{peer.port}"


def test_another_port_of_a_host_is_not_named_with_it(peer: Receiver) -> None:
    with pytest.raises(Refused):
        target(peer.url, [f"127.0.0.1:{peer.port + 1}"])


def test_an_international_name_is_asked_as_dns_knows_it() -> None:
    assert target("https://Müller.DE/ä?b=c").host == "xn--mller-kva.de"


def test_it_ends_in_time_however_slowly_the_answer_comes() -> None:
    """A byte now and then keeps every single read alive, and not the whole."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not done.wait(0.05):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(Failed):
            post(target(f"http://127.0.0.1:{port}/", ["127.0.0.1"]), {}, b"", seconds=0.5, limit=10)
        assert time.monotonic() - begun < 20
        done.set()
        thread.join(10)


def test_no_more_than_the_limit_is_read(peer: Receiver) -> None:
    peer.always = Answer(200, body=b"x" * 1_000_000)
    answer = post(target(peer.url, ["127.0.0.1"]), {}, b"", seconds=30, limit=4096)
    assert (answer.status, len(answer.body)) == (200, 4096)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200"])
def test_what_is_no_http_is_a_failure(said: bytes) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(Failed):
            post(target(f"http://127.0.0.1:{port}/", ["127.0.0.1"]), {}, b"", seconds=10, limit=10)
        thread.join(10)


# ------------------------------------------------------------------------------------------ DNS rebinding


def _may_make_networks() -> bool:
    """Whether this machine lets a test have a network and files of its own."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rmn", "ip", "link", "set", "lo", "up"],
        check=False,
        capture_output=True,
        timeout=60,
    )
    return tried.returncode == 0


def test_a_name_that_means_another_address_a_moment_later_leads_to_the_one_that_was_checked() -> (
    None
):
    """With the system's resolver, asking a name server that answers a public address first and 127.0.0.1 ever after."""
    if not _may_make_networks():
        pytest.skip("this machine gives tests no network of their own")
    found = subprocess.run(
        ["unshare", "-rmn", sys.executable, "-m", "tests.core.rebinding"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    # The first time the public address was reached; the second time, resolved anew, nobody was.
    assert found.stdout.split() == ["93.184.216.34", "refused", "0"]


def test_the_resolver_is_asked_once_a_request(peer: Receiver) -> None:
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    where = target(f"http://printer.lan:{peer.port}/", ["printer.lan"])
    assert post(where, {}, b"", seconds=30, limit=10, resolve=resolve).status == 204
    assert asked == ["printer.lan"]
    assert checked_http.Target is type(where)
