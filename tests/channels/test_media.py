"""Files from providers: only from their hosts, only with what is theirs, only as much as is wanted."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jack.channels import http_client, media, sms, whatsapp
from jack.channels.media import MediaHosts, allowed, download
from jack.channels.meta import api as meta
from jack.channels.results import Broken, Permanent, Result, Retry
from jack.channels.twilio import api as twilio
from jack.channels.types import Account, Fetched, Media
from jack.core.public_addresses import is_public
from tests.channels.loopback import Provider, Reply, provider

KEY = {"Authorization": "Bearer secret"}
FACEBOOK = MediaHosts(
    "https://graph.facebook.com", KEY, meta.TRUSTED, (*meta.HOSTS, "media.gateway.example")
)
TWILIO = MediaHosts("https://api.twilio.com", KEY, twilio.TRUSTED, twilio.HOSTS)


@pytest.fixture
def peer() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        (FACEBOOK, "https://graph.facebook.com/x"),
        (FACEBOOK, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"),
        (FACEBOOK, "https://LOOKASIDE.fbsbx.com:443/x"),
        (FACEBOOK, "https://scontent.xx.fbcdn.net/x"),
        (FACEBOOK, "https://mmg.whatsapp.net/x"),
        (FACEBOOK, "https://media.gateway.example/x"),
        (TWILIO, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"),
        (TWILIO, "https://mcs.us1.twilio.com/x"),
        (TWILIO, "https://mms.twiliocdn.com/x"),
        (MediaHosts("http://127.0.0.1:5000", KEY), "http://127.0.0.1:5000/x"),
        (MediaHosts("http://localhost:5000", KEY), "http://localhost:5000/x"),
        (MediaHosts("https://10.0.0.5:8443", KEY), "https://10.0.0.5:8443/x"),
    ],
)
def test_a_providers_own_hosts_are_asked(hosts: MediaHosts, url: str) -> None:
    assert allowed(httpx.URL(url), hosts)


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        (FACEBOOK, "http://lookaside.fbsbx.com/x"),
        (FACEBOOK, "https://lookaside.fbsbx.com:8443/x"),
        (FACEBOOK, "https://lookaside.fbsbx.com.evil.example/x"),
        (FACEBOOK, "https://evilfbcdn.net/x"),
        (FACEBOOK, "https://fbcdn.net/x"),
        (FACEBOOK, "https://user:pw@graph.facebook.com/x"),
        (FACEBOOK, "https://graph.facebook.com@evil.example/x"),
        (FACEBOOK, "https://evil.example\\@graph.facebook.com/x"),
        (FACEBOOK, "https://evil.example#graph.facebook.com"),
        (FACEBOOK, "https://other.gateway.example/x"),
        (FACEBOOK, "https://127.0.0.1/x"),
        (FACEBOOK, "ftp://graph.facebook.com/x"),
        (FACEBOOK, "file:///etc/passwd"),
        (FACEBOOK, "//graph.facebook.com/x"),
        (TWILIO, "https://twilio.com.evil.example/x"),
        (TWILIO, "https://graph.facebook.com/x"),
        (MediaHosts("http://127.0.0.1:5000", KEY), "http://127.0.0.1:5001/x"),
        (MediaHosts("http://127.0.0.1:5000", KEY), "http://localhost:5000/x"),
        (MediaHosts("http://10.0.0.5:5000", KEY), "http://10.0.0.5:5000/x"),
    ],
)
def test_nobody_else_is_asked(hosts: MediaHosts, url: str) -> None:
    result = download(url, hosts, 100)
    assert result == media.UNTRUSTED_HOST


@pytest.mark.parametrize(
    "url",
    ["", "x", "https://", "https://[::1", "https://a b/", "https://graph.facebook.com:x/", "\x00"],
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    assert download(url, FACEBOOK, 100) == media.UNTRUSTED_HOST


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "31.13.66.19",
        "2a03:2880:f12f:83:face:b00c:0:25de",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 (to be refused)
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:7f00:0:100::",
    ],
)
def test_an_address_inside_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


def test_a_listed_name_that_leads_inside_is_not_followed(peer: Provider) -> None:
    hosts = MediaHosts("https://graph.facebook.com", KEY, others=("localhost", "127.0.0.1"))
    for host in hosts.others:
        assert download(f"https://{host}/x", hosts, 100) == media.PRIVATE_ADDRESS
    assert peer.requests == []


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    hosts = MediaHosts("https://graph.facebook.com", KEY, others=("*.invalid",))
    assert download("https://media.invalid/x", hosts, 100) == media.RETRY


# ------------------------------------------------------------------------------------------------ over loopback


def test_a_file_comes_with_its_kind(peer: Provider) -> None:
    peer.replies = [Reply(200, b"%PDF", {"Content-Type": "Application/PDF; x=1"})]
    assert download(peer.url + "/f?a=1", MediaHosts(peer.url, KEY), 4) == Fetched(
        b"%PDF", "application/pdf"
    )
    (request,) = peer.requests
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.query == {"a": ["1"]}


@pytest.mark.parametrize(
    "reply", [Reply(200, b"12345"), Reply(200, b"", {"Content-Length": "5000000000"})]
)
def test_a_file_over_the_limit_is_refused(peer: Provider, reply: Reply) -> None:
    peer.replies = [reply]
    assert download(peer.url, MediaHosts(peer.url, KEY), 4) == media.TOO_LARGE


def test_a_file_that_does_not_say_how_large_it_is_is_measured_as_it_comes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sent: list[int] = []

        def pour() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(65536)
                client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                try:
                    for _ in range(10_000):  # 640 MB, were anybody to take it
                        client.sendall(b"x" * 65536)
                        sent.append(65536)
                except OSError:
                    return

        thread = threading.Thread(target=pour, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert download(url, MediaHosts(url, KEY), 100_000) == media.TOO_LARGE
        thread.join(10)
        assert sum(sent) < 50_000_000


def test_a_file_that_drips_in_is_given_up(peer: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "FETCH_SECONDS", -1.0)
    peer.replies = [Reply(200, b"12345")]
    assert download(peer.url, MediaHosts(peer.url, KEY), 100) == media.RETRY


def test_a_compressed_file_is_not_blown_up(peer: Provider) -> None:
    peer.replies = [Reply(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})]
    assert isinstance(download(peer.url, MediaHosts(peer.url, KEY), 100), Permanent)
    assert peer.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("hops", [1, 3])
def test_redirects_are_followed_without_credentials(peer: Provider, hops: int) -> None:
    peer.replies = [Reply(302, b"", {"Location": f"/hop{n}"}) for n in range(hops)]
    peer.replies += [Reply(200, b"x")]
    assert download(peer.url + "/first", MediaHosts(peer.url, KEY), 4) == Fetched(b"x")
    assert [request.headers.get("Authorization") for request in peer.requests] == [
        "Bearer secret"
    ] + [None] * hops


def test_a_fourth_redirect_is_too_many(peer: Provider) -> None:
    peer.always = lambda request: Reply(302, b"", {"Location": "/again"})
    assert isinstance(download(peer.url, MediaHosts(peer.url, KEY), 4), Permanent)
    assert len(peer.requests) == 4


def test_a_redirect_to_somebody_else_is_not_followed(peer: Provider) -> None:
    with provider() as other:
        for place in (
            f"{other.url}/x",
            "https://evil.example/x",
            "file:///etc/passwd",
            "//evil.example",
        ):
            peer.replies = [Reply(302, b"", {"Location": place})]
            assert download(peer.url, MediaHosts(peer.url, KEY), 4) == media.UNTRUSTED_HOST
        assert other.requests == []


def test_a_redirect_to_the_inside_of_a_listed_name_is_not_followed(peer: Provider) -> None:
    peer.replies = [Reply(302, b"", {"Location": "https://localhost/x"})]
    assert (
        download(peer.url, MediaHosts(peer.url, KEY, others=("localhost",)), 4)
        == media.PRIVATE_ADDRESS
    )


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(404), Permanent),
        (Reply(403), Permanent),
        (Reply(401), Broken),
        (Reply(304), Permanent),
        (Reply(429), Retry),
        (Reply(500), Retry),
        (Reply(503), Retry),
        (Reply(lost=True), Retry),
    ],
)
def test_a_file_that_is_not_given_out(peer: Provider, reply: Reply, kind: type[Result]) -> None:
    peer.replies = [reply]
    assert type(download(peer.url, MediaHosts(peer.url, KEY), 4)) is kind


def test_a_file_cut_short_is_fetched_again(peer: Provider) -> None:
    peer.replies = [Reply(200, b"half", {"Content-Length": "8"})]
    assert download(peer.url, MediaHosts(peer.url, KEY), 100) == media.RETRY


def test_nobody_listening_is_tried_again(peer: Provider) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert download(url, MediaHosts(url, KEY), 4) == media.RETRY


# ------------------------------------------------------------------------------------------------ to a checked address


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback whose certificate is for lookaside.fbsbx.com, from somebody we trust: its port, its requests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lookaside.fbsbx.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("lookaside.fbsbx.com")]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "both.pem").write_bytes(
        key.private_bytes(pem, *plain) + certificate.public_bytes(pem)
    )
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(pem))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    monkeypatch.setattr(http_client, "tls", lambda: trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(tmp_path / "both.pem"))
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                client, _ = listening.accept()
                with context.wrap_socket(client, server_side=True) as tunnel:
                    requests.append(tunnel.recv(65536))
                    tunnel.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                    )
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], requests
        socket.create_connection(listening.getsockname()).close()  # in case nobody came
        thread.join(5)


def test_a_name_is_asked_at_the_address_that_was_checked(secure: tuple[int, list[bytes]]) -> None:
    port, requests = secure
    place = httpx.URL(f"https://lookaside.fbsbx.com:{port}/x")
    found = media.get(place, "127.0.0.1", KEY, 10, time.monotonic() + 5)
    assert found == Fetched(b"ok")
    assert f"Host: lookaside.fbsbx.com:{port}".encode() in requests[0]


def test_a_certificate_for_another_name_is_not_accepted(secure: tuple[int, list[bytes]]) -> None:
    port, requests = secure
    place = httpx.URL(f"https://mmg.whatsapp.net:{port}/x")
    with pytest.raises(httpx.ConnectError):
        media.get(place, "127.0.0.1", KEY, 10, time.monotonic() + 5)
    assert requests == []


# ------------------------------------------------------------------------------------------------ who gets credentials


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Whom a download would ask, and whether with credentials; the address book answers with a public address."""
    made: list[tuple[str, bool]] = []

    def note(
        place: httpx.URL, address: str | None, headers: dict[str, str], *rest: object
    ) -> Fetched:
        assert address is not None
        assert ipaddress.ip_address(address).is_global
        made.append((place.host, bool(headers)))
        return Fetched(b"")

    monkeypatch.setattr(media, "get", note)
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *args, **more: [(socket.AF_INET, 1, 6, "", ("31.13.66.19", 443))],
    )
    return made


