"""The password of whoever is signed in: checked again for what is dangerous, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import transaction
from jack.core.errors import Unauthorized
from jack.resources.auth import passwords, sessions

if TYPE_CHECKING:
    from jack.core.db import Database

WRONG = "The current password is not right."


def check(db: Database, staff_id: str, password: str) -> str:
    """The stored hash this password was checked against. Raises Unauthorized when it is wrong."""
    account = db.one(sessions.ACCOUNT_OF, {"id": staff_id})
    stored = account["password_hash"] if account else None
    if not passwords.matches(stored, password) or stored is None:
        raise Unauthorized(WRONG, reason="invalid_credentials")
    return stored


def check_unchanged(db: Database, staff_id: str, checked: str) -> None:
    """Raise Unauthorized when the hash that was checked is theirs no more; in the transaction of what it allows."""
    if db.row(sessions.ACCOUNT_OF, {"id": staff_id})["password_hash"] != checked:
        raise Unauthorized(WRONG, reason="invalid_credentials")


def change(db: Database, staff_id: str, session_id: str, current: str, new: str) -> None:
    """Change one's own password and sign out everywhere else. Raises Unauthorized when `current` is wrong."""
    passwords.check(new, "newPassword")
    checked = check(db, staff_id, current)
    hash = passwords.hashed(new)
    with transaction(db):
        check_unchanged(db, staff_id, checked)
        sessions.replace_password(db, staff_id, hash, by=staff_id, except_id=session_id)
