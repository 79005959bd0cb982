"""Forgotten passwords: requests for an e-mail with a link to choose another one, kept until it has been sent.

Every requested address is kept, known or not, and looked up by the worker only: neither the response to a request nor
its duration reveals who has an account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from jack.core.db import Database


class DueRow(TypedDict):
    """A request for which it is time to try."""

    email_key: str


class AttemptsRow(TypedDict):
    """How often a request has been tried."""

    attempts: int


class RecipientRow(TypedDict):
    """The member to write to."""

    id: str
    name: str
    email: str


KEPT_HOURS = 1
FIRST_PAUSE = 60.0  # seconds; each is twice as long as the one before
BATCH = 20  # requests at once

REQUEST = """
    INSERT INTO password_resets (email_key, asked_at, next_try_at) VALUES (:email_key, :now, :now)
    ON CONFLICT (email_key) DO UPDATE SET asked_at = :now, attempts = 0, next_try_at = :now"""

DUE = Query[DueRow]("""
    SELECT email_key FROM password_resets
    WHERE next_try_at <= :now
    ORDER BY next_try_at
    LIMIT :limit""")

GET = Query[AttemptsRow](
    "SELECT attempts FROM password_resets WHERE email_key = :email_key AND next_try_at <= :now"
)

MEMBER = Query[RecipientRow](
    "SELECT id, name, email FROM staff WHERE email_key = :email_key AND active"
)

POSTPONE = """
    UPDATE password_resets SET attempts = attempts + 1, next_try_at = :next_try_at
    WHERE email_key = :email_key"""

DELETE = "DELETE FROM password_resets WHERE email_key = :email_key"

DELETE_EXPIRED = "DELETE FROM password_resets WHERE asked_at <= :before"


def possible(db: Database, public_url: str | None) -> bool:
    """Whether password reset mail can be sent: the e-mail channel is on and configured, and Jack has a public URL."""
    if not public_url:
        return False
    email = connected(db, "email", public_url)
    return email.enabled and email.account is not None


def request(db: Database, email_key: str) -> None:
    """Request the mail for this address (as `email_key`); a repeated request is tried at once."""
    with transaction(db):
        db.run(REQUEST, {"email_key": email_key, "now": db.now()})


def due(db: Database) -> list[str]:
    """Up to 20 addresses for which it is time to try, those that wait longest first."""
    return [row["email_key"] for row in db.all(DUE, {"now": db.now(), "limit": BATCH})]


def claim(db: Database, email_key: str) -> RecipientRow | None:
    """Whom to write to now; the next try is only after a pause.

    None when the request is not due any more, or the address is no active member's: then it is deleted.
    """
    known, now = {"email_key": email_key}, db.now()
    with transaction(db):
        row = db.one(GET, known | {"now": now})
        if row is None:
            return None
        member = db.one(MEMBER, known)
        if member is None:
            db.run(DELETE, known)
            return None
        pause = FIRST_PAUSE * 2.0 ** row["attempts"]
        db.run(POSTPONE, known | {"next_try_at": clock.later(now, seconds=pause)})
    return member


def delete(db: Database, email_key: str) -> None:
    """Delete a request: the mail has been sent, or never can be."""
    with transaction(db):
        db.run(DELETE, {"email_key": email_key})


def delete_expired(db: Database) -> int:
    """Delete requests older than an hour; returns how many."""
    with transaction(db):
        return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), hours=-KEPT_HOURS)})
