"""One-time links, as they are stored: the hash of a token, what it is for, and whose it is."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, TypedDict

from jack.core.db import transaction
from jack.core.errors import Unauthorized
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class LinkRow(TypedDict):
    """A one-time link: an invitation, or with no `staff_id` the set-up link."""

    staff_id: str | None
    expires_at: str


CREATE = """
    INSERT INTO invites (token_hash, purpose, staff_id, created_at, expires_at)
    VALUES (:token_hash, :purpose, :staff_id, :now, :expires_at)"""

DELETE = "DELETE FROM invites WHERE staff_id IS :staff_id"

GET = Query[
    LinkRow
]("""
    SELECT staff_id, expires_at FROM invites WHERE token_hash = :token_hash AND purpose = :purpose""")

USE = Query[LinkRow]("""
    DELETE FROM invites WHERE token_hash = :token_hash AND purpose = :purpose
    RETURNING staff_id, expires_at""")

DELETE_EXPIRED = "DELETE FROM invites WHERE expires_at < :before"


def create(db: Database, purpose: str, staff_id: str | None, expires_at: str) -> tuple[str, str]:
    """A new link in place of any older of the member's; returns its token, shown this once, and when it ends."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": hashed(token), "purpose": purpose, "staff_id": staff_id}
    with transaction(db):
        delete(db, staff_id)
        db.run(CREATE, {**row, "now": db.now(), "expires_at": expires_at})
    return token, expires_at


def get(db: Database, purpose: str, token: str) -> LinkRow:
    """The link, before anything is done for it. Raises Unauthorized for an unknown or expired one."""
    return _valid(db, db.one(GET, {"token_hash": hashed(token), "purpose": purpose}))


def redeem(db: Database, purpose: str, token: str) -> LinkRow:
    """Delete a link and return it: it works once. Raises Unauthorized for an unknown or expired one."""
    return _valid(db, db.one(USE, {"token_hash": hashed(token), "purpose": purpose}))


def delete(db: Database, staff_id: str | None) -> None:
    """Delete the links of a member, or with None those of the set-up."""
    db.run(DELETE, {"staff_id": staff_id})


def delete_expired(db: Database, before: str) -> int:
    """Delete links that ended before a time; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": before})


def _valid(db: Database, found: LinkRow | None) -> LinkRow:
    if found is None:
        raise Unauthorized("This link is not valid, or has been used.", reason="token_invalid")
    if found["expires_at"] <= db.now():
        raise Unauthorized("This link has expired. Ask for a new one.", reason="token_expired")
    return found


def hashed(token: str) -> str:
    """A token as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
