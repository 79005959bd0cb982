"""Invitations that are to be sent by e-mail: kept, with the token sealed, until they have left, an hour at the most.

The link of a mail is the one that was shown; whoever uses or replaces it deletes the mail as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock, sealing
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.auth import links
from jack.resources.channel_accounts import health
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from jack.core.db import Database


class InvitedRow(TypedDict):
    """Who is invited, and the sealed token of their link."""

    id: str
    name: str
    email: str
    token: bytes
    attempts: int


KEPT_HOURS = 1
FIRST_PAUSE = 60.0  # seconds; each is twice as long as the one before
BATCH = 20

CREATE = """
    INSERT INTO invite_mails (staff_id, token_hash, token, asked_at, next_try_at)
    VALUES (:staff_id, :token_hash, :token, :now, :now)"""

DUE = (
    "SELECT staff_id FROM invite_mails WHERE next_try_at <= :now ORDER BY next_try_at LIMIT :limit"
)

GET = Query[InvitedRow]("""
    SELECT staff.id, name, email, token, attempts
    FROM invite_mails JOIN staff ON staff.id = staff_id
    WHERE staff_id = :id AND next_try_at <= :now AND active""")

POSTPONE = """
    UPDATE invite_mails SET attempts = attempts + 1, next_try_at = :next_try_at WHERE staff_id = :id"""

DELETE = "DELETE FROM invite_mails WHERE staff_id = :id"

DELETE_EXPIRED = "DELETE FROM invite_mails WHERE asked_at <= :before"


def possible(db: Database, public_url: str | None) -> bool:
    """Whether invitations go out by e-mail: the channel works, and Jack has an address that others can open."""
    if not public_url:
        return False
    return health.state(db, "email", connected(db, "email", public_url)) == "working"


def request(db: Database, staff_id: str, token: str) -> None:
    """Have the invitation with this token sent to the member. Inside a transaction."""
    key = sealing.signing_key(db.path, make=True)
    if key is None:
        raise RuntimeError("there is no signing key")
    sealed = sealing.sealed(token, _purpose(staff_id), key)
    row = {"staff_id": staff_id, "token_hash": links.hashed(token), "token": sealed}
    db.run(CREATE, {**row, "now": db.now()})


def due(db: Database) -> list[str]:
    """The ids of up to 20 members for whose mail it is time."""
    return db.column(DUE, {"now": db.now(), "limit": BATCH})


def claim(db: Database, staff_id: str) -> tuple[InvitedRow, str] | None:
    """Whom to write to now, and the token of their link; the next try is only after a pause. None when there is nothing to send."""
    now = db.now()
    with transaction(db):
        row = db.one(GET, {"id": staff_id, "now": now})
        key = sealing.signing_key(db.path)
        token = row and key and sealing.opened(row["token"], _purpose(staff_id), key)
        if row is None or not token:
            db.run(DELETE, {"id": staff_id})
            return None
        pause = FIRST_PAUSE * 2.0 ** row["attempts"]
        db.run(POSTPONE, {"id": staff_id, "next_try_at": clock.later(now, seconds=pause)})
    return row, token


def delete(db: Database, staff_id: str) -> None:
    """The mail has been sent, or never can be."""
    with transaction(db):
        db.run(DELETE, {"id": staff_id})


def delete_expired(db: Database) -> int:
    """Delete what has not left for an hour; returns how many."""
    with transaction(db):
        return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), hours=-KEPT_HOURS)})


def _purpose(staff_id: str) -> str:
    return f"invite:{staff_id}"
