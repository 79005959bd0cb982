"""E-mail addresses in a database of before are compared as today from the next start on."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.config import read
from jack.core.db import Database
from jack.operations import email_keys
from jack.operations.bootstrap import prepare
from jack.resources.auth import sessions
from jack.resources.conversations import opt_outs
from jack.resources.guests import duplicates
from jack.resources.guests import store as guests
from tests.builders import make_guest, make_member, make_visitor

ASCII, SHOWN = "ana@xn--mller-kva.de", "ana@müller.de"
KNOWN = """
    INSERT INTO guest_identities (channel, address, verbatim, guest_id, last_inbound_at, created_at)
    VALUES ('email', :address, :verbatim, :guest_id, :at, '')"""


def made_before(db: Database, table: str, id: str, email: str) -> None:
    """Write a row's e-mail as an older Jack did: the key only case folded."""
    row = {"id": id, "email": email, "key": email.casefold()}
    db.run(f"UPDATE {table} SET email = :email, email_key = :key WHERE id = :id", row)


def guest_before(db: Database, email: str, *, typed: bool = True) -> str:
    """A guest of before with this e-mail."""
    guest = str(make_guest(db)["id"])
    made_before(db, "guests", guest, email)
    if typed:
        known_before(db, guest, email, verbatim=None)
    return guest


def known_before(
    db: Database, guest: str, email: str, *, verbatim: str | None, at: str | None = None
) -> None:
    row = {"address": email.casefold(), "verbatim": verbatim, "guest_id": guest, "at": at}
    db.run(KNOWN, row)


def addresses(db: Database) -> dict[str, str]:
    """Whose each e-mail address is."""
    rows = db.all("SELECT address, guest_id FROM guest_identities WHERE channel = 'email'")
    return {row["address"]: row["guest_id"] for row in rows}


@pytest.mark.parametrize(
    ("email", "key"), [(ASCII.upper(), SHOWN), ("Ana@straße.de", "ana@straße.de")]
)
def test_a_guest_is_known_by_their_address_again(email: str, key: str, db: Database) -> None:
    guest = guest_before(db, email)
    assert email_keys.is_due(db)
    assert email_keys.update(db) == []
    assert addresses(db) == {key: guest}
    assert db.value("SELECT email_key FROM guests") == key
    assert guests.known_by(db, "email", key) == guest
    assert not email_keys.is_due(db)


def test_whoever_wrote_is_known_and_still_answered_where_they_wrote_from(db: Database) -> None:
    guest = str(make_guest(db)["id"])
    known_before(db, guest, ASCII, verbatim="Ana@XN--MLLER-KVA.de", at="1")
    known_before(db, guest, f"unproven:7:{ASCII}", verbatim=ASCII)
    email_keys.update(db)
    assert addresses(db) == {SHOWN: guest, f"unproven:7:{SHOWN}": guest}
    row = db.one("SELECT verbatim FROM guest_identities WHERE address = :key", {"key": SHOWN})
    assert row == {"verbatim": "Ana@XN--MLLER-KVA.de"}


def test_two_forms_that_one_guest_is_known_by_become_one(db: Database) -> None:
    guest = guest_before(db, SHOWN)
    known_before(db, guest, ASCII, verbatim=ASCII, at="2026")
    assert email_keys.update(db) == []
    assert db.all("SELECT address, verbatim, last_inbound_at FROM guest_identities") == [
        {"address": SHOWN, "verbatim": ASCII, "last_inbound_at": "2026"}
    ]


def test_two_guests_with_one_address_stay_two_and_it_is_told(db: Database) -> None:
    first, second = guest_before(db, SHOWN), guest_before(db, ASCII)
    (line,) = email_keys.update(db)
    assert first in line
    assert second in line
    assert addresses(db) == {SHOWN: first, ASCII: second}
    assert email_keys.update(db) == [line]
    assert guests.change(db, second, name="Ana")["name"] == "Ana"
    assert [row["guest"]["id"] for row in duplicates.search(db, second)] == [first]


def test_staff_sign_in_by_either_form(db: Database) -> None:
    member = str(make_member(db, password_hash="hash")["id"])
    made_before(db, "staff", member, ASCII)
    email_keys.update(db)
    assert db.value("SELECT email_key FROM staff") == SHOWN


def test_of_two_members_the_active_one_keeps_the_address(db: Database) -> None:
    left, active = (str(make_member(db)["id"]) for _ in range(2))
    made_before(db, "staff", left, ASCII)
    made_before(db, "staff", active, "ana@ｍüller.de")
    db.run("UPDATE staff SET active = 0, email_key = 'old' WHERE id = :id", {"id": left})
    (line,) = email_keys.update(db)
    assert "deactivate" in line
    assert db.value("SELECT id FROM staff WHERE email_key = :key", {"key": SHOWN}) == active


def test_web_chats_with_one_proven_address_are_one(db: Database) -> None:
    for number, key in enumerate((SHOWN, ASCII)):
        session, _ = make_visitor(db)
        row: dict[str, Any] = {"id": f"stream-{number}", "key": key, "now": str(number)}
        db.run(
            "INSERT INTO webchat_streams (id, email_key, created_at) VALUES (:id, :key, :now)", row
        )
        db.run(
            "UPDATE webchat_sessions SET stream_id = :id WHERE id = :session",
            row | {"session": session},
        )
    email_keys.update(db)
    assert db.all("SELECT id, email_key FROM webchat_streams") == [
        {"id": "stream-0", "email_key": SHOWN}
    ]
    assert db.column("SELECT stream_id FROM webchat_sessions") == ["stream-0"] * 2


def test_a_reset_and_an_opt_out_come_along(db: Database) -> None:
    guest = guest_before(db, ASCII)
    opt_outs.stop(db, "email", ASCII, "email:hotel")
    db.run(
        "INSERT INTO password_resets (email_key, asked_at, next_try_at) VALUES (:key, '', '')",
        {"key": ASCII},
    )
    email_keys.update(db)
    assert opt_outs.has_stopped(db, guest, "email")
    assert db.column("SELECT email_key FROM password_resets") == [SHOWN]


def test_a_start_does_it_and_a_killed_one_has_done_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = guest_before(db, ASCII), guest_before(db, "bea@xn--mller-kva.de")

    def killed(db: Database) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(email_keys, "_streams", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(read({}), db)
    assert addresses(db) == {ASCII: first, "bea@xn--mller-kva.de": second}
    output: list[str] = []
    prepare(read({}), db, say=output.append)
    assert addresses(db) == {SHOWN: first, "bea@müller.de": second}
    assert output == []


def test_plain_addresses_are_not_looked_at(db: Database) -> None:
    make_guest(db, email="ana@example.com")
    assert not email_keys.is_due(db)
    seq = db.value("SELECT max(seq) FROM events")
    assert email_keys.update(db) == []
    assert db.value("SELECT max(seq) FROM events") == seq


def test_credentials_are_checked_by_either_form(db: Database) -> None:
    from jack.resources.auth import passwords

    hash = passwords.hashed("correct horse battery")
    make_member(db, email=SHOWN, password_hash=hash)
    for email in (SHOWN, ASCII, ASCII.upper()):
        assert sessions.check_credentials(db, email, "correct horse battery")
