"""What nginx in front of gunicorn promises: who is asking, how much may be sent, and no harm from the slow."""

from __future__ import annotations

import json
import os
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from jack.http.security_headers import ALWAYS, FOR_ANSWERS, FOR_DATA

if TYPE_CHECKING:
    from tests.system.conftest import Gunicorn, Nginx

pytestmark = pytest.mark.system

ADMIN = {"email": "ada@example.com", "password": "correct horse battery"}
KIB = 1024
# Jack refuses above 256 KiB itself; nginx does not even pass on what is above 320.
OVER_JACK = 300 * KIB
OVER_NGINX = 400 * KIB
OVER_EVERYTHING = 3 * KIB * KIB
NOBODY = {"email": "nobody@example.com", "password": "not the password at all"}


def envelope(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error of an answer which must be in Jack's envelope."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert body["success"] is False
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert body["error"]["requestId"] == response.headers["x-request-id"]
    return dict(body["error"])


def remaining(client: httpx.Client, **headers: str) -> int:
    """What is left of the caller's budget after one more call."""
    response = client.get("/api/v1/guests", headers=headers)
    assert response.status_code == 401
    return int(response.headers["x-ratelimit-remaining"])


def in_pieces(size: int) -> Iterator[bytes]:
    """A body without a length, so it travels chunked."""
    for _ in range(size // KIB):
        yield b"x" * KIB


def sign_in(client: httpx.Client) -> dict[str, str]:
    """The header of a signed-in administrator."""
    response = client.post("/api/v1/auth/login", json=ADMIN)
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['data']['token']}"}


@pytest.fixture
def second_address() -> str:
    """Another address of this machine to call from."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            pytest.skip(
                "no second loopback address; this adds it: sudo ifconfig lo0 alias 127.0.0.2"
            )
    return "127.0.0.2"


# ------------------------------------------------------------------------------------------------ the file itself


def test_nginx_takes_the_deployed_file_without_a_warning(nginx: Nginx) -> None:
    found = subprocess.run([*nginx.command(), "-t"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "[warn]" not in found.stderr


# ------------------------------------------------------------------------------------------------ who is asking


def test_two_addresses_have_two_budgets(nginx: Nginx, second_address: str) -> None:
    with nginx.client() as one, nginx.client(source=second_address) as other:
        before = remaining(one)
        assert remaining(other) > remaining(one) - 2
        untouched = remaining(other)
        for _ in range(5):
            remaining(one)
        assert remaining(one) == before - 7
        assert remaining(other) == untouched - 1


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_made_up_address_does_not_give_a_fresh_budget(nginx: Nginx, name: str) -> None:
    with nginx.client() as client:
        left = [remaining(client, **{name: f"203.0.113.{n}"}) for n in range(4)]
        assert left == list(range(left[0], left[0] - 4, -1))
        assert remaining(client) == left[-1] - 1


def test_browsers_are_told_to_stay_with_https(nginx: Nginx) -> None:
    with nginx.client() as client:
        response = client.get("/api/v1/guests")
    assert response.headers["strict-transport-security"].startswith("max-age=")


def test_a_request_id_is_the_same_all_the_way(nginx: Nginx) -> None:
    with nginx.client() as client:
        response = client.get("/api/v1/guests", headers={"X-Request-Id": "till-42"})
        assert response.headers.get_list("x-request-id") == ["till-42"]
        response = client.post(
            "/api/v1/guests", content=b"x" * OVER_NGINX, headers={"X-Request-Id": "till-43"}
        )
    assert envelope(response, 413, "PAYLOAD_TOO_LARGE")["requestId"] == "till-43"


# ------------------------------------------------------------------------------------------------ how much


@pytest.mark.parametrize("size", [OVER_JACK, OVER_NGINX, OVER_EVERYTHING])
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/nothing-here"])
def test_a_body_too_large_is_413_in_our_envelope(nginx: Nginx, size: int, path: str) -> None:
    with nginx.client() as client:
        response = client.post(
            path, content=b"x" * size, headers={"Content-Type": "application/json"}
        )
    if path.endswith("here") and size == OVER_JACK:
        envelope(response, 404, "NOT_FOUND")  # nobody reads the body of a path that is not there
    else:
        envelope(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("size", [OVER_JACK, OVER_NGINX, OVER_EVERYTHING])
def test_a_chunked_body_too_large_is_413_in_our_envelope(nginx: Nginx, size: int) -> None:
    with nginx.client() as client:
        response = client.post(
            "/api/v1/auth/login",
            content=in_pieces(size),
            headers={"Content-Type": "application/json"},
        )
    envelope(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("size", [OVER_JACK, OVER_EVERYTHING])
@pytest.mark.parametrize("chunked", [False, True])
def test_gunicorn_alone_refuses_them_as_well(gunicorn: Gunicorn, size: int, chunked: bool) -> None:
    body = in_pieces(size) if chunked else b"x" * size
    with gunicorn.client() as client:
        response = client.post(
            "/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"}
        )
    envelope(response, 413, "PAYLOAD_TOO_LARGE")


def test_a_large_bulk_body_passes(nginx: Nginx) -> None:
    guests = [{"name": f"Guest {n}", "notes": "é" * 1600} for n in range(480)]
    body = json.dumps({"items": guests}, ensure_ascii=False).encode()
    assert 1.4 * KIB * KIB < len(body) < 2 * KIB * KIB
    with nginx.client() as client:
        headers = sign_in(client) | {"Content-Type": "application/json"}
        response = client.post("/api/v1/guests/bulk", content=body, headers=headers)
    assert response.status_code in {200, 201}, response.text[:500]
    assert [item["success"] for item in response.json()["data"]] == [True] * 480


def test_a_bulk_body_too_large_is_413_in_our_envelope(nginx: Nginx) -> None:
    with nginx.client() as client:
        headers = sign_in(client) | {"Content-Type": "application/json"}
        response = client.post(
            "/api/v1/guests/bulk", content=b"x" * OVER_EVERYTHING, headers=headers
        )
    envelope(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_of_16_mib_goes_in_and_comes_out(nginx: Nginx, chunked: bool) -> None:
    picture = b"\x89PNG\r\n\x1a\n".ljust(16 * KIB * KIB, b"\0")
    edges = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n',
        b"\r\n--x--",
    )
    whole = edges[0] + picture + edges[1]
    with nginx.client() as client:
        headers = sign_in(client)
        typed = headers | {"Content-Type": "multipart/form-data; boundary=x"}
        sent = iter([whole]) if chunked else whole
        made = client.post("/api/v1/attachments", content=sent, headers=typed)
        assert made.status_code == 201, made.text[:500]
        found = client.get(made.json()["data"]["url"], headers=headers)
        assert found.content == picture
        assert found.headers["Content-Disposition"] == 'attachment; filename="a.png"'
        larger = whole + b"\0" * 2 * KIB * KIB
        response = client.post("/api/v1/attachments", content=larger, headers=typed)
    envelope(response, 413, "PAYLOAD_TOO_LARGE")


WEBHOOKS = {
    "/webhooks/twilio/sms": 64 * KIB,
    "/webhooks/twilio/status": 64 * KIB,
    "/webhooks/whatsapp": 3 * KIB * KIB,
}
MADE_UP = {"X-Twilio-Signature": "x", "X-Hub-Signature-256": "sha256=0"}


@pytest.mark.parametrize(("path", "most"), WEBHOOKS.items())
def test_a_webhook_may_be_as_large_as_its_provider_sends_them(
    nginx: Nginx, path: str, most: int
) -> None:
    with nginx.client() as client:
        sizes = (most, most + 1, most + 512 * KIB)
        found = [client.post(path, content=b"x" * size, headers=MADE_UP) for size in sizes]
        chunked = client.post(path, content=in_pieces(most + 8 * KIB), headers=MADE_UP)
    assert [answer.status_code for answer in found] == [404, 413, 413]
    assert chunked.status_code == 413


# ------------------------------------------------------------------------------------------------ what nginx says itself


def answered(line: socket.socket, sent: bytes) -> httpx.Response:
    """The answer to these bytes on a connection that the server then closes."""
    with line:
        line.sendall(sent)
        received = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = [tuple(one.split(b": ", 1)) for one in lines]
    return httpx.Response(int(status[9:12]), headers=headers, content=body)  # type: ignore[arg-type]


def has_the_headers_of_jack(response: httpx.Response) -> None:
    """Each once, as Jack itself sends them."""
    for name, value in FOR_ANSWERS:
        assert response.headers.get_list(name) == [value], name
    assert response.headers["server"] == "nginx"


MALFORMED = (
    b"/%",
    b"/%zz",
    b"/api/v1/%zz",
    b"/api/v1/guests/%00",
    b"/api/v1/\x00",
    b"/../..",
    b"/a b",
    b"nothing",
    b"http://jack.example.com/%",
    b"*",
)


@pytest.mark.parametrize("path", MALFORMED)
def test_a_malformed_path_is_400_in_our_envelope(nginx: Nginx, path: bytes) -> None:
    request = b"GET " + path + b" HTTP/1.1\r\nHost: jack.example.com\r\n\r\n"
    response = answered(nginx.connection(), request)
    envelope(response, 400, "VALIDATION_ERROR")
    has_the_headers_of_jack(response)
    assert response.headers["strict-transport-security"].startswith("max-age=")


HOST = b"Host: jack.example.com\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"NONSENSE\r\n\r\n", 400, "VALIDATION_ERROR"),
        (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", 400, "VALIDATION_ERROR"),
        (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405, "METHOD_NOT_ALLOWED"),
        (b"GET /.refused HTTP/1.1\r\n" + HOST + b"\r\n", 404, "NOT_FOUND"),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, "VALIDATION_ERROR"),
        (
            b"POST /api/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999\r\n\r\n",
            413,
            "PAYLOAD_TOO_LARGE",
        ),
        (
            b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
            400,
            "VALIDATION_ERROR",
        ),
    ],
)
def test_whatever_nginx_refuses_itself_looks_like_jacks(
    nginx: Nginx, sent: bytes, status: int, code: str
) -> None:
    response = answered(nginx.connection(), sent)
    envelope(response, status, code)
    has_the_headers_of_jack(response)
    assert response.headers["cache-control"] == dict(FOR_DATA)["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/chat", "/api/v1/guests", "/webhooks/whatsapp"])
def test_while_nobody_is_behind_it_the_headers_are_the_same(lonely_nginx: Nginx, path: str) -> None:
    with lonely_nginx.client() as client:
        response = client.get(path)
    assert response.status_code == 503
    has_the_headers_of_jack(response)
    assert response.headers["strict-transport-security"].startswith("max-age=")
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", [b"/chat", b"/%"])
def test_without_tls_they_are_the_same(nginx: Nginx, path: bytes) -> None:
    line = socket.create_connection(("127.0.0.1", nginx.http), timeout=60)
    response = answered(line, b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert response.status_code == (301 if path == b"/chat" else 400)
    has_the_headers_of_jack(response)


def test_plain_http_where_tls_is_spoken_is_400(nginx: Nginx) -> None:
    line = socket.create_connection(("127.0.0.1", nginx.https), timeout=60)
    response = answered(line, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert response.status_code == 400
    has_the_headers_of_jack(response)


@pytest.mark.parametrize("path", ["/", "/api/v1/guests", "/webhooks/none"])
def test_what_jack_answers_has_its_headers_once(nginx: Nginx, path: str) -> None:
    with nginx.client() as client:
        response = client.get(path)
    for name, _ in ALWAYS:
        assert len(response.headers.get_list(name)) == 1, name


def test_headers_too_large_are_refused_in_our_envelope(nginx: Nginx) -> None:
    with nginx.client() as client:
        response = client.get("/api/v1/guests", headers={"X-Large": "x" * 40_000})
    envelope(response, 400, "VALIDATION_ERROR")


def test_an_etag_survives_the_way_out_and_back(nginx: Nginx) -> None:
    entry = {"title": "Pool", "content": "Open daily. " * 400, "category": "amenity"}
    with nginx.client() as client:
        headers = sign_in(client)
        made = client.post("/api/v1/knowledge", json=entry, headers=headers).json()["data"]
        path = f"/api/v1/knowledge/{made['id']}"
        etag = client.get(path, headers=headers).headers["etag"]
        assert not etag.startswith("W/")
        changed = client.put(path, json=entry, headers=headers | {"If-Match": etag})
    assert changed.status_code == 200, changed.text


# ------------------------------------------------------------------------------------------------ the slow


def slow(nginx: Nginx, start: bytes) -> ssl.SSLSocket:
    """A client that says a little and then nothing."""
    connection = nginx.connection()
    connection.sendall(start)
    return connection


def test_fifty_slow_clients_do_not_keep_others_waiting(nginx: Nginx) -> None:
    half_a_header = b"GET /api/v1/guests HTTP/1.1\r\nHost: jack.example.com\r\nX-Slow: "
    half_a_body = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: jack.example.com\r\n"
        b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    waiting = [slow(nginx, half) for half in [half_a_header, half_a_body] * 25]
    try:
        with nginx.client() as client:
            started = time.monotonic()
            statuses = {client.get("/api/v1/guests").status_code for _ in range(20)}
            took = time.monotonic() - started
    finally:
        for connection in waiting:
            connection.close()
    assert statuses == {401}
    assert took < 9, f"20 requests took {took:.1f} s"


# ------------------------------------------------------------------------------------------------ other names


def test_an_unknown_name_is_refused_before_tls_is_up(nginx: Nginx) -> None:
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name|handshake"):
        nginx.connection("elsewhere.example.net")


def test_an_unknown_host_inside_tls_gets_no_answer(nginx: Nginx) -> None:
    with nginx.client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/api/v1/guests", headers={"Host": "elsewhere.example.net"})


@pytest.mark.parametrize("host", ["elsewhere.example.net", "127.0.0.1"])
def test_an_unknown_host_without_tls_gets_no_answer(nginx: Nginx, host: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{nginx.http}/api/v1/guests", headers={"Host": host})


def test_without_tls_the_hotels_name_leads_to_https(nginx: Nginx) -> None:
    response = httpx.get(
        f"http://127.0.0.1:{nginx.http}/chat?x=1", headers={"Host": "jack.example.com"}
    )
    assert response.status_code == 301
    assert response.headers["location"] == "https://jack.example.com/chat?x=1"


# ------------------------------------------------------------------------------------------------ nobody behind it


def test_without_gunicorn_the_api_is_503_in_our_envelope(lonely_nginx: Nginx) -> None:
    with lonely_nginx.client() as client:
        response = client.get("/api/v1/guests")
    envelope(response, 503, "UNAVAILABLE")
    assert int(response.headers["retry-after"]) > 0


def test_without_gunicorn_a_page_says_it_will_be_back(lonely_nginx: Nginx) -> None:
    with lonely_nginx.client() as client:
        response = client.get("/chat")
    assert response.status_code == 503
    assert response.headers["content-type"].startswith("text/html")
    assert int(response.headers["retry-after"]) > 0


# ------------------------------------------------------------------------------------------------ the end


def test_sigterm_lets_a_request_in_flight_finish(new_gunicorn: Callable[..., Gunicorn]) -> None:
    server = new_gunicorn()
    body = json.dumps(ADMIN).encode()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(server.socket)
        client.sendall(
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: jack.example.com\r\nExpect: 100-continue\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        assert b"100 Continue" in client.recv(1000)  # a worker has it, and waits for the body
        server.process.terminate()
        refused(server)
        client.sendall(body)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"token"' in answer
    assert server.process.wait(60) == 0
    assert "ERROR" not in server.log.read_text()


def refused(server: Gunicorn) -> None:
    """Wait until the server takes no new connection."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(server.socket) != 0:
                return
        time.sleep(0.02)
    pytest.fail("it still takes connections after SIGTERM")


def test_only_owner_and_group_may_use_the_socket(gunicorn: Gunicorn) -> None:
    assert stat.S_IMODE(os.stat(gunicorn.socket).st_mode) == 0o770


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/guests?search=" + "x" * 9_000, {}),
        ("/api/v1/guests", {"X-Large": "x" * 9_000}),
        ("/api/v1/guests", {f"X-{n}": "x" for n in range(70)}),
    ],
)
def test_gunicorn_alone_refuses_in_the_envelope(
    gunicorn: Gunicorn, path: str, headers: dict[str, str]
) -> None:
    with gunicorn.client() as client:
        envelope(client.get(path, headers=headers), 400, "VALIDATION_ERROR")


def test_the_log_quotes_nothing_of_a_malformed_request(
    new_gunicorn: Callable[..., Gunicorn],
) -> None:
    server = new_gunicorn(WEB_CONCURRENCY="1")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server.socket)
        client.sendall(b"GET /guests?search=Lovelace NONSENSE\r\nHost: Lovelace\r\n\r\n")
        assert b"400" in client.recv(1000)
    server.stop()
    assert "malformed" in server.log.read_text()
    assert "Lovelace" not in server.log.read_text()