@pytest.mark.parametrize(
    ("host", "with_credentials"),
    [
        ("lookaside.fbsbx.com", True),
        ("graph.facebook.com", True),
        ("mmg.whatsapp.net", False),
        ("scontent.xx.fbcdn.net", False),
        ("media.gateway.example", False),
    ],
)
def test_only_metas_own_hosts_get_the_token(
    visits: list[tuple[str, bool]], host: str, with_credentials: bool
) -> None:
    account = Account(
        "whatsapp",
        "whatsapp:1",
        {
            "accessToken": "t",
            "phoneNumberId": "1",
            "baseUrl": "https://gateway.example",
            "mediaHosts": ["media.gateway.example"],
        },
    )
    assert whatsapp.fetch(account, Media(source=f"https://{host}/x"), 10) == Fetched(b"")
    assert visits == [(host, with_credentials)]


@pytest.mark.parametrize(
    ("host", "with_credentials"), [("api.twilio.com", True), ("mms.twiliocdn.com", False)]
)
def test_only_twilios_own_hosts_get_the_login(
    visits: list[tuple[str, bool]], host: str, with_credentials: bool
) -> None:
    account = Account(
        "sms", "sms:AC1", {"accountSid": "AC1", "authToken": "t", "baseUrl": "https://gw.example"}
    )
    assert sms.fetch(account, Media(source=f"https://{host}/x"), 10) == Fetched(b"")
    assert visits == [(host, with_credentials)]
