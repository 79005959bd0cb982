"""Administrators are told of a webhook that Jack has disabled, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jack.core.db import Database
from jack.resources.settings import store as settings
from jack.resources.webhooks import store
from jack.worker import webhook_mail
from tests.builders import make_member
from tests.peers.smtp import Smtp, smtp

URL = "https://jack.example"


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


@pytest.fixture
def hook(db: Database) -> str:
    """A webhook that has just been disabled."""
    for email, role in (("ada@hotel.example", "admin"), ("sam@hotel.example", "staff")):
        make_member(db, name="Ada", email=email, role=role, password_hash="x")
    made = store.create(db, url="https://hooks.example.com/jack", events=["*"])["id"]
    store.disable(db, made, store.FAILING)
    return str(made)


def by_mail(db: Database, relay: Smtp) -> None:
    servers = {"smtp": relay.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
    value = {"enabled": True, "address": "front@hotel.example"}
    settings.put(db, "channels.email", value | servers)


@pytest.mark.parametrize(("language", "word"), [("en", "webhook"), ("es", "activa")])
def test_every_administrator_is_told_once(
    db: Database, relay: Smtp, hook: str, language: str, word: str
) -> None:
    by_mail(db, relay)
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": language})
    for _ in range(2):
        webhook_mail.send_due(db, URL)
    (mail,) = relay.desk.taken
    assert mail.recipients == ["ada@hotel.example"]
    text = mail.text
    assert "https://hooks.example.com/jack" in text
    assert f"{URL}/#/settings/integrations" in text
    assert word in text
    assert store.untold(db) == []


def test_while_there_is_no_mail_they_are_still_to_be_told(
    db: Database, relay: Smtp, hook: str
) -> None:
    webhook_mail.send_due(db, URL)
    assert [row["id"] for row in store.untold(db)] == [hook]
    by_mail(db, relay)
    webhook_mail.send_due(db, URL)
    assert len(relay.desk.taken) == 1


def test_a_webhook_that_somebody_has_disabled_is_no_news(db: Database, relay: Smtp) -> None:
    by_mail(db, relay)
    made = store.create(db, url="https://hooks.example.com/jack", events=["*"])["id"]
    store.change(db, made, enabled=False)
    webhook_mail.send_due(db, URL)
    assert relay.desk.taken == []
