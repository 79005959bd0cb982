"""Refused tries to sign in, in the audit log: that of a sign-in itself is written with the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from jack.core import audit
from jack.core.db import transaction
from jack.core.errors import Unavailable
from jack.resources.auth import sessions

if TYPE_CHECKING:
    from jack.core.db import Database

# `incomplete`: the password was right, the code of the second factor was missing.
Refusal = Literal["sign_in.failed", "sign_in.incomplete", "sign_in.throttled"]
TIMEOUT = 1.0  # seconds for the lock of writers


def record(db: Database, how: Refusal, email: str) -> None:
    """Write that a sign-in was refused: to whose account, if it is anybody's, never what was typed.

    Where nothing can be written, such as on a full disk, it is refused all the same.
    """
    account = db.one(sessions.ACCOUNT, {"email_key": email.casefold()})
    try:
        with transaction(db, TIMEOUT):
            audit.record(db, how, "staff", account["id"] if account else None)
    except Unavailable:
        return
