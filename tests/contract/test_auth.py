"""`/auth`: signing in and out, sessions, invitations, the first set-up."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.auth import sessions
from jack.resources.staff import store as staff
from tests.checks import MOMENT, named, refused, succeeded
from tests.conftest import PASSWORD, Clock, Person

OTHER = "another good password"
HOUR = 3600.0


def post(client: FlaskClient, path: str, body: Any, **kwargs: Any) -> Any:
    return client.post(f"/api/v1/auth{path}", json=body, **kwargs)


def me(client: FlaskClient, token: str) -> Any:
    return client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def known(app_db: Database, admin: Person) -> Person:
    """An administrator with a password."""
    sessions.set_password(app_db, admin.id, PASSWORD)
    with admin._client.application.app_context():
        from jack.resources.auth import tokens

        admin.token = tokens.issue(app_db, admin.id, hours=24)["token"]
    return admin


# ------------------------------------------------------------------------------------------------ signing in


def test_login_answers_a_token_its_end_and_the_user(known: Person, client: FlaskClient) -> None:
    data = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))
    assert data.keys() == {"token", "expiresAt", "user"}
    assert data["user"] == {
        "id": known.id,
        "name": "Ada Test",
        "email": known.email,
        "role": "admin",
        "department": None,
    }
    assert succeeded(me(client, data["token"]))["id"] == known.id


def test_a_token_lives_24_hours(known: Person, client: FlaskClient, clock: Clock) -> None:
    data = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))
    assert MOMENT.fullmatch(data["expiresAt"])
    assert data["expiresAt"] == "2026-05-29T20:26:40.000Z"
    clock.move(24 * HOUR - 1)
    succeeded(me(client, data["token"]))
    clock.move(60)
    refused(me(client, data["token"]), 401, reason="token_expired")


@pytest.mark.parametrize("email", ["ada@hotel.example", "ADA@Hotel.Example", " ada@hotel.example "])
def test_the_email_of_a_login_is_compared_without_case(
    email: str, known: Person, client: FlaskClient
) -> None:
    succeeded(post(client, "/login", {"email": email, "password": PASSWORD}))


def test_a_wrong_password_and_an_unknown_account_are_told_apart_by_nothing(
    known: Person, client: FlaskClient
) -> None:
    wrong = post(client, "/login", {"email": known.email, "password": OTHER})
    unknown = post(client, "/login", {"email": "nobody@hotel.example", "password": OTHER})
    errors = [refused(answer, 401, reason="invalid_credentials") for answer in (wrong, unknown)]
    assert errors[0]["message"] == errors[1]["message"]
    assert {name for name, _ in wrong.headers} == {name for name, _ in unknown.headers}


def test_who_has_not_accepted_the_invitation_cannot_sign_in(
    known: Person, app_db: Database, client: FlaskClient
) -> None:
    staff.create(app_db, name="New", email="new@hotel.example")
    for password in (PASSWORD, "None", " "):
        answer = post(client, "/login", {"email": "new@hotel.example", "password": password})
        assert answer.status_code in (400, 401)


def test_who_is_deactivated_cannot_sign_in(
    known: Person, app_db: Database, client: FlaskClient
) -> None:
    made = staff.create(app_db, name="Gone", email="gone@hotel.example")
    sessions.set_password(app_db, made["id"], PASSWORD)
    staff.change(app_db, made["id"], active=False)
    answer = post(client, "/login", {"email": "gone@hotel.example", "password": PASSWORD})
    refused(answer, 401, reason="invalid_credentials")


def test_signing_in_notes_when_somebody_was_last_seen(
    known: Person, client: FlaskClient, clock: Clock
) -> None:
    clock.move(HOUR)
    post(client, "/login", {"email": known.email, "password": PASSWORD})
    seen = succeeded(known.get(f"/staff/{known.id}"))["lastSeenAt"]
    assert seen == "2026-05-28T21:26:40.000Z"


# ------------------------------------------------------------------------------------------------ sessions


def test_refresh_gives_a_new_token_and_the_old_one_is_dead(
    known: Person, client: FlaskClient
) -> None:
    data = succeeded(known.post("/auth/refresh"))
    assert data["token"] != known.token
    assert data["user"]["id"] == known.id
    refused(known.get("/auth/me"), 401, reason="token_revoked")
    succeeded(me(client, data["token"]))


def test_logout_acts_on_the_next_request(known: Person) -> None:
    assert succeeded(known.post("/auth/logout")) == {"signedOut": True}
    refused(known.get("/auth/me"), 401, reason="token_revoked")


def test_logout_ends_this_session_only(known: Person, client: FlaskClient) -> None:
    other = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))
    known.post("/auth/logout")
    succeeded(me(client, other["token"]))


def test_a_new_role_acts_on_the_next_request(admin: Person, member: Person) -> None:
    refused(member.post("/knowledge/bulk", {"items": []}), 403)
    succeeded(admin.patch(f"/staff/{member.id}", {"role": "manager"}))
    refused(member.post("/knowledge/bulk", {"items": []}), 400)
    assert succeeded(member.get("/auth/me"))["role"] == "manager"
    succeeded(admin.patch(f"/staff/{member.id}", {"role": "staff"}))
    refused(member.post("/knowledge/bulk", {"items": []}), 403)


def test_a_deactivation_acts_on_the_next_request(admin: Person, member: Person) -> None:
    succeeded(admin.patch(f"/staff/{member.id}", {"active": False}))
    refused(member.get("/auth/me"), 401, reason="token_revoked")


def test_who_comes_back_is_not_let_in_by_an_old_token(admin: Person, member: Person) -> None:
    for active in (False, True):
        succeeded(admin.patch(f"/staff/{member.id}", {"active": active}))
    refused(member.get("/auth/me"), 401, reason="token_revoked")


# ------------------------------------------------------------------------------------------------ passwords


def test_a_new_password_ends_all_other_sessions(known: Person, client: FlaskClient) -> None:
    other = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))
    body = {"currentPassword": PASSWORD, "newPassword": OTHER}
    assert succeeded(known.put("/auth/password", body)) == {"changed": True}
    refused(me(client, other["token"]), 401, reason="token_revoked")
    succeeded(known.get("/auth/me"))


def test_the_new_password_is_the_one_that_opens(known: Person, client: FlaskClient) -> None:
    known.put("/auth/password", {"currentPassword": PASSWORD, "newPassword": OTHER})
    refused(post(client, "/login", {"email": known.email, "password": PASSWORD}), 401)
    succeeded(post(client, "/login", {"email": known.email, "password": OTHER}))


def test_a_new_password_needs_the_current_one(known: Person, client: FlaskClient) -> None:
    answer = known.put("/auth/password", {"currentPassword": OTHER, "newPassword": OTHER})
    refused(answer, 401, reason="invalid_credentials")
    succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))


def test_who_has_no_password_cannot_change_it(member: Person) -> None:
    answer = member.put("/auth/password", {"currentPassword": OTHER, "newPassword": OTHER})
    refused(answer, 401, reason="invalid_credentials")


@pytest.mark.parametrize(
    "password",
    ["elevenchars", "x" * 129, "password1234", "PASSWORD1234", "aaaaaaaaaaaa", "ababababababab"],
)
def test_a_password_too_short_too_long_or_too_common_is_refused(
    password: str, known: Person
) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": password}
    assert named(refused(known.put("/auth/password", body), 400)) == {"newPassword"}


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "x" * 124 + "yzAB",
        "ein zwölftel",
        "密码密码密码密码很长很长",
        "🐟🐠🐡🦈" * 3,
    ],
)
def test_a_password_of_12_to_128_characters_of_any_kind_is_taken(
    password: str, known: Person, client: FlaskClient
) -> None:
    succeeded(known.put("/auth/password", {"currentPassword": PASSWORD, "newPassword": password}))
    succeeded(post(client, "/login", {"email": known.email, "password": password}))


# ------------------------------------------------------------------------------------------------ invitations


def test_a_new_member_is_invited_and_chooses_a_password(admin: Person, client: FlaskClient) -> None:
    made = succeeded(admin.post("/staff", {"name": "Jane Doe", "email": "jane@hotel.example"}), 201)
    assert made["invited"] is True
    token = made["invite"]["token"]
    data = succeeded(post(client, "/accept-invite", {"token": token, "password": PASSWORD}))
    assert data["user"]["id"] == made["id"]
    succeeded(me(client, data["token"]))
    succeeded(post(client, "/login", {"email": "jane@hotel.example", "password": PASSWORD}))
    assert succeeded(admin.get(f"/staff/{made['id']}"))["invited"] is False


def test_an_invitation_names_its_page_and_its_end(admin: Person) -> None:
    invite = succeeded(admin.post("/staff", {"name": "J", "email": "j@hotel.example"}), 201)[
        "invite"
    ]
    assert invite.keys() == {"token", "url", "expiresAt", "mailedTo"}
    assert invite["url"] == f"http://127.0.0.1:8000/invite#{invite['token']}"
    assert invite["expiresAt"] == "2026-05-31T20:26:40.000Z"


def test_an_invitation_is_shown_once(admin: Person) -> None:
    made = succeeded(admin.post("/staff", {"name": "J", "email": "j@hotel.example"}), 201)
    token = made["invite"]["token"]
    for path in (f"/staff/{made['id']}", "/staff", "/events"):
        answer = admin.get(path).get_data(as_text=True)
        assert token not in answer
        assert '"invite"' not in answer


def test_an_invitation_works_once(admin: Person, member: Person, client: FlaskClient) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    succeeded(post(client, "/accept-invite", {"token": token, "password": PASSWORD}))
    answer = post(client, "/accept-invite", {"token": token, "password": OTHER})
    refused(answer, 401, reason="token_invalid")
    succeeded(post(client, "/login", {"email": member.email, "password": PASSWORD}))


def test_an_invitation_ends_after_72_hours(
    admin: Person, member: Person, client: FlaskClient, clock: Clock
) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    clock.move(72 * HOUR)
    answer = post(client, "/accept-invite", {"token": token, "password": PASSWORD})
    refused(answer, 401, reason="token_expired")


def test_a_newer_invitation_takes_the_place_of_the_older(
    admin: Person, member: Person, client: FlaskClient
) -> None:
    old, new = (succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"] for _ in range(2))
    refused(post(client, "/accept-invite", {"token": old, "password": PASSWORD}), 401)
    succeeded(post(client, "/accept-invite", {"token": new, "password": PASSWORD}))


def test_a_poor_password_does_not_use_an_invitation_up(
    admin: Person, member: Person, client: FlaskClient
) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    answer = post(client, "/accept-invite", {"token": token, "password": "password1234"})
    assert named(refused(answer, 400)) == {"password"}
    succeeded(post(client, "/accept-invite", {"token": token, "password": PASSWORD}))


def test_accepting_an_invitation_ends_older_sessions(
    admin: Person, member: Person, client: FlaskClient
) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    post(client, "/accept-invite", {"token": token, "password": PASSWORD})
    refused(member.get("/auth/me"), 401, reason="token_revoked")


def test_nobody_who_is_deactivated_is_invited(admin: Person, member: Person) -> None:
    admin.patch(f"/staff/{member.id}", {"active": False})
    assert refused(admin.post(f"/staff/{member.id}/invite"), 409)["reason"] == "inactive"


def test_a_deactivation_withdraws_the_invitation(
    admin: Person, member: Person, client: FlaskClient
) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    admin.patch(f"/staff/{member.id}", {"active": False})
    refused(post(client, "/accept-invite", {"token": token, "password": PASSWORD}), 401)


def test_a_set_up_token_is_no_invitation(app_db: Database, client: FlaskClient) -> None:
    token, _ = sessions.invite_setup(app_db)
    refused(post(client, "/accept-invite", {"token": token, "password": PASSWORD}), 401)


# ------------------------------------------------------------------------------------------------ the first set-up


def first(token: str, **more: str) -> dict[str, str]:
    return {
        "token": token,
        "name": "Ada",
        "email": "ada@hotel.example",
        "password": PASSWORD,
        **more,
    }


def test_the_set_up_link_makes_the_first_administrator(
    app_db: Database, client: FlaskClient
) -> None:
    token, ends = sessions.invite_setup(app_db)
    assert ends == "2026-05-28T20:56:40.000Z"
    data = succeeded(post(client, "/setup", first(token)), 201)
    assert data["user"]["role"] == "admin"
    succeeded(me(client, data["token"]))


def test_the_set_up_link_works_once(app_db: Database, client: FlaskClient) -> None:
    token, _ = sessions.invite_setup(app_db)
    succeeded(post(client, "/setup", first(token)), 201)
    refused(post(client, "/setup", first(token, email="b@hotel.example")), 401)


def test_the_set_up_link_ends_after_30_minutes(
    app_db: Database, client: FlaskClient, clock: Clock
) -> None:
    token, _ = sessions.invite_setup(app_db)
    clock.move(30 * 60)
    refused(post(client, "/setup", first(token)), 401, reason="token_expired")


def test_a_set_up_link_of_two_is_worth_nothing_once_there_is_an_administrator(
    app_db: Database, client: FlaskClient
) -> None:
    token, _ = sessions.invite_setup(app_db)
    staff.create(app_db, name="Ada", email="first@hotel.example", role="admin")
    answer = post(client, "/setup", first(token))
    refused(answer, 409)
    assert app_db.value("SELECT count(*) FROM staff") == 1


def test_there_is_no_set_up_link_once_there_is_an_administrator(admin: Person) -> None:
    with pytest.raises(Exception, match="administrator already"):
        sessions.invite_setup(admin.db)


def test_set_up_needs_a_link(client: FlaskClient, app: Flask) -> None:
    refused(post(client, "/setup", first("guessed")), 401, reason="token_invalid")
