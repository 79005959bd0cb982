"""Sessions, sign-in and one-time links."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import clock, events
from jack.core.db import OPTIONAL_WRITE_TIMEOUT, transaction
from jack.core.errors import Conflict, Unauthorized
from jack.core.query import Query
from jack.resources.auth import passwords
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.staff.store import StaffRow


class SessionRow(TypedDict):
    """A session and whose it is: `id`, `role`, `active` (0 or 1) and `last_seen_at` are the member's."""

    expires_at: str
    revoked_at: str | None
    id: str
    role: str
    active: int
    last_seen_at: str | None


class AccountRow(TypedDict):
    """What a sign-in is checked against."""

    id: str
    active: int
    password_hash: str | None


class LinkRow(TypedDict):
    """A one-time link: an invitation, or with no `staff_id` the set-up link."""

    staff_id: str | None
    expires_at: str


INVITE_HOURS = 72
SETUP_MINUTES = 30
WRONG = "The e-mail or the password is not right."

# One indexed join tells whether a session is still valid; the role is the row's, never the token's.
SESSION = Query[SessionRow]("""
    SELECT sessions.expires_at, sessions.revoked_at, staff.id, staff.role, staff.active, staff.last_seen_at
    FROM sessions JOIN staff ON staff.id = sessions.staff_id
    WHERE sessions.id = :id""")

ACCOUNT = Query[AccountRow](
    "SELECT id, active, password_hash FROM staff WHERE email_key = :email_key"
)

ACCOUNT_OF = Query[AccountRow]("SELECT id, active, password_hash FROM staff WHERE id = :id")

CREATE_SESSION = """
    INSERT INTO sessions (id, staff_id, created_at, expires_at)
    VALUES (:id, :staff_id, :now, :expires_at)"""

END_SESSION = "UPDATE sessions SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"

END_SESSIONS = """
    UPDATE sessions SET revoked_at = :now
    WHERE staff_id = :staff_id AND revoked_at IS NULL AND id IS NOT :except_id"""

DELETE_EXPIRED_SESSIONS = "DELETE FROM sessions WHERE expires_at < :before"

SEEN = "UPDATE staff SET last_seen_at = :now WHERE id = :id"

SET_PASSWORD = """
    UPDATE staff SET password_hash = :hash, password_changed_at = :now, updated_at = :now
    WHERE id = :id"""

CREATE_INVITE = """
    INSERT INTO invites (token_hash, purpose, staff_id, created_at, expires_at)
    VALUES (:token_hash, :purpose, :staff_id, :now, :expires_at)"""

DELETE_INVITES = "DELETE FROM invites WHERE staff_id IS :staff_id"

LINK = Query[
    LinkRow
]("""
    SELECT staff_id, expires_at FROM invites WHERE token_hash = :token_hash AND purpose = :purpose""")

USE_INVITE = Query[LinkRow]("""
    DELETE FROM invites WHERE token_hash = :token_hash AND purpose = :purpose
    RETURNING staff_id, expires_at""")

DELETE_EXPIRED_INVITES = "DELETE FROM invites WHERE expires_at < :before"

ADMIN_EXISTS = "SELECT EXISTS (SELECT 1 FROM staff WHERE role = 'admin' AND active)"


def session(db: Database, session_id: str) -> SessionRow | None:
    """A session and whose it is; None for an unknown one. Cached: not for changing."""
    return db.cached_one(SESSION, {"id": session_id})


class Credentials(NamedTuple):
    """Whose password has been checked or set, and the hash it was checked against: a session begins only while it is theirs."""

    staff_id: str
    password_hash: str


def check_credentials(db: Database, email: str, password: str) -> Credentials:
    """The active member with this e-mail and password.

    Raises Unauthorized, after the same time whether or not there is such an account.
    """
    account = db.one(ACCOUNT, {"email_key": email.casefold()})
    stored = account["password_hash"] if account and account["active"] else None
    if not passwords.matches(stored, password) or account is None or stored is None:
        raise Unauthorized(WRONG, reason="invalid_credentials")
    return Credentials(account["id"], stored)


def begin_session(
    db: Database, staff_id: str, *, hours: int, password_hash: str | None = None
) -> tuple[str, str]:
    """Sign a member in; returns the session's id and when it ends.

    `password_hash` is the one that was checked. Raises Unauthorized when it is theirs no more, or they are not active.
    """
    now = db.now()
    expires_at = clock.later(now, hours=hours)
    session_id = db.new_id("session")
    with transaction(db):
        account = db.one(ACCOUNT_OF, {"id": staff_id})
        if account is None or not account["active"]:
            raise Unauthorized(WRONG, reason="invalid_credentials")
        if password_hash is not None and account["password_hash"] != password_hash:
            raise Unauthorized(WRONG, reason="invalid_credentials")
        db.run(
            CREATE_SESSION,
            {"id": session_id, "staff_id": staff_id, "now": now, "expires_at": expires_at},
        )
        db.run(SEEN, {"id": staff_id, "now": now})
    return session_id, expires_at


def user(db: Database, staff_id: str) -> StaffRow:
    """The member who is signed in. Raises NotFound."""
    return staff.get(db, staff_id)


def end_session(db: Database, session_id: str) -> bool:
    """Sign one device out; returns whether it was signed in until now."""
    with transaction(db):
        return db.run(END_SESSION, {"id": session_id, "now": db.now()}) > 0


