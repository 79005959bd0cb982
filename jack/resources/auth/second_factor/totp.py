"""The second factor: the codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds), and recovery codes.

A code is good for its own half minute and the ones before and after it, for telephones whose clocks are off. Each works
once: the step of the last one is stored in the transaction in which it counts. Recovery codes are 100 random bits, stored
as SHA-256; they need no signing key, so they also work after the database has moved to a machine with another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import pyotp

from jack.core import clock, sealing
from jack.core.errors import Unauthorized
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class FactorRow(TypedDict):
    """A member's second factor as it is stored; `confirmed_at` is None while it is being set up."""

    secret: bytes
    last_step: int
    confirmed_at: str | None


class Given(NamedTuple):
    """What somebody has shown as their second factor (None: nothing), and the signing key that opens the stored one."""

    code: str | None
    secret: str


STEP = 30  # seconds
TOLERANCE = 1  # steps
RECOVERY_CODES = 10
RECOVERY_BYTES = 13  # 20 characters of base 32 are used: 100 bits
PENDING_HOURS = 24
NONE_GIVEN = Given(None, "")
REQUIRED = "A code of the second factor is needed."
WRONG = "The code is not right, or has been used."

GET = Query[FactorRow](
    "SELECT secret, last_step, confirmed_at FROM totp WHERE staff_id = :staff_id"
)

# What is being set up may be set up anew; what is confirmed is not replaced.
CREATE = """
    INSERT INTO totp (staff_id, secret, created_at) VALUES (:staff_id, :secret, :now)
    ON CONFLICT (staff_id) DO UPDATE SET secret = :secret, created_at = :now, last_step = 0
    WHERE confirmed_at IS NULL"""

CONFIRM = "UPDATE totp SET confirmed_at = :now WHERE staff_id = :staff_id AND confirmed_at IS NULL"

USE_STEP = "UPDATE totp SET last_step = :step WHERE staff_id = :staff_id AND last_step < :step"

USE_RECOVERY_CODE = (
    "DELETE FROM recovery_codes WHERE staff_id = :staff_id AND code_hash = :code_hash"
)

ADD_RECOVERY_CODE = (
    "INSERT INTO recovery_codes (staff_id, code_hash) VALUES (:staff_id, :code_hash)"
)

COUNT_RECOVERY_CODES = "SELECT count(*) FROM recovery_codes WHERE staff_id = :staff_id"

DELETE = "DELETE FROM totp WHERE staff_id = :staff_id"

DELETE_EXPIRED = "DELETE FROM totp WHERE confirmed_at IS NULL AND created_at < :before"


def get(db: Database, staff_id: str) -> FactorRow | None:
    """The member's second factor, confirmed or being set up."""
    return db.one(GET, {"staff_id": staff_id})


def check(db: Database, staff_id: str, given: Given) -> None:
    """Use up a code of the member's second factor, in the transaction of what it allows. Nothing without such a factor.

    Raises Unauthorized when no code was given or it is not right.
    """
    factor = get(db, staff_id)
    if factor is None or factor["confirmed_at"] is None:
        return
    if given.code is None:
        raise Unauthorized(REQUIRED, reason="totp_required")
    if not use_code(db, staff_id, factor, given) and not _use_recovery_code(
        db, staff_id, given.code
    ):
        raise Unauthorized(WRONG, reason="totp_invalid")


def use_code(db: Database, staff_id: str, factor: FactorRow, given: Given) -> bool:
    """Use up a code of the app; whether it was right, and later than any that was used."""
    secret = sealing.opened(factor["secret"], _purpose(staff_id), given.secret)
    if secret is None or given.code is None:
        return False
    step = matching_step(secret, given.code, db.time())
    return step is not None and db.run(USE_STEP, {"staff_id": staff_id, "step": step}) > 0


def matching_step(secret: str, code: str, now: float) -> int | None:
    """The latest step, of those around `now` (epoch seconds), that has this code; None for a code of no step."""
    typed = re.sub(r"[\s-]", "", code)
    app, current = pyotp.TOTP(secret), int(now) // STEP
    for step in range(current + TOLERANCE, current - TOLERANCE - 1, -1):
        if step >= 0 and hmac.compare_digest(app.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def new_secret(db: Database, staff_id: str, secret: str) -> str | None:
    """A new secret for the app, 160 bits in base 32, to be confirmed; None when a factor is confirmed already."""
    made = pyotp.random_base32()
    row = {"staff_id": staff_id, "secret": sealing.sealed(made, _purpose(staff_id), secret)}
    return made if db.run(CREATE, {**row, "now": db.now()}) else None


def confirm(db: Database, staff_id: str) -> list[str]:
    """Ask for the factor from now on; returns new recovery codes, to be shown this once."""
    db.run(CONFIRM, {"staff_id": staff_id, "now": db.now()})
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        db.run(ADD_RECOVERY_CODE, {"staff_id": staff_id, "code_hash": _hash(code)})
    return codes


def recovery_codes_left(db: Database, staff_id: str) -> int:
    """How many recovery codes have not been used."""
    return int(db.value(COUNT_RECOVERY_CODES, {"staff_id": staff_id}))


def delete(db: Database, staff_id: str) -> None:
    """Remove the factor and its recovery codes."""
    db.run(DELETE, {"staff_id": staff_id})


def delete_expired(db: Database) -> int:
    """Delete what was being set up a day ago and never confirmed; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), hours=-PENDING_HOURS)})


def _use_recovery_code(db: Database, staff_id: str, code: str) -> bool:
    return db.run(USE_RECOVERY_CODE, {"staff_id": staff_id, "code_hash": _hash(code)}) > 0


def _recovery_code() -> str:
    """Four groups of five letters and digits: `k7dq2-…`."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[place : place + 5] for place in range(0, 20, 5))


def _hash(code: str) -> str:
    """Of a recovery code as somebody may type it: capital letters, blanks and hyphens do not matter."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()


def _purpose(staff_id: str) -> str:
    return f"totp:{staff_id}"
