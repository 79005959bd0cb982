"""Setting the second factor up, turning it off, and resetting somebody else's. Each ends the member's other sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import pyotp

from jack.core import events
from jack.core.db import transaction
from jack.core.errors import Conflict, Unauthorized
from jack.resources.auth import own_password, sessions
from jack.resources.auth.second_factor import totp
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.auth.second_factor.totp import Given


class State(TypedDict):
    """Whether a member has a second factor and must have one, and how many recovery codes are left."""

    enabled: bool
    required: bool
    enabled_at: str | None
    recovery_codes_left: int


class Pending(TypedDict):
    """What an authenticator app is told: the secret in base 32, the same as an `otpauth:` URI, and that as a QR code.

    `qr_code` is a `data:` URI of an SVG picture.
    """

    secret: str
    otpauth_uri: str
    qr_code: str


class Confirmed(TypedDict):
    """The recovery codes, shown this once."""

    recovery_codes: list[str]


ENABLED = "There is a second factor already. Turn it off first."


def state(db: Database, staff_id: str) -> State:
    """Whether a member has a second factor and must have one."""
    factor = totp.get(db, staff_id)
    since = factor["confirmed_at"] if factor else None
    wanted = settings.value(db, "security")["requireTotp"]
    return {
        "enabled": since is not None,
        "required": is_required(wanted, staff.get(db, staff_id)["role"]),
        "enabled_at": since,
        "recovery_codes_left": totp.recovery_codes_left(db, staff_id),
    }


def is_required(wanted: object, role: str) -> bool:
    """Whether members of this role must have a second factor, by the setting's word."""
    return wanted == "everyone" or (wanted == "admins" and role == "admin")


def begin(db: Database, staff_id: str, secret: str) -> Pending:
    """A new secret, which counts once it is confirmed. Raises Conflict when the member has a second factor."""
    with transaction(db):
        made = totp.new_secret(db, staff_id, secret)
        if made is None:
            raise Conflict(ENABLED, reason="totp_enabled")
        email = staff.get(db, staff_id)["email"]
        hotel = settings.value(db, "hotel")["name"]
    import segno  # here, because hardly a request needs it

    # An issuer with a colon would be read as the beginning of the account's name.
    uri = pyotp.TOTP(made).provisioning_uri(name=email, issuer_name=hotel.replace(":", " "))
    picture = segno.make(uri, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    return {"secret": made, "otpauth_uri": uri, "qr_code": picture}


def confirm(db: Database, staff_id: str, session_id: str, given: Given) -> Confirmed:
    """Turn the second factor on with a first code. Raises Conflict without one being set up, Unauthorized for a wrong code."""
    with transaction(db):
        factor = totp.get(db, staff_id)
        if factor is None:
            raise Conflict("Ask for a secret first.", reason="totp_not_begun")
        if factor["confirmed_at"] is not None:
            raise Conflict(ENABLED, reason="totp_enabled")
        if not totp.use_code(db, staff_id, factor, given):
            raise Unauthorized(totp.WRONG, reason="totp_invalid")
        codes = totp.confirm(db, staff_id)
        _changed(db, staff_id, by=staff_id, except_id=session_id)
    return {"recovery_codes": codes}


def turn_off(db: Database, staff_id: str, session_id: str, password: str, given: Given) -> State:
    """Turn one's own second factor off. Raises Conflict without one, Unauthorized for a wrong password or code."""
    checked = own_password.check(db, staff_id, password)
    with transaction(db):
        factor = totp.get(db, staff_id)
        if factor is None or factor["confirmed_at"] is None:
            raise Conflict("There is no second factor.", reason="totp_not_enabled")
        own_password.check_unchanged(db, staff_id, checked)
        totp.check(db, staff_id, given)
        totp.delete(db, staff_id)
        _changed(db, staff_id, by=staff_id, except_id=session_id)
    return state(db, staff_id)


def reset(db: Database, staff_id: str, *, by: str | None = None) -> bool:
    """Remove a member's second factor and sign them out everywhere; whether they had one. Raises NotFound."""
    with transaction(db):
        staff.get(db, staff_id)
        factor = totp.get(db, staff_id)
        totp.delete(db, staff_id)
        if factor is None or factor["confirmed_at"] is None:
            return False
        _changed(db, staff_id, by=by)
    return True


def _changed(db: Database, staff_id: str, *, by: str | None, except_id: str | None = None) -> None:
    staff.touch(db, staff_id)
    sessions.end_sessions(db, staff_id, except_id=except_id)
    events.record(db, "staff.updated", staff_id, by=by, changed=["totpEnabled"])
