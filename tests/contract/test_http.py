"""What every answer has in common: the request's id, protection, methods, other origins, budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.sweeps.hotel import UNLIMITED


def test_a_body_that_is_cut_short_is_refused_whatever_it_says(member: Person) -> None:
    whole = b'{"name": "Ada"}'
    overrides = {"CONTENT_LENGTH": str(len(whole) + 1)}
    answer = member.open("/guests", method="POST", data=whole, environ_overrides=overrides)
    assert "Content-Length" in refused(answer, 400)["message"]
    assert succeeded(member.get("/guests")) == []


# ------------------------------------------------------------------------------------------------ the request's id


@pytest.mark.parametrize("sane", ["a", "abc-123_X.y:z", "x" * 64])
def test_a_sane_request_id_comes_back(sane: str, client: FlaskClient) -> None:
    answer = client.get("/api/v1/guests", headers={"X-Request-Id": sane})
    assert answer.headers["X-Request-Id"] == sane
    assert answer.json["error"]["requestId"] == sane


@pytest.mark.parametrize("odd", ["", "x" * 65, "a b", "<script>", "ключ", "a;b", "a\x00b"])
def test_an_odd_request_id_is_replaced(odd: str, client: FlaskClient) -> None:
    answer = client.get("/api/v1/guests", environ_overrides={"HTTP_X_REQUEST_ID": odd})
    assert re.fullmatch("[0-9a-f]{24}", answer.headers["X-Request-Id"])


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    ids = {client.get("/api/v1/guests").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


def test_pages_have_one_too(client: FlaskClient) -> None:
    assert client.get("/healthz").headers["X-Request-Id"]


# ------------------------------------------------------------------------------------------------ protection


def test_data_are_no_page(member: Person) -> None:
    headers = member.get("/guests").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


# ------------------------------------------------------------------------------------------------ other origins


@pytest.fixture(scope="module")
def cors_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("cors")
    environment = {
        "JACK_INSTANCE": str(folder),
        "JACK_CORS_ORIGINS": "https://www.example.com, https://app.example.com:8443",
        **UNLIMITED,
    }
    app = create_app(environment)
    yield app.test_client()
    app.extensions["jack"].databases.close()


def test_no_other_origin_may_call_unless_it_is_configured(client: FlaskClient) -> None:
    headers = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "POST"}
    for answer in (
        client.get("/api/v1/guests", headers=headers),
        client.options("/api/v1/guests", headers=headers),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("origin", ["https://www.example.com", "https://app.example.com:8443"])
def test_a_configured_origin_may_ask_and_call(origin: str, cors_client: FlaskClient) -> None:
    asked = cors_client.options(
        "/api/v1/guests",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,content-type,if-match",
        },
    )
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"].lower()
    called = cors_client.get("/api/v1/guests", headers={"Origin": origin})
    refused(called, 401)
    assert called.headers["Access-Control-Allow-Origin"] == origin
    assert "X-RateLimit-Remaining" in called.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in called.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://www.example.com.evil.example", "null"]
)
def test_another_origin_may_not(origin: str, cors_client: FlaskClient) -> None:
    answer = cors_client.get("/api/v1/guests", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_pages_are_not_for_other_origins(cors_client: FlaskClient) -> None:
    answer = cors_client.get("/healthz", headers={"Origin": "https://www.example.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers


# ------------------------------------------------------------------------------------------------ health


def test_healthz_says_that_the_process_is_up(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_readyz_is_200_while_everything_is_there(client: FlaskClient, app: Flask) -> None:
    app.extensions["jack"].config.worker_lock.touch()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_readyz_is_503_without_a_worker_and_tells_strangers_nothing(
    client: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.extensions["jack"].config.worker_lock.unlink(missing_ok=True)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    assert answer.headers["Retry-After"] == "5"
    assert "the background worker is not running" in caplog.text


def test_health_is_not_counted(client: FlaskClient) -> None:
    assert "X-RateLimit-Limit" not in client.get("/healthz").headers


# ------------------------------------------------------------------------------------------------ crashes


def test_a_crash_is_500_in_the_envelope_and_its_values_are_not_logged(
    member: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = "zacharias".title()  # a line of code may be logged, and what it worked on may not

    def crash(*args: object, **kwargs: object) -> None:
        raise ValueError(f"{name}, 4111 1111 1111 1111")

    monkeypatch.setattr("jack.resources.guests.store.search", crash)
    answer = member.get("/guests")
    error = refused(answer, 500)
    assert error["requestId"] in caplog.text
    assert "ValueError" in caplog.text
    assert "Zacharias" not in caplog.text + answer.get_data(as_text=True)
    succeeded(member.get("/auth/me"))
