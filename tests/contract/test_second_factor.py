"""The second factor: setting it up, signing in with it, recovery codes, who must have one, resetting it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.auth import passwords, sessions
from jack.resources.auth.second_factor import store as second_factor
from jack.resources.auth.second_factor import totp
from tests.checks import refused, succeeded
from tests.conftest import PASSWORD, Clock, Person

VALID = "SELECT count(*) FROM sessions WHERE staff_id = :id AND revoked_at IS NULL"


class Authenticator:
    """An app on somebody's telephone, with the clock of the tests."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._app, self._clock = pyotp.TOTP(secret), clock

    def code(self, *, steps: int = 0) -> str:
        """The code it shows now, or so many half minutes later."""
        return str(self._app.at(int(self._clock()) + steps * 30))

    def next(self) -> str:
        """The code of the next half minute, which it waits for."""
        self._clock.move(30)
        return self.code()


def log_in(client: FlaskClient, person: Person, **more: str) -> Any:
    body = {"email": person.email, "password": PASSWORD, **more}
    return client.post("/api/v1/auth/login", json=body)


def wrong_of(app: Authenticator) -> str:
    """Six digits that are no code of about now."""
    near = {app.code(steps=steps) for steps in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


@pytest.fixture
def known(app_db: Database, member: Person, client: FlaskClient) -> Person:
    """A member with a password, signed in."""
    sessions.set_password(app_db, member.id, PASSWORD)
    member.token = succeeded(log_in(client, member))["token"]
    return member


@pytest.fixture
def authenticator(known: Person, clock: Clock) -> Authenticator:
    """Set up by its member; the code of the confirmation is used."""
    app, _ = set_up(known, clock)
    return app


def set_up(person: Person, clock: Clock) -> tuple[Authenticator, list[str]]:
    """An authenticator that is set up, and the recovery codes."""
    app = Authenticator(succeeded(person.post("/auth/totp"))["secret"], clock)
    codes = succeeded(person.post("/auth/totp/confirm", {"totp": app.code()}))["recoveryCodes"]
    return app, codes


def require(admin: Person, whom: str) -> None:
    succeeded(admin.put("/settings/security", {"value": {"requireTotp": whom}}))


# ------------------------------------------------------------------------------------------------ the codes themselves


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(now: int, code: str) -> None:
    """Appendix B, SHA-1, whose eight digits end in our six."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890
    assert totp.matching_step(secret, code, now) == now // 30
    assert totp.matching_step(secret, f" {code[:3]} {code[3:]} ", now) == now // 30
    assert totp.matching_step(secret, code, now + 61) is None


@pytest.mark.parametrize("code", ["", "28708", "2870820", "２８７０８２", "28708²", "abcdef", "-"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert totp.matching_step("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", code, 59) is None


# ------------------------------------------------------------------------------------------------ setting it up


def test_a_secret_is_answered_for_an_app(known: Person) -> None:
    made = succeeded(known.post("/auth/totp"))
    assert made.keys() == {"secret", "otpauthUri", "qrCode"}
    uri = urlsplit(made["otpauthUri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/Our hotel:{known.email}"
    asked = parse_qs(uri.query)
    assert asked == {"secret": [made["secret"]], "issuer": ["Our hotel"]}
    assert len(made["secret"]) == 32
    assert made["qrCode"].startswith("data:image/svg+xml")


def test_the_secret_is_not_readable_in_the_database(
    known: Person, app_db: Database, authenticator: Authenticator
) -> None:
    secret = str(authenticator._app.secret)
    stored = app_db.row("SELECT secret FROM totp WHERE staff_id = :id", {"id": known.id})
    assert secret.encode() not in stored["secret"]


def test_it_counts_only_once_confirmed(known: Person, client: FlaskClient) -> None:
    succeeded(known.post("/auth/totp"))
    assert succeeded(known.get("/auth/totp"))["enabled"] is False
    succeeded(log_in(client, known))


def test_a_wrong_code_confirms_nothing(known: Person, client: FlaskClient, clock: Clock) -> None:
    refused(known.post("/auth/totp/confirm", {"totp": "000000"}), 409, reason="totp_not_begun")
    app = Authenticator(succeeded(known.post("/auth/totp"))["secret"], clock)
    answer = known.post("/auth/totp/confirm", {"totp": wrong_of(app)})
    refused(answer, 401, reason="totp_invalid")
    succeeded(log_in(client, known))


def test_a_secret_asked_for_again_replaces_the_one_before(known: Person, clock: Clock) -> None:
    first = Authenticator(succeeded(known.post("/auth/totp"))["secret"], clock)
    second = Authenticator(succeeded(known.post("/auth/totp"))["secret"], clock)
    refused(known.post("/auth/totp/confirm", {"totp": first.code()}), 401)
    succeeded(known.post("/auth/totp/confirm", {"totp": second.code()}))


def test_a_confirmed_one_is_not_replaced(known: Person, authenticator: Authenticator) -> None:
    refused(known.post("/auth/totp"), 409, reason="totp_enabled")
    refused(known.post("/auth/totp/confirm", {"totp": "123456"}), 409, reason="totp_enabled")


def test_confirming_answers_ten_different_recovery_codes(
    known: Person, clock: Clock, app_db: Database
) -> None:
    _, codes = set_up(known, clock)
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 20 for code in codes)
    hashes = app_db.column("SELECT code_hash FROM recovery_codes")
    assert not {part for code in codes for part in code.split("-")} & set(hashes)
    state = succeeded(known.get("/auth/totp"))
    assert state == {
        "enabled": True,
        "required": False,
        "enabledAt": "2026-05-28T20:26:40.000Z",
        "recoveryCodesLeft": 10,
    }


def test_setting_it_up_ends_all_other_sessions(
    known: Person, client: FlaskClient, clock: Clock
) -> None:
    other = succeeded(log_in(client, known))["token"]
    set_up(known, clock)
    succeeded(known.get("/auth/me"))
    header = {"Authorization": f"Bearer {other}"}
    refused(client.get("/api/v1/auth/me", headers=header), 401, reason="token_revoked")


def test_what_was_never_confirmed_is_forgotten_after_a_day(
    known: Person, app_db: Database, clock: Clock
) -> None:
    succeeded(known.post("/auth/totp"))
    clock.move(25 * 3600)
    assert sessions.delete_expired(app_db) == 1
    assert app_db.value("SELECT count(*) FROM totp") == 0


# ------------------------------------------------------------------------------------------------ signing in


def test_signing_in_needs_a_code(
    known: Person, client: FlaskClient, authenticator: Authenticator
) -> None:
    refused(log_in(client, known), 401, reason="totp_required")
    data = succeeded(log_in(client, known, totp=authenticator.next()))
    assert data["user"]["id"] == known.id


def test_a_wrong_password_says_nothing_of_a_second_factor(
    known: Person, client: FlaskClient, authenticator: Authenticator
) -> None:
    wrong = {"email": known.email, "password": "not the password"}
    unknown = {"email": "nobody@hotel.example", "password": "not the password"}
    bodies = [wrong, wrong | {"totp": authenticator.next()}, wrong | {"totp": "1"}]
    answers = [client.post("/api/v1/auth/login", json=body) for body in [*bodies, unknown]]
    found = [refused(answer, 401, reason="invalid_credentials")["message"] for answer in answers]
    assert len(set(found)) == 1
    succeeded(log_in(client, known, totp=authenticator.code()))  # not used up by the wrong password


def test_a_code_is_used_once(
    known: Person, client: FlaskClient, authenticator: Authenticator
) -> None:
    used = authenticator.code()  # it has confirmed the set-up
    refused(log_in(client, known, totp=used), 401, reason="totp_invalid")
    code = authenticator.next()
    succeeded(log_in(client, known, totp=code))
    refused(log_in(client, known, totp=code), 401, reason="totp_invalid")
    refused(log_in(client, known, totp=used), 401, reason="totp_invalid")


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_telephone_may_be_half_a_minute_off(
    known: Person,
    client: FlaskClient,
    authenticator: Authenticator,
    clock: Clock,
    steps: int,
    good: bool,
) -> None:
    clock.move(600)
    answer = log_in(client, known, totp=authenticator.code(steps=steps))
    assert answer.status_code == (200 if good else 401)


def test_a_code_before_the_last_one_is_not_good_any_more(
    known: Person, client: FlaskClient, authenticator: Authenticator, clock: Clock
) -> None:
    clock.move(600)
    succeeded(log_in(client, known, totp=authenticator.code(steps=1)))
    for steps in (-1, 0, 1):
        refused(log_in(client, known, totp=authenticator.code(steps=steps)), 401)


def test_of_twelve_sign_ins_at_once_with_one_code_one_succeeds(
    known: Person,
    app: Flask,
    app_db: Database,
    authenticator: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, before = authenticator.next(), app_db.value(VALID, {"id": known.id})
    real, all_in = passwords.matches, Barrier(12)

    def matches(stored: str | None, password: str) -> bool:
        found = real(stored, password)
        all_in.wait(20)  # every password is found right before any session begins
        return found

    def attempt(_: int) -> int:
        try:
            return int(log_in(app.test_client(), known, totp=code).status_code)
        finally:
            app.extensions["jack"].databases.close()

    monkeypatch.setattr(passwords, "matches", matches)
    with ThreadPoolExecutor(12) as pool:
        answers = sorted(pool.map(attempt, range(12)))
    assert answers == [200] + [401] * 11
    assert app_db.value(VALID, {"id": known.id}) == before + 1


def test_one_that_is_set_up_while_a_thief_signs_in_lets_nobody_in(
    known: Person,
    client: FlaskClient,
    app_db: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = passwords.matches

    def matches(stored: str | None, password: str) -> bool:
        monkeypatch.setattr(passwords, "matches", real)
        set_up(known, clock)
        return real(stored, password)

    monkeypatch.setattr(passwords, "matches", matches)
    refused(log_in(client, known), 401, reason="totp_required")
    assert app_db.value(VALID, {"id": known.id}) == 1


def test_a_code_is_not_used_up_by_a_session_that_did_not_begin(
    known: Person, app_db: Database, authenticator: Authenticator, app: Flask
) -> None:
    code, key = authenticator.next(), app.extensions["jack"].secret
    with pytest.raises(Exception, match="not right"):
        sessions.begin_session(
            app_db, known.id, hours=1, password_hash="another", factor=totp.Given(code, key)
        )
    sessions.begin_session(app_db, known.id, hours=1, factor=totp.Given(code, key))


def test_a_session_is_refreshed_without_a_code(known: Person, authenticator: Authenticator) -> None:
    succeeded(known.post("/auth/refresh"))


def test_a_code_of_somebody_without_a_second_factor_does_not_matter(
    known: Person, client: FlaskClient
) -> None:
    succeeded(log_in(client, known, totp="123456"))


# ------------------------------------------------------------------------------------------------ recovery codes


@pytest.mark.parametrize(
    "typed",
    [str, str.upper, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")],
)
def test_a_recovery_code_stands_in_for_the_app_once(
    known: Person, client: FlaskClient, clock: Clock, typed: Callable[[str], str]
) -> None:
    _, codes = set_up(known, clock)
    succeeded(log_in(client, known, totp=typed(codes[3])))
    refused(log_in(client, known, totp=codes[3]), 401, reason="totp_invalid")
    succeeded(log_in(client, known, totp=codes[4]))
    assert succeeded(known.get("/auth/totp"))["recoveryCodesLeft"] == 8


def test_somebody_elses_recovery_code_is_worth_nothing(
    known: Person, admin: Person, client: FlaskClient, clock: Clock
) -> None:
    set_up(known, clock)
    _, codes = set_up(admin, clock)
    refused(log_in(client, known, totp=codes[0]), 401, reason="totp_invalid")


def test_of_twelve_sign_ins_at_once_with_one_recovery_code_one_succeeds(
    known: Person, app: Flask, clock: Clock
) -> None:
    _, codes = set_up(known, clock)

    def attempt(_: int) -> int:
        try:
            return int(log_in(app.test_client(), known, totp=codes[0]).status_code)
        finally:
            app.extensions["jack"].databases.close()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(attempt, range(12))) == [200] + [401] * 11


def test_recovery_codes_work_after_the_signing_key_is_lost(
    known: Person, app_db: Database, clock: Clock
) -> None:
    app, codes = set_up(known, clock)
    for code, good in ((app.next(), False), (codes[0], True)):
        given = totp.Given(code, "a signing key of another machine, new")
        if good:
            totp.check(app_db, known.id, given)
        else:
            with pytest.raises(Exception, match="not right"):
                totp.check(app_db, known.id, given)


# ------------------------------------------------------------------------------------------------ guessing


class TestGuessing:
    """With the budgets of an ordinary installation."""

    @pytest.fixture
    def app(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
        from limits import parse

        config = app.extensions["jack"].config
        for name, item in (
            ("login_failures", "10/15 minute"),
            ("login_failures_address", "30/15 minute"),
        ):
            monkeypatch.setitem(config.__dict__, name, parse(item))
        return app

    def test_a_wrong_code_counts_like_a_wrong_password(
        self, known: Person, client: FlaskClient, authenticator: Authenticator
    ) -> None:
        wrong = wrong_of(authenticator)
        answers = [log_in(client, known, totp=wrong).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]
        assert log_in(client, known, totp=authenticator.next()).status_code == 429

    def test_being_asked_for_the_code_costs_nothing(
        self, known: Person, client: FlaskClient, authenticator: Authenticator
    ) -> None:
        answers = [log_in(client, known).json["error"]["reason"] for _ in range(12)]
        assert answers == ["totp_required"] * 12

    def test_codes_cannot_be_guessed_by_turning_it_off(
        self, known: Person, authenticator: Authenticator
    ) -> None:
        body = {"password": PASSWORD, "totp": wrong_of(authenticator)}
        answers = [known.delete("/auth/totp", json=body).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]

    def test_codes_cannot_be_guessed_with_an_invitation(
        self, known: Person, client: FlaskClient, authenticator: Authenticator, app_db: Database
    ) -> None:
        token, _ = sessions.invite(app_db, known.id)
        body = {"token": token, "password": PASSWORD, "totp": wrong_of(authenticator)}
        answers = [
            client.post("/api/v1/auth/accept-invite", json=body).status_code for _ in range(11)
        ]
        assert answers == [401] * 10 + [429]

    def test_an_address_that_is_refused_does_not_lock_the_account(
        self, known: Person, admin: Person, client: FlaskClient
    ) -> None:
        for number in range(30):
            log_in(
                client, known, email=f"nobody{number}@hotel.example", password="not the password"
            )
        for _ in range(12):
            assert log_in(client, known, password="not the password").status_code == 429
        elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
        body = {"email": known.email, "password": PASSWORD}
        succeeded(client.post("/api/v1/auth/login", json=body, environ_overrides=elsewhere))


# ------------------------------------------------------------------------------------------------ ways around it


def test_a_link_for_a_new_password_does_not_stand_in_for_it(
    known: Person, client: FlaskClient, authenticator: Authenticator, app_db: Database
) -> None:
    token, _ = sessions.invite(app_db, known.id)
    body = {"token": token, "password": "another good password"}
    before = app_db.row("SELECT password_hash FROM staff WHERE id = :id", {"id": known.id})
    for more, reason in (
        ({}, "totp_required"),
        ({"totp": wrong_of(authenticator)}, "totp_invalid"),
    ):
        answer = client.post("/api/v1/auth/accept-invite", json=body | more)
        refused(answer, 401, reason=reason)
    assert app_db.row("SELECT password_hash FROM staff WHERE id = :id", {"id": known.id}) == before
    code = authenticator.next()
    succeeded(client.post("/api/v1/auth/accept-invite", json=body | {"totp": code}))
    refused(log_in(client, known, password=body["password"], totp=code), 401, reason="totp_invalid")


def test_a_new_password_from_the_command_line_leaves_it_on(
    known: Person, client: FlaskClient, authenticator: Authenticator, app_db: Database
) -> None:
    sessions.set_password(app_db, known.id, PASSWORD)
    refused(log_in(client, known), 401, reason="totp_required")


# ------------------------------------------------------------------------------------------------ turning it off, resetting


def test_it_is_turned_off_with_password_and_code(
    known: Person, client: FlaskClient, authenticator: Authenticator, app_db: Database
) -> None:
    other = succeeded(log_in(client, known, totp=authenticator.next()))["token"]
    code = authenticator.next()
    for body, reason in (
        ({"password": "not the password", "totp": code}, "invalid_credentials"),
        ({"password": PASSWORD, "totp": wrong_of(authenticator)}, "totp_invalid"),
    ):
        refused(known.delete("/auth/totp", json=body), 401, reason=reason)
    state = succeeded(known.delete("/auth/totp", json={"password": PASSWORD, "totp": code}))
    assert (state["enabled"], state["recoveryCodesLeft"]) == (False, 0)
    assert app_db.value("SELECT count(*) FROM recovery_codes") == 0
    header = {"Authorization": f"Bearer {other}"}
    refused(client.get("/api/v1/auth/me", headers=header), 401, reason="token_revoked")
    succeeded(log_in(client, known))
    answer = known.delete("/auth/totp", json={"password": PASSWORD, "totp": code})
    refused(answer, 409, reason="totp_not_enabled")


def test_a_recovery_code_turns_it_off_too(known: Person, clock: Clock) -> None:
    _, codes = set_up(known, clock)
    succeeded(known.delete("/auth/totp", json={"password": PASSWORD, "totp": codes[9]}))


def test_an_administrator_resets_it_and_the_member_is_signed_out(
    known: Person, admin: Person, client: FlaskClient, authenticator: Authenticator, clock: Clock
) -> None:
    clock.move(60)
    assert succeeded(admin.get(f"/staff/{known.id}"))["totpEnabled"] is True
    member = succeeded(admin.delete(f"/staff/{known.id}/totp"))
    assert (member["totpEnabled"], member["updatedAt"]) == (False, "2026-05-28T20:27:40.000Z")
    refused(known.get("/auth/me"), 401, reason="token_revoked")
    succeeded(log_in(client, known))


def test_a_reset_of_nothing_changes_nothing(known: Person, admin: Person, clock: Clock) -> None:
    before = succeeded(admin.get(f"/staff/{known.id}"))
    clock.move(60)
    assert succeeded(admin.delete(f"/staff/{known.id}/totp")) == before
    succeeded(known.get("/auth/me"))


def test_ones_own_is_not_reset_but_turned_off(admin: Person, clock: Clock) -> None:
    set_up(admin, clock)
    refused(admin.delete(f"/staff/{admin.id}/totp"), 409, reason="own_totp")


def test_only_administrators_see_who_has_one(known: Person, authenticator: Authenticator) -> None:
    assert succeeded(known.get(f"/staff/{known.id}"))["totpEnabled"] is None
    assert {row["totpEnabled"] for row in succeeded(known.get("/staff"))} == {None}


def test_each_change_is_an_event(known: Person, admin: Person, clock: Clock) -> None:
    def happened() -> int:
        rows = succeeded(admin.get("/events?limit=100"))
        return sum(
            row["changed"] == ["totpEnabled"] and row["subjectId"] == known.id for row in rows
        )

    set_up(known, clock)
    assert happened() == 1
    second_factor.reset(known.db, known.id, by=admin.id)
    assert happened() == 2


# ------------------------------------------------------------------------------------------------ who must have one


@pytest.mark.parametrize(
    ("whom", "confined"),
    [("none", set()), ("admins", {"admin"}), ("everyone", {"admin", "manager", "staff"})],
)
def test_the_setting_says_who_must(
    whom: str, confined: set[str], admin: Person, manager: Person, known: Person
) -> None:
    require(admin, whom)
    for role, person in (("admin", admin), ("manager", manager), ("staff", known)):
        answer = person.get("/guests")
        if role in confined:
            refused(answer, 403, reason="totp_setup_required")
        else:
            succeeded(answer)
        assert succeeded(person.get("/auth/totp"))["required"] == (role in confined)


def test_who_must_can_sign_in_only_to_set_it_up(
    known: Person, admin: Person, client: FlaskClient, clock: Clock
) -> None:
    require(admin, "everyone")
    known.token = succeeded(log_in(client, known))["token"]
    succeeded(known.get("/auth/me"))
    for method, path, body in (
        ("GET", "/conversations", None),
        ("GET", "/events", None),
        ("GET", "/auth/sessions", None),
        ("POST", "/auth/refresh", None),
        ("POST", "/guests", {"name": "Ana"}),
        ("PUT", "/auth/password", {"currentPassword": PASSWORD, "newPassword": PASSWORD}),
    ):
        answer = known.open(path, method=method, json=body)
        refused(answer, 403, reason="totp_setup_required")
    set_up(known, clock)
    succeeded(known.get("/conversations"))


def test_who_must_and_turns_it_off_has_to_set_it_up_again(
    known: Person, admin: Person, authenticator: Authenticator
) -> None:
    require(admin, "everyone")
    succeeded(known.get("/guests"))
    body = {"password": PASSWORD, "totp": authenticator.next()}
    succeeded(known.delete("/auth/totp", json=body))
    refused(known.get("/guests"), 403, reason="totp_setup_required")


def test_who_must_can_sign_out(known: Person, admin: Person) -> None:
    require(admin, "everyone")
    succeeded(known.post("/auth/logout"))


@pytest.mark.parametrize(
    "value", [{"requireTotp": "all"}, {"requireTotp": None}, {"require": "none"}]
)
def test_the_setting_takes_nothing_else(value: dict[str, Any], admin: Person) -> None:
    refused(admin.put("/settings/security", {"value": value}), 400)
