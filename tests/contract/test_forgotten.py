"""`POST /auth/forgotten-password`: the same answer for everybody, and a letter for those who work here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from jack.core.db import Database
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person
from tests.sweeps.hotel import UNLIMITED

EMAIL = {
    "enabled": True,
    "address": "front@hotel.example",
    "smtp": {"host": "127.0.0.1", "username": "front", "password": "secret"},
    "imap": {"host": "127.0.0.1", "password": "secret"},
}
FEW = {"JACK_LOGIN_LETTERS": "3/hour", "JACK_LOGIN_FAILURES_ADDRESS": "10/15 minute"}


@pytest.fixture(scope="module")
def _shared_app(tmp_path_factory: pytest.TempPathFactory, _time: Clock) -> Iterator[Flask]:
    own = {"JACK_INSTANCE": str(tmp_path_factory.mktemp("instance")), "JACK_WORKER": "0"}
    public = {"JACK_PUBLIC_URL": "https://jack.example"}
    made = create_app({**UNLIMITED, **FEW, **own, **public}, clock=_time)
    yield made
    made.extensions["jack"].databases.close()


@pytest.fixture
def by_mail(app_db: Database) -> None:
    """E-mail is connected."""
    settings.put(app_db, "channels.email", EMAIL)


def forget(client: FlaskClient, email: Any, **kwargs: Any) -> Any:
    return client.post("/api/v1/auth/forgotten-password", json={"email": email}, **kwargs)


def asked(db: Database) -> list[str]:
    return [row["email_key"] for row in db.all("SELECT email_key FROM password_resets")]


@pytest.mark.usefixtures("by_mail")
def test_known_unknown_and_inactive_accounts_are_told_apart_by_nothing(
    member: Person, app_db: Database, client: FlaskClient
) -> None:
    gone = staff.create(app_db, name="Gone", email="gone@hotel.example")
    staff.change(app_db, gone["id"], active=False)
    emails = [member.email, "nobody@hotel.example", "gone@hotel.example"]
    answers = [forget(client, email) for email in emails]
    for answer in answers:
        assert succeeded(answer, 202) == {"accepted": True}
    assert len({answer.get_data() for answer in answers}) == 1
    assert len({frozenset(name for name, _ in answer.headers) for answer in answers}) == 1
    assert sorted(asked(app_db)) == sorted(emails)  # as much is written for one as for another


@pytest.mark.usefixtures("by_mail")
def test_the_address_is_compared_without_case_and_kept_once(
    member: Person, app_db: Database, client: FlaskClient
) -> None:
    for email in (member.email.upper(), f" {member.email} "):
        succeeded(forget(client, email), 202)
    assert asked(app_db) == [member.email]


@pytest.mark.usefixtures("by_mail")
def test_the_address_is_compared_in_either_form_of_its_domain(
    app_db: Database, client: FlaskClient
) -> None:
    for email in ("jane@müller.de", "Jane@XN--MLLER-KVA.de"):
        succeeded(forget(client, email), 202)
    assert asked(app_db) == ["jane@müller.de"]


@pytest.mark.usefixtures("by_mail")
def test_nothing_changes_until_the_letter_is_used(member: Person, client: FlaskClient) -> None:
    succeeded(forget(client, member.email), 202)
    succeeded(member.get("/auth/me"))


def incomplete(app: Flask, db: Database, patch: pytest.MonkeyPatch) -> None:
    settings.put(db, "channels.email", {"enabled": True, "address": "front@hotel.example"})


def switched_off(app: Flask, db: Database, patch: pytest.MonkeyPatch) -> None:
    settings.put(db, "channels.email", EMAIL | {"enabled": False})


def without_public_url(app: Flask, db: Database, patch: pytest.MonkeyPatch) -> None:
    settings.put(db, "channels.email", EMAIL)
    home = app.extensions["jack"]
    config = dataclasses.replace(home.config, public_url=None)
    patch.setitem(app.extensions, "jack", dataclasses.replace(home, config=config))


@pytest.mark.parametrize("lacking", [incomplete, switched_off, without_public_url])
def test_where_no_mail_can_be_sent_the_answer_is_the_same_and_the_page_says_so(
    lacking: Any,
    app: Flask,
    app_db: Database,
    member: Person,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking(app, app_db, monkeypatch)
    assert succeeded(forget(client, member.email), 202) == {"accepted": True}
    assert asked(app_db) == []
    assert 'data-resets="no"' in client.get("/").text


@pytest.mark.usefixtures("by_mail")
def test_the_page_says_that_mails_can_be_sent(client: FlaskClient) -> None:
    assert 'data-resets="yes"' in client.get("/").text


@pytest.mark.usefixtures("by_mail")
@pytest.mark.parametrize("email", ["sam@hotel.example", "nobody@hotel.example"])
def test_an_account_is_written_to_three_times_an_hour(
    email: str, member: Person, client: FlaskClient
) -> None:
    for written in (email, email.upper(), email):
        succeeded(forget(client, written), 202)
    answer = forget(client, email)
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) > 900
    succeeded(forget(client, "another@hotel.example"), 202)


@pytest.mark.usefixtures("by_mail")
def test_an_address_that_asks_for_many_is_refused_and_spends_nobodys_mails(
    member: Person, client: FlaskClient
) -> None:
    for number in range(10):
        succeeded(forget(client, f"guess{number}@hotel.example"), 202)
    for _ in range(4):
        refused(forget(client, member.email), 429)
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    succeeded(forget(client, member.email, environ_overrides=elsewhere), 202)


@pytest.mark.parametrize("email", ["", " ", None, 7, "a\nb", "x" * 255])
def test_what_is_no_text_is_refused(email: Any, client: FlaskClient) -> None:
    assert named(refused(forget(client, email), 400)) == {"email"}
