"""The doors for providers: who may come in, and what they are answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.messaging import webhook_routes
from jack.resources.settings import store as settings
from tests.peers import signing
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer

HOME = "https://jack.example.com"
SILENCE = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
MADE_UP = {"X-Hub-Signature-256": "sha256=0", "X-Twilio-Signature": "0"}
MOST = {
    "/whatsapp": 3 * 1024 * 1024,
    "/twilio/sms": 64 * 1024,
    "/twilio/whatsapp": 64 * 1024,
    "/twilio/status": 64 * 1024,
}
ALL = ("/whatsapp", "/twilio/sms", "/twilio/whatsapp", "/twilio/status")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUBLIC_URL": HOME}


@pytest.fixture
def meta(app: Flask, app_db: Database) -> Iterator[MetaPeer]:
    with MetaPeer(hook=to_app(app)) as peer:
        settings.put(app_db, "channels.whatsapp", peer.settings())
        yield peer


@pytest.fixture
def twilio(app: Flask, app_db: Database) -> Iterator[TwilioPeer]:
    with TwilioPeer(hook=to_app(app), public_url=HOME) as peer:
        settings.put(app_db, "channels.sms", peer.sms_settings())
        yield peer


def count(db: Database, table: str = "messages") -> int:
    return int(db.value(f"SELECT count(*) FROM {table}"))


# ------------------------------------------------------------------------------------------------ the handshake


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"hub.verify_token": "wrong"}, 403),
        ({"hub.verify_token": ""}, 403),
        ({"hub.mode": "unsubscribe"}, 403),
    ],
)
def test_meta_makes_sure_of_us(
    client: FlaskClient, meta: MetaPeer, change: dict[str, str], status: int
) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": meta.verify_token}
    asked |= {"hub.challenge": "1158201444"} | change
    answer = client.get("/webhooks/whatsapp", query_string=asked)
    assert answer.status_code == status
    assert answer.content_type == "text/plain; charset=utf-8"
    assert (answer.text == "1158201444") is (status == 200)


# ------------------------------------------------------------------------------------------------ messages


def test_what_meta_tells_is_stored(meta: MetaPeer, app_db: Database) -> None:
    hook = meta.guest("5215512345678", "Ana").says("¿Hay toallas? 🙂")
    assert (hook.answer, hook.said) == (200, b"OK")
    assert app_db.value("SELECT content FROM messages") == "¿Hay toallas? 🙂"


def test_what_twilio_tells_is_stored_and_answered_with_nothing(
    twilio: TwilioPeer, app_db: Database
) -> None:
    hook = twilio.guest("+525512345678").says("Hola")
    assert (hook.answer, hook.said) == (200, SILENCE)
    assert app_db.value("SELECT content FROM messages") == "Hola"


def test_whatsapp_by_twilio_has_a_door_of_its_own(twilio: TwilioPeer, app_db: Database) -> None:
    settings.put(app_db, "channels.whatsapp", twilio.whatsapp_settings())
    hook = twilio.guest("whatsapp:+5215512345678").says("Hola")
    assert (hook.answer, hook.said) == (200, SILENCE)
    assert app_db.value("SELECT channel FROM conversations") == "whatsapp"


def test_a_channel_that_is_switched_off_still_hears(meta: MetaPeer, app_db: Database) -> None:
    settings.put(app_db, "channels.whatsapp", meta.settings() | {"enabled": False})
    assert meta.guest("5215512345678").says("Hola").answer == 200
    assert count(app_db) == 1


@pytest.mark.parametrize("kind", ["meta", "twilio"])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    meta: MetaPeer, twilio: TwilioPeer, app_db: Database, kind: str, caplog: Any
) -> None:
    if kind == "meta":
        meta.app_secret = "not the right one"
        hook = meta.guest("5215512345678", "Zacharias").says("My room is 12")
    else:
        twilio.token = "not the right one"
        hook = twilio.guest("+525512345678").says("My room is 12")
    assert (hook.answer, hook.said) == (403, webhook_routes.MESSAGES[403].encode())
    assert count(app_db) == 0
    assert not any(word in caplog.text for word in ("Zacharias", "room", "551234"))


def test_an_account_that_is_not_ours_is_acknowledged_and_logged(
    client: FlaskClient, meta: MetaPeer, app_db: Database, caplog: Any
) -> None:
    meta.phone_number_id = "999"
    assert meta.guest("5215512345678", "Zacharias").says("Hola").answer == 200
    assert count(app_db) == 0
    assert "whatsapp:999" in caplog.text
    assert not any(word in caplog.text for word in ("Zacharias", "5512345678", "Hola"))


def test_unknown_things_that_are_authentic_are_acknowledged(
    client: FlaskClient, meta: MetaPeer
) -> None:
    for told in (b"{}", b"[]", b"nothing", b'{"entry": 1}', b"\xff", b"[" * 100_000):
        signed = {"X-Hub-Signature-256": signing.meta(meta.app_secret, told)}
        assert client.post("/webhooks/whatsapp", data=told, headers=signed).status_code == 200


def test_a_status_finds_its_channel(
    client: FlaskClient, twilio: TwilioPeer, app_db: Database
) -> None:
    told = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": twilio.account_sid}
    told |= {"From": twilio.number, "To": "+525512345678"}
    target = "/webhooks/twilio/status?m=msg-none"
    signed = {"X-Twilio-Signature": signing.twilio(twilio.token, HOME + target, told.items())}
    assert client.post(target, data=told, headers=signed).data == SILENCE
    assert count(app_db, "receipts") == 1
    other = client.post(target.replace("none", "other"), data=told, headers=signed)
    assert other.status_code == 403


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("path", ALL)
def test_where_nothing_is_connected_it_is_said_in_few_words(client: FlaskClient, path: str) -> None:
    answer = client.post(f"/webhooks{path}", data=b"x", headers=MADE_UP)
    assert (answer.status_code, answer.text) == (404, webhook_routes.MESSAGES[404])


@pytest.mark.parametrize("path", ALL)
def test_a_body_too_large_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.post(f"/webhooks{path}", data=b"x" * (MOST[path] + 1), headers=MADE_UP)
    assert (answer.status_code, answer.text) == (413, webhook_routes.MESSAGES[413])


@pytest.mark.parametrize("path", ["/twilio/sms", "/none", "/whatsapp/"])
def test_no_refusal_is_a_page(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/webhooks{path}")
    assert answer.status_code in (404, 405)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert len(answer.data) < 100
    assert (answer.status_code == 405) == ("Allow" in answer.headers)


def test_a_database_that_cannot_be_written_asks_for_another_time(
    app: Flask, meta: MetaPeer, app_db: Database
) -> None:
    other = Database(app_db.path, deadline=1)
    app_db.deadline = 0.05
    other.begin()
    try:
        hook = meta.guest("5215512345678").says("Hola")
        assert set(hook.answers) == {503}
    finally:
        other.end("ROLLBACK")
        other.close()
    assert count(app_db) == 0


def test_twenty_statuses_in_one_request_all_count(
    client: FlaskClient, meta: MetaPeer, app_db: Database
) -> None:
    statuses = [
        {"id": f"wamid.{n}", "status": "delivered", "timestamp": "1698266945"} for n in range(20)
    ]
    value = {"metadata": {"phone_number_id": meta.phone_number_id}, "statuses": statuses}
    told = {"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    body = json.dumps(told).encode()
    signed = {"X-Hub-Signature-256": signing.meta(meta.app_secret, body)}
    assert client.post("/webhooks/whatsapp", data=body, headers=signed).status_code == 200
    assert count(app_db, "receipts") == 20