def end_sessions(db: Database, staff_id: str, *, except_id: str | None = None) -> None:
    """Sign a member out everywhere, but for one session."""
    with transaction(db):
        db.run(END_SESSIONS, {"staff_id": staff_id, "except_id": except_id, "now": db.now()})


def record_seen(db: Database, staff_id: str) -> None:
    """Set `last_seen_at` of a member to now. Raises Unavailable rather than wait for other writers."""
    with transaction(db, OPTIONAL_WRITE_TIMEOUT):
        db.run(SEEN, {"id": staff_id, "now": db.now()})


def change_password(db: Database, staff_id: str, session_id: str, current: str, new: str) -> None:
    """Change one's own password and sign out everywhere else. Raises Unauthorized when `current` is wrong."""
    passwords.check(new, "newPassword")
    account = db.one(ACCOUNT_OF, {"id": staff_id})
    if account is None or not passwords.matches(account["password_hash"], current):
        raise Unauthorized("The current password is not right.", reason="invalid_credentials")
    hash = passwords.hashed(new)
    with transaction(db):
        now = db.row(ACCOUNT_OF, {"id": staff_id})
        if now["password_hash"] != account["password_hash"]:  # somebody was quicker
            raise Unauthorized("The current password is not right.", reason="invalid_credentials")
        _set_password(db, staff_id, hash, except_id=session_id)


def set_password(db: Database, staff_id: str, password: str) -> None:
    """Give a member a password, from the command line; signs them out everywhere. Raises Invalid for a weak one."""
    passwords.check(password)
    _set_password(db, staff_id, passwords.hashed(password))


def _set_password(db: Database, staff_id: str, hash: str, *, except_id: str | None = None) -> None:
    with transaction(db):
        db.run(SET_PASSWORD, {"id": staff_id, "hash": hash, "now": db.now()})
        db.run(DELETE_INVITES, {"staff_id": staff_id})
        end_sessions(db, staff_id, except_id=except_id)
        events.record(db, "staff.password_changed", staff_id, by=staff_id)


# ------------------------------------------------------------------------------------------------ one-time links


def invite(db: Database, staff_id: str, *, hours: int = INVITE_HOURS) -> tuple[str, str]:
    """A new invitation in place of any older; returns the token, shown this once, and when it ends (72 h)."""
    return _link(db, "invite", staff_id, clock.later(db.now(), hours=hours))


def invite_setup(db: Database) -> tuple[str, str]:
    """A link with which the very first administrator is made (30 minutes), in place of any older."""
    if has_admin(db):
        raise Conflict("There is an administrator already.")
    return _link(db, "setup", None, clock.later(db.now(), minutes=SETUP_MINUTES))


def _link(db: Database, purpose: str, staff_id: str | None, expires_at: str) -> tuple[str, str]:
    token = secrets.token_urlsafe(32)
    with transaction(db):
        db.run(DELETE_INVITES, {"staff_id": staff_id})
        row = {"token_hash": _hash(token), "purpose": purpose, "staff_id": staff_id}
        db.run(CREATE_INVITE, {**row, "now": db.now(), "expires_at": expires_at})
    return token, expires_at


def accept_invite(db: Database, token: str, password: str) -> Credentials:
    """Set the invited member's password. The link works once; nothing is hashed for one that is not valid."""
    passwords.check(password)
    _check_link(db, "invite", token)
    hash = passwords.hashed(password)
    with transaction(db):
        staff_id = str(_redeem(db, "invite", token)["staff_id"])
        _set_password(db, staff_id, hash)
    return Credentials(staff_id, hash)


def set_up(db: Database, *, token: str, name: str, email: str, password: str) -> Credentials:
    """Make the very first administrator with the set-up link. Of two simultaneous calls one succeeds."""
    passwords.check(password)
    _check_link(db, "setup", token)
    hash = passwords.hashed(password)
    with transaction(db):
        _redeem(db, "setup", token)
        if has_admin(db):
            raise Conflict("There is an administrator already.")
        made = staff.create(db, name=name, email=email, role="admin", password_hash=hash)
    return Credentials(made["id"], hash)


def _check_link(db: Database, purpose: str, token: str) -> None:
    """Raise Unauthorized for an unknown or expired link, before anything is done for it."""
    _valid(db, db.one(LINK, {"token_hash": _hash(token), "purpose": purpose}))


def _redeem(db: Database, purpose: str, token: str) -> LinkRow:
    """Delete a link and return it: it works once. Raises Unauthorized for an unknown or expired one."""
    return _valid(db, db.one(USE_INVITE, {"token_hash": _hash(token), "purpose": purpose}))


def _valid(db: Database, found: LinkRow | None) -> LinkRow:
    if found is None:
        raise Unauthorized("This link is not valid, or has been used.", reason="token_invalid")
    if found["expires_at"] <= db.now():
        raise Unauthorized("This link has expired. Ask for a new one.", reason="token_expired")
    return found


def has_admin(db: Database) -> bool:
    """Whether there is an active administrator."""
    return bool(db.value(ADMIN_EXISTS))


def delete_expired(db: Database) -> int:
    """Drop sessions and links that ended a week ago; returns how many."""
    before = clock.later(db.now(), days=-7)
    return db.run(DELETE_EXPIRED_SESSIONS, {"before": before}) + db.run(
        DELETE_EXPIRED_INVITES, {"before": before}
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
