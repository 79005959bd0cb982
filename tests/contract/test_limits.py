"""Rate limits: whose budget a request is taken from, and what is said when it is spent."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from jack import create_app
from jack.resources.auth import sessions
from tests.builders import make_visitor
from tests.checks import refused, succeeded
from tests.conftest import PASSWORD, Person

Build = Callable[..., Flask]


@pytest.fixture
def build(environment: dict[str, str]) -> Iterator[Build]:
    """An app with limits of its own."""
    made: list[Flask] = []

    def one(**limits: str) -> Flask:
        made.append(create_app(environment | limits))
        return made[-1]

    yield one
    for app in made:
        app.extensions["jack"].databases.close()


def remaining(answer: Any) -> int:
    return int(answer.headers["X-RateLimit-Remaining"])


def test_a_spent_budget_is_429_and_says_when_to_come_back(build: Build) -> None:
    admin = Person(build(JACK_RATE_LIMIT="2/minute"), "admin", "Ada")
    began = time.time()
    answers = [admin.get("/auth/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(answers[2], 429)
    reset, wait = (int(answers[2].headers[name]) for name in ("X-RateLimit-Reset", "Retry-After"))
    assert 1 <= wait <= 61
    assert began <= reset - wait <= time.time() + 1


def test_a_budget_is_the_callers_whatever_the_session(build: Build) -> None:
    app = build(JACK_RATE_LIMIT="10/minute")
    ada, bea = Person(app, "admin", "Ada"), Person(app, "staff", "Bea")
    ada.get("/auth/me")
    ada.token = ada.post("/auth/refresh").json["data"]["token"]
    assert remaining(ada.get("/guests")) == 7
    assert remaining(bea.get("/guests")) == 9


def test_nobodys_budget_is_the_addresss(build: Build) -> None:
    client = build(JACK_RATE_LIMIT="10/minute").test_client()

    def ask(address: str) -> int:
        environ = {"REMOTE_ADDR": address}
        return remaining(client.get("/api/v1/guests", environ_overrides=environ))

    assert [ask("10.0.0.1"), ask("10.0.0.1"), ask("10.0.0.2")] == [9, 8, 9]
    assert [ask("2001:db8::1"), ask("2001:db8::2"), ask("2001:db8:0:1::1")] == [9, 8, 9]
    assert [ask("::ffff:10.0.0.9"), ask("10.0.0.9")] == [9, 8]
    assert [ask(""), ask("nonsense")] == [9, 8]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("GET", "/guests/a/b/c"), ("PUT", "/guests")]
)
def test_an_unknown_path_is_its_callers(method: str, path: str, build: Build) -> None:
    app = build(JACK_RATE_LIMIT="10/minute")
    ada, bea = Person(app, "admin", "Ada"), Person(app, "staff", "Bea")
    asked = [ada.open(path, method=method) for _ in range(2)]
    assert {answer.status_code for answer in asked} <= {404, 405}
    assert [remaining(answer) for answer in asked] == [9, 8]
    assert remaining(ada.get("/guests")) == 7
    assert remaining(bea.open(path, method=method)) == 9
    nobody = app.test_client().open(f"/api/v1{path}", method=method)
    assert remaining(nobody) == 9
    _, token = make_visitor(ada.db)
    visitor = {"Authorization": f"Bearer {token}"}
    told = app.test_client().open(f"/api/v1{path}", method=method, headers=visitor)
    assert remaining(told) == 9


def test_an_unknown_path_is_429_when_its_callers_budget_is_spent(build: Build) -> None:
    ada = Person(build(JACK_RATE_LIMIT="1/minute"), "admin", "Ada")
    refused(ada.get("/nothing"), 404)
    refused(ada.get("/nothing"), 429)


def test_a_bad_token_is_counted_by_address(build: Build) -> None:
    client = build(JACK_RATE_LIMIT="10/minute").test_client()
    answers = [
        client.get("/api/v1/guests", headers={"Authorization": f"Bearer {token}"})
        for token in ("a", "b", "a.b.c")
    ]
    assert [remaining(answer) for answer in answers] == [9, 8, 7]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("PUT", "/guests"), ("OPTIONS", "/guests"), ("POST", "/auth/login")],
)
def test_whatever_is_refused_is_counted(method: str, path: str, build: Build) -> None:
    client = build(JACK_RATE_LIMIT="10/minute").test_client()
    answers = [client.open(f"/api/v1{path}", method=method) for _ in range(2)]
    assert [remaining(answer) for answer in answers] == [9, 8]


def test_over_the_limit_nothing_is_done(build: Build) -> None:
    admin = Person(build(JACK_RATE_LIMIT="1/minute"), "admin", "Ada")
    succeeded(admin.post("/guests", {"name": "One"}), 201)
    refused(admin.post("/guests", {"name": "Two"}), 429)
    assert admin.db.value("SELECT count(*) FROM guests") == 1


def test_bulk_has_a_budget_of_its_own(build: Build) -> None:
    app = build(JACK_RATE_LIMIT="100/minute", JACK_RATE_LIMIT_BULK="2/minute")
    admin = Person(app, "admin", "Ada")
    body = {"items": [{"name": "x"}]}
    answers = [admin.post("/guests/bulk", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(admin.patch("/tasks/bulk", {}), 429)
    assert remaining(admin.get("/guests")) == 99


def test_a_clients_word_for_its_address_counts_nothing(build: Build) -> None:
    client = build(JACK_RATE_LIMIT="10/minute").test_client()
    answers = [
        client.get("/api/v1/guests", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in "12"
    ]
    assert [remaining(answer) for answer in answers] == [9, 8]


def test_a_trusted_proxys_word_counts_and_only_its_own(build: Build) -> None:
    app = build(JACK_RATE_LIMIT="10/minute", JACK_TRUSTED_PROXIES="1")
    client = app.test_client()

    def ask(forwarded: str) -> int:
        return remaining(client.get("/api/v1/guests", headers={"X-Forwarded-For": forwarded}))

    assert [ask("10.0.0.1"), ask("10.0.0.2"), ask("10.0.0.66, 10.0.0.1")] == [9, 9, 8]


# ------------------------------------------------------------------------------------------------ signing in


def log_in(app: Flask, email: str, password: str, address: str = "10.0.0.1") -> Any:
    body = {"email": email, "password": password}
    environ = {"REMOTE_ADDR": address}
    return app.test_client().post("/api/v1/auth/login", json=body, environ_overrides=environ)


@pytest.fixture
def guarded(build: Build) -> tuple[Flask, str]:
    """An app with the default limits, and the e-mail of a member of staff."""
    app = build()
    ada = Person(app, "admin", "Ada")
    sessions.set_password(ada.db, ada.id, PASSWORD)
    return app, ada.email


def test_the_eleventh_failure_for_an_account_is_429_and_so_is_the_right_password(
    guarded: tuple[Flask, str],
) -> None:
    app, email = guarded
    answers = [log_in(app, email.upper(), "wrong password", f"10.0.0.{n}") for n in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    refused(log_in(app, email, PASSWORD), 429)
    assert 1 <= int(answers[10].headers["Retry-After"]) <= 901


def test_a_new_password_that_is_too_common_is_no_failed_try(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    db = app.extensions["jack"].databases.get()
    token = log_in(app, email, PASSWORD).json["data"]["token"]
    invitation, _ = sessions.invite(
        db, str(db.value("SELECT id FROM staff WHERE email_key = :key", {"key": email}))
    )
    client, common = app.test_client(), "password1234"
    for _ in range(11):
        body = {"token": invitation, "password": common}
        refused(client.post("/api/v1/auth/accept-invite", json=body), 400)
        changed = client.put(
            "/api/v1/auth/password",
            json={"currentPassword": PASSWORD, "newPassword": common},
            headers={"Authorization": f"Bearer {token}"},
        )
        refused(changed, 400)
    succeeded(log_in(app, email, PASSWORD))


def test_a_wrong_current_password_is_a_failed_try(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    token = log_in(app, email, PASSWORD).json["data"]["token"]
    body = {"currentPassword": "not the password", "newPassword": "a new good password"}
    headers = {"Authorization": f"Bearer {token}"}
    answers = [
        app.test_client().put("/api/v1/auth/password", json=body, headers=headers).status_code
        for _ in range(11)
    ]
    assert answers == [401] * 10 + [429]


def test_an_unknown_account_is_throttled_alike(guarded: tuple[Flask, str]) -> None:
    app, _ = guarded
    answers = [log_in(app, "nobody@x.example", "wrong", f"10.0.0.{n}") for n in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_the_thirty_first_failure_from_an_address_is_429(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    answers = [log_in(app, f"nobody{n}@x.example", "wrong") for n in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    refused(log_in(app, email, PASSWORD), 429)
    succeeded(log_in(app, email, PASSWORD, "10.0.0.2"))


def test_an_address_that_is_refused_locks_nobody_out(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    for number in range(30):
        log_in(app, f"nobody{number}@x.example", "wrong")
    answers = [log_in(app, email, "wrong") for _ in range(11)]
    assert {answer.status_code for answer in answers} == {429}
    succeeded(log_in(app, email, PASSWORD, "10.0.0.2"))


def test_who_tries_a_locked_account_again_does_not_lock_the_colleagues_out(
    guarded: tuple[Flask, str],
) -> None:
    app, email = guarded
    for _ in range(40):
        log_in(app, "forgetful@x.example", "wrong")
    succeeded(log_in(app, email, PASSWORD))


def test_an_address_that_is_refused_uses_up_nobodys_password_resets(build: Build) -> None:
    app = build(JACK_LOGIN_FAILURES_ADDRESS="2/day", JACK_LOGIN_LETTERS="3/day")

    def forgotten(email: str, address: str) -> int:
        return (
            app.test_client()
            .post(  # type: ignore[no-any-return]
                "/api/v1/auth/forgotten-password",
                json={"email": email},
                environ_overrides={"REMOTE_ADDR": address},
            )
            .status_code
        )

    for number in range(2):
        assert forgotten(f"n{number}@x.example", "10.0.0.1") == 202
    assert {forgotten("ada@x.example", "10.0.0.1") for _ in range(9)} == {429}
    assert forgotten("ada@x.example", "10.0.0.2") == 202


def test_made_up_e_mails_do_not_crowd_out_the_count_of_an_account(
    guarded: tuple[Flask, str],
) -> None:
    """As long as where a count lies was a plain hash, anybody could look for e-mails that lie beside it."""
    app, email = guarded
    limits, item = app.extensions["jack"].limits, app.extensions["jack"].config.login_failures

    def bucket(email: str) -> int:
        key = item.key_for(f"login:{email}").encode()
        return int.from_bytes(hashlib.blake2b(key, digest_size=16).digest()[:4], "little") % 8192

    for number in range(10):
        log_in(app, email, "wrong", f"10.0.0.{number}")
    wanted = bucket(email)
    beside = [made for n in range(150_000) if bucket(made := f"x{n}@a.example") == wanted]
    assert len(beside) > 8
    for made in beside:
        limits.spend_or_refuse(item, f"login:{made}", "No.")
        limits.spend(item, f"login:{made}")
    refused(log_in(app, email, PASSWORD, "10.0.1.1"), 429)


def test_successes_cost_nothing(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    for _ in range(40):
        assert log_in(app, email, PASSWORD).status_code == 200


def test_the_current_password_cannot_be_guessed_at_will(guarded: tuple[Flask, str]) -> None:
    app, email = guarded
    token = log_in(app, email, PASSWORD).json["data"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"currentPassword": "wrong password", "newPassword": "another good password"}
    answers = [
        app.test_client().put("/api/v1/auth/password", json=body, headers=headers)
        for _ in range(11)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


# ------------------------------------------------------------------------------------------------ web chat


def test_new_chats_are_limited_by_address(build: Build) -> None:
    client = build(JACK_RATE_LIMIT_CHAT_SESSIONS="2/minute").test_client()
    answers = [client.post("/api/v1/webchat/sessions", json={}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    refused(answers[2], 429)
    assert [answer.headers["X-RateLimit-Limit"] for answer in answers] == ["2"] * 3
    other = {"REMOTE_ADDR": "10.0.0.2"}
    again = client.post("/api/v1/webchat/sessions", json={}, environ_overrides=other)
    assert again.status_code == 201


def say(app: Flask, token: str, key: str, address: str = "10.0.0.1") -> Any:
    return app.test_client().post(
        "/api/v1/webchat/messages",
        json={"content": "Hola", "clientMessageId": key},
        headers={"Authorization": f"Bearer {token}"},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_a_visitors_messages_are_limited_by_token(build: Build) -> None:
    app = build(JACK_RATE_LIMIT_CHAT="2/minute")
    db = app.extensions["jack"].databases.get()
    _, token = make_visitor(db)
    answers = [say(app, token, f"{n}", f"10.0.0.{n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert [remaining(answer) for answer in answers] == [1, 0, 0]
    assert db.value("SELECT count(*) FROM messages") == 2


def test_and_by_address_whatever_the_token(build: Build) -> None:
    app = build(JACK_RATE_LIMIT_CHAT="1/minute")
    db = app.extensions["jack"].databases.get()
    answers = [say(app, make_visitor(db)[1], "1") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
