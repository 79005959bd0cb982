"""Forgotten passwords: who wants a letter with a link to choose another one, until it has left.

The address is kept as it was typed, known or not, and looked up by the worker: neither what a request answers nor how
long it takes tells who works here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.db import transaction
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from jack.core.db import Database, Row

KEPT_HOURS = 1
FIRST_PAUSE = 60.0  # seconds; each is twice as long as the one before
BATCH = 20

ASK = """
    INSERT INTO password_resets (email_key, asked_at, next_try_at) VALUES (:email_key, :now, :now)
    ON CONFLICT (email_key) DO UPDATE SET asked_at = :now, attempts = 0, next_try_at = :now"""

DUE = """
    SELECT email_key FROM password_resets
    WHERE next_try_at <= :now
    ORDER BY next_try_at
    LIMIT :limit"""

GET = "SELECT attempts FROM password_resets WHERE email_key = :email_key AND next_try_at <= :now"

MEMBER = "SELECT id, name, email FROM staff WHERE email_key = :email_key AND active"

POSTPONE = """
    UPDATE password_resets SET attempts = attempts + 1, next_try_at = :next_try_at
    WHERE email_key = :email_key"""

DROP = "DELETE FROM password_resets WHERE email_key = :email_key"

FORGET = "DELETE FROM password_resets WHERE asked_at <= :before"


def possible(db: Database, public_url: str | None) -> bool:
    """Whether letters can be sent: by an e-mail account that is switched on, with links that lead here from outside."""
    if not public_url:
        return False
    there = connected(db, "email", public_url)
    return there.enabled and there.account is not None


def ask(db: Database, email_key: str) -> None:
    """Somebody wants a letter; asked again, it is tried at once."""
    with transaction(db):
        db.run(ASK, {"email_key": email_key, "now": db.now()})


def due(db: Database) -> list[str]:
    """For which addresses it is time to try, those that wait longest first."""
    return [row["email_key"] for row in db.all(DUE, {"now": db.now(), "limit": BATCH})]


def claim(db: Database, email_key: str) -> Row | None:
    """Whom to write to now (id, name, email), not tried again before a pause; None, and forgotten, where it is nobody."""
    known, now = {"email_key": email_key}, db.now()
    with transaction(db):
        row = db.one(GET, known | {"now": now})
        if row is None:
            return None
        member = db.one(MEMBER, known)
        if member is None:
            db.run(DROP, known)
            return None
        pause = FIRST_PAUSE * 2.0 ** row["attempts"]
        db.run(POSTPONE, known | {"next_try_at": clock.later(now, seconds=pause)})
    return member


def drop(db: Database, email_key: str) -> None:
    """The letter has left, or never will."""
    with transaction(db):
        db.run(DROP, {"email_key": email_key})


def delete_expired(db: Database) -> int:
    """Drop what was asked for an hour ago; returns how many."""
    with transaction(db):
        return db.run(FORGET, {"before": clock.later(db.now(), hours=-KEPT_HOURS)})
