"""The log of sign-ins: a line each, which names nobody."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse

from jack.core.db import Database
from jack.resources.auth import attempts, sessions
from tests.conftest import PASSWORD, Person

LINE = re.compile(r"sign-in (.+): account=([0-9a-f]{16}) address=(\S+)")


@pytest.fixture
def known(app_db: Database, member: Person) -> Person:
    sessions.set_password(app_db, member.id, PASSWORD)
    return member


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What has been logged of sign-ins."""
    caplog.set_level(logging.INFO, logger="jack.sign_in")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "jack.sign_in"]


def log_in(client: FlaskClient, email: str, password: str, ip: str = "203.0.113.7") -> None:
    body = {"email": email, "password": password}
    client.post("/api/v1/auth/login", json=body, environ_overrides={"REMOTE_ADDR": ip})


def test_good_and_failed_sign_ins_are_a_line_each(
    known: Person, client: FlaskClient, lines: Callable[[], list[str]]
) -> None:
    log_in(client, known.email, PASSWORD)
    log_in(client, known.email.upper(), "not the password")
    log_in(client, "nobody@hotel.example", PASSWORD, ip="2001:db8::1")
    found = [LINE.fullmatch(line) for line in lines()]
    assert all(found)
    said = [match.groups() for match in found if match]
    failed = "failed (invalid_credentials)"
    assert [how for how, _, _ in said] == ["ok", failed, failed]
    assert [address for _, _, address in said] == ["203.0.113.7", "203.0.113.7", "2001:db8::1"]
    accounts = [account for _, account, _ in said]
    assert accounts[0] == accounts[1] != accounts[2]
    assert "hotel.example" not in " ".join(lines()).lower()


def test_throttled_ones_are_logged(
    known: Person,
    client: FlaskClient,
    app: Flask,
    lines: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions["jack"].config.__dict__, "login_failures", parse("1/minute"))
    for _ in range(2):
        log_in(client, known.email, "not the password")
    assert [line.split(":")[0] for line in lines()] == [
        "sign-in failed (invalid_credentials)",
        "sign-in throttled",
    ]


def test_an_address_that_is_none_cannot_write_into_the_log(
    known: Person, client: FlaskClient, lines: Callable[[], list[str]]
) -> None:
    log_in(client, known.email, PASSWORD, ip="1.2.3.4 forged=yes")
    assert lines()[0].endswith(" address=unknown")


def test_an_accepted_invitation_is_a_sign_in(
    known: Person, client: FlaskClient, app_db: Database, lines: Callable[[], list[str]]
) -> None:
    token, _ = sessions.invite(app_db, known.id)
    client.post("/api/v1/auth/accept-invite", json={"token": token, "password": PASSWORD})
    log_in(client, known.email, PASSWORD, ip="127.0.0.1")
    assert len(lines()) == 2
    assert len(set(lines())) == 1


def test_the_account_is_hashed_with_the_key_of_the_installation(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context():
        first = attempts._account("ada@hotel.example")
        monkeypatch.setitem(app.extensions["jack"].__dict__, "secret", "another key" * 4)
        assert attempts._account("ada@hotel.example") != first


def test_lines_go_to_standard_error_whatever_the_server_logs(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    attempts.init_log()
    attempts.init_log()
    attempts.log.info("sign-in %s", "ok")
    assert capsys.readouterr().err == "sign-in ok\n"


def test_no_line_goes_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, terminal = os.openpty()
    with open(shown, "rb", buffering=0) as screen, open(terminal, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        attempts.init_log()
        for how in ("ok", "failed (invalid_credentials)", "throttled"):
            attempts.log.info("sign-in %s", how)
        stderr.write("the next line\n")
        stderr.flush()
        assert screen.read(4096) == b"the next line\r\n"
