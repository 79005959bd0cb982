"""What becomes of webhook requests that no provider has signed: refused as early as can be, and soon not read at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from jack.channels import types
from jack.channels.twilio import inbound as twilio_inbound
from jack.core.db import Database
from jack.messaging import webhook_routes
from jack.resources.settings import store as settings
from tests.peers import signing
from tests.peers.hooks import to_app
from tests.peers.twilio import TwilioPeer

HOME = "https://jack.example.com"
MADE_UP = {"X-Hub-Signature-256": "sha256=0", "X-Twilio-Signature": "0"}
SMS = "/webhooks/twilio/sms"
STATUS = "/webhooks/twilio/status"
PATHS = ("/webhooks/whatsapp", SMS, "/webhooks/twilio/whatsapp", STATUS)
FEW = {"JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "3/day"}

Build = Callable[..., Flask]


@pytest.fixture
def build(environment: dict[str, str]) -> Iterator[Build]:
    """An app with limits of its own, and an SMS account."""
    made: list[Flask] = []

    def one(**limits: str) -> Flask:
        made.append(create_app(environment | {"JACK_PUBLIC_URL": HOME} | limits))
        return made[-1]

    yield one
    for app in made:
        app.extensions["jack"].databases.close()


@pytest.fixture
def app(build: Build) -> Flask:
    return build(**FEW)


@pytest.fixture
def twilio(app: Flask, app_db: Database) -> Iterator[TwilioPeer]:
    """Twilio, with an SMS account of the app's."""
    with TwilioPeer(hook=to_app(app), public_url=HOME) as peer:
        settings.put(app_db, "channels.sms", peer.sms_settings())
        yield peer


class Untouchable(io.RawIOBase):
    """A body that nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("the body was read")


def send(client: FlaskClient, path: str, address: str = "192.0.2.1", **sent: Any) -> Any:
    return client.post(path, environ_overrides={"REMOTE_ADDR": address}, **sent)


def unread(client: FlaskClient, path: str, length: int, **sent: Any) -> Any:
    """The answer to a request whose body must not be touched."""
    environ = {
        "REMOTE_ADDR": "192.0.2.1",
        "CONTENT_LENGTH": str(length),
        "wsgi.input": Untouchable(),
    }
    return client.post(path, environ_overrides=environ, **sent)


# ------------------------------------------------------------------------------------------------ before the body is read


@pytest.mark.parametrize("path", PATHS)
def test_without_a_signature_the_body_is_not_read(client: FlaskClient, path: str) -> None:
    assert unread(client, path, 1000).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_body_too_large_is_not_read(client: FlaskClient, path: str) -> None:
    most = 3 * 1024 * 1024 if path.endswith("/whatsapp") and "twilio" not in path else 64 * 1024
    assert unread(client, path, most + 1, headers=MADE_UP).status_code == 413


def test_after_some_refusals_nothing_of_an_address_is_read(
    client: FlaskClient, twilio: TwilioPeer
) -> None:
    answers = [send(client, SMS, data={"a": "b"}, headers=MADE_UP) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403] * 3
    answer = unread(client, SMS, 9, headers=MADE_UP)
    assert (answer.status_code, answer.text) == (429, webhook_routes.MESSAGES[429])
    assert int(answer.headers["Retry-After"]) > 0
    assert send(client, SMS, "192.0.2.2", data={"a": "b"}, headers=MADE_UP).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", SMS, 403),
        ("GET", SMS, 405),
        ("GET", "/webhooks/whatsapp?hub.mode=subscribe", 404),
        ("POST", "/webhooks/none", 404),
    ],
)
def test_every_kind_of_refusal_counts(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answers = [client.open(path, method=method).status_code for _ in range(4)]
    assert answers == [status] * 3 + [429]


def test_webhooks_do_not_spend_from_the_budget_of_the_api(build: Build) -> None:
    client = build(**FEW, JACK_RATE_LIMIT="2/day").test_client()
    for _ in range(5):
        client.post(SMS)
    assert client.get("/api/v1/nothing").headers["X-RateLimit-Remaining"] == "1"


# ------------------------------------------------------------------------------------------------ what is signed


def test_what_is_signed_is_never_refused_for_its_number(
    client: FlaskClient, twilio: TwilioPeer, app_db: Database
) -> None:
    send(client, SMS, "127.0.0.1", data={"a": "b"}, headers=MADE_UP)
    guest = twilio.guest("+525512345678")
    assert {guest.says(f"Hola {number}").answer for number in range(20)} == {200}
    assert app_db.value("SELECT count(*) FROM messages") == 20


def test_an_address_has_a_wide_budget_for_everything(build: Build) -> None:
    client = build(JACK_RATE_LIMIT_WEBHOOKS="5/day").test_client()
    answers = [send(client, SMS, headers=MADE_UP).status_code for _ in range(6)]
    assert answers == [404] * 5 + [429]
    assert send(client, SMS, "192.0.2.2", headers=MADE_UP).status_code == 404


def test_should_the_shared_counts_fail_webhooks_are_taken(
    app: Flask, twilio: TwilioPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.extensions["jack"].limits.limiter.storage, "increment", fail)
    assert twilio.guest("+525512345678").says("Hola").answer == 200


# ------------------------------------------------------------------------------------------------ how much is understood


def test_a_form_of_too_many_fields_is_not_split(
    client: FlaskClient, twilio: TwilioPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the form was split")

    monkeypatch.setattr(types, "parse_qsl", refuse)
    for path in (SMS, "/webhooks/twilio/whatsapp", STATUS):
        answer = send(client, path, "192.0.2.7", data=b"&".join([b"a=1"] * 201), headers=MADE_UP)
        assert answer.status_code == 413


def test_a_signed_form_of_200_fields_is_taken(client: FlaskClient, twilio: TwilioPeer) -> None:
    fields = [("AccountSid", twilio.account_sid), ("From", "+525512345678"), ("Body", "Hola")]
    fields += [(f"Field{number}", "x") for number in range(197)]
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in fields)
    signed = {"X-Twilio-Signature": signing.twilio(twilio.token, HOME + SMS, fields)}
    assert send(client, SMS, data=body, headers=signed).status_code == 200


def test_a_status_is_understood_only_when_it_is_signed(
    client: FlaskClient, twilio: TwilioPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood: list[bool] = []
    monkeypatch.setattr(twilio_inbound, "channel", lambda _post: understood.append(True) or "sms")
    told = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": twilio.account_sid}
    assert send(client, STATUS, data=told, headers=MADE_UP).status_code == 403
    assert understood == []
    signed = {"X-Twilio-Signature": signing.twilio(twilio.token, HOME + STATUS, told.items())}
    assert send(client, STATUS, data=told, headers=signed).status_code == 200
    assert understood == [True]


def test_a_status_of_a_channel_without_an_account_is_unknown_here(
    client: FlaskClient, twilio: TwilioPeer
) -> None:
    told = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "whatsapp:+525512345678"}
    signed = {"X-Twilio-Signature": signing.twilio(twilio.token, HOME + STATUS, told.items())}
    assert send(client, STATUS, data=told, headers=signed).status_code == 404


def test_a_body_signed_by_its_hash_is_not_split_for_the_signature(
    client: FlaskClient, twilio: TwilioPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the form was split")

    monkeypatch.setattr(types, "parse_qsl", refuse)
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}
    answer = send(client, f"{SMS}?bodySHA256={digest}", data=b"{}", headers=MADE_UP)
    assert answer.status_code == 403
