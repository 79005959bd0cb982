"""Sessions, sign-in and one-time links."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import audit, clock, events
from jack.core.db import OPTIONAL_WRITE_TIMEOUT, transaction
from jack.core.errors import Conflict, Unauthorized
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.resources.auth import devices, links, passwords
from jack.resources.auth.devices import NOWHERE, Origin
from jack.resources.auth.second_factor import totp
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.staff.store import StaffRow


class SessionRow(TypedDict):
    """A session and whose it is: `id`, `role`, `active` (0 or 1) and `has_totp` (0 or 1) are the member's.

    `require_totp` is the setting's word, None while its default applies.
    """

    expires_at: str
    revoked_at: str | None
    last_used_at: str | None
    id: str
    role: str
    active: int
    has_totp: int
    require_totp: str | None


class AccountRow(TypedDict):
    """What a sign-in is checked against."""

    id: str
    active: int
    password_hash: str | None


INVITE_HOURS = 72
SETUP_MINUTES = 30
WRONG = "The e-mail or the password is not right."

# One indexed join tells whether a session is still valid; the role is the row's, never the token's. Every request asks
# this, so the setting is read in it as well.
SESSION = Query[SessionRow]("""
    SELECT sessions.expires_at, sessions.revoked_at, sessions.last_used_at, staff.id, staff.role, staff.active,
           EXISTS (SELECT 1 FROM totp WHERE totp.staff_id = staff.id AND confirmed_at IS NOT NULL) AS has_totp,
           (SELECT value ->> '$.requireTotp' FROM settings WHERE key = 'security') AS require_totp
    FROM sessions JOIN staff ON staff.id = sessions.staff_id
    WHERE sessions.id = :id""")

ACCOUNT = Query[AccountRow](
    "SELECT id, active, password_hash FROM staff WHERE email_key = :email_key"
)

EMAIL_KEY_OF = "SELECT email_key FROM staff WHERE id = :id"

ACCOUNT_OF = Query[AccountRow]("SELECT id, active, password_hash FROM staff WHERE id = :id")

CREATE_SESSION = """
    INSERT INTO sessions (id, staff_id, created_at, expires_at, last_used_at, ip, user_agent)
    VALUES (:id, :staff_id, :now, :expires_at, :now, :ip, :user_agent)"""

END_SESSION = "UPDATE sessions SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"

END_SESSIONS = """
    UPDATE sessions SET revoked_at = :now
    WHERE staff_id = :staff_id AND revoked_at IS NULL AND id IS NOT :except_id"""

DELETE_EXPIRED_SESSIONS = "DELETE FROM sessions WHERE expires_at < :before"

SEEN = "UPDATE staff SET last_seen_at = :now WHERE id = :id"

SET_PASSWORD = """
    UPDATE staff SET password_hash = :hash, password_changed_at = :now, updated_at = :now
    WHERE id = :id"""

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
    account = db.one(ACCOUNT, {"email_key": email_key(email)})
    stored = account["password_hash"] if account and account["active"] else None
    if not passwords.matches(stored, password) or account is None or stored is None:
        raise Unauthorized(WRONG, reason="invalid_credentials")
    return Credentials(account["id"], stored)


def begin_session(
    db: Database,
    staff_id: str,
    *,
    hours: int,
    password_hash: str | None = None,
    factor: totp.Given | None = None,
    origin: Origin = NOWHERE,
) -> tuple[str, str]:
    """Sign a member in; returns the session's id and when it ends.

    `password_hash` is the one that was checked; `factor` is used up, where it is one that was not checked before. Raises
    Unauthorized when the hash is theirs no more, the factor is missing or wrong, or they are not active.
    """
    now, session_id = db.now(), db.new_id("session")
    expires_at = clock.later(now, hours=hours)
    row = {"id": session_id, "staff_id": staff_id, "now": now, "expires_at": expires_at}
    with transaction(db):
        account = db.one(ACCOUNT_OF, {"id": staff_id})
        if account is None or not account["active"]:
            raise Unauthorized(WRONG, reason="invalid_credentials")
        if password_hash is not None and account["password_hash"] != password_hash:
            raise Unauthorized(WRONG, reason="invalid_credentials")
        if factor is not None:
            totp.check(db, staff_id, factor)
        db.run(CREATE_SESSION, {**row, **origin._asdict()})
        db.run(SEEN, {"id": staff_id, "now": now})
        if password_hash is not None:  # else one session follows another
            audit.record(db, "sign_in.succeeded", "staff", staff_id, by=staff_id)
    return session_id, expires_at


def user(db: Database, staff_id: str) -> StaffRow:
    """The member who is signed in. Raises NotFound."""
    return staff.get(db, staff_id)


def end_session(db: Database, session_id: str) -> bool:
    """End one session; returns whether it was signed in until now."""
    with transaction(db):
        return db.run(END_SESSION, {"id": session_id, "now": db.now()}) > 0


def sign_out(db: Database, staff_id: str, session_id: str) -> None:
    """End a member's session at their wish."""
    with transaction(db):
        if end_session(db, session_id):
            audit.record(db, "sign_out", "staff", staff_id, by=staff_id)


def sign_out_everywhere(db: Database, staff_id: str) -> None:
    """End all sessions of a member at their wish."""
    with transaction(db):
        end_sessions(db, staff_id)
        audit.record(db, "sign_out", "staff", staff_id, by=staff_id)


def end_sessions(db: Database, staff_id: str, *, except_id: str | None = None) -> None:
    """Sign a member out everywhere, but for one session."""
    with transaction(db):
        db.run(END_SESSIONS, {"staff_id": staff_id, "except_id": except_id, "now": db.now()})


def record_seen(db: Database, staff_id: str, session_id: str, ip: str | None) -> None:
    """Note that a member is here now, with this session. Raises Unavailable rather than wait for other writers."""
    with transaction(db, OPTIONAL_WRITE_TIMEOUT):
        db.run(SEEN, {"id": staff_id, "now": db.now()})
        devices.record_use(db, session_id, ip)


def set_password(db: Database, staff_id: str, password: str) -> None:
    """Give a member a password, from the command line; signs them out everywhere. Raises Invalid for a weak one."""
    passwords.check(password)
    replace_password(db, staff_id, passwords.hashed(password))


def replace_password(
    db: Database,
    staff_id: str,
    hash: str,
    *,
    by: str | None = None,
    except_id: str | None = None,
) -> None:
    """Store the hash of a member's new password; their invitations and all sessions but one end."""
    with transaction(db):
        db.run(SET_PASSWORD, {"id": staff_id, "hash": hash, "now": db.now()})
        links.delete(db, staff_id)
        end_sessions(db, staff_id, except_id=except_id)
        events.record(db, "staff.updated", staff_id, by=by, changed=["password"])


# ------------------------------------------------------------------------------------------------ one-time links


def invite(
    db: Database, staff_id: str, *, hours: int = INVITE_HOURS, by: str | None = None
) -> tuple[str, str]:
    """A new invitation in place of any older; returns the token, shown this once, and when it ends (72 h)."""
    with transaction(db):
        audit.record(db, "staff.link_created", "staff", staff_id, by=by)
        return links.create(db, "invite", staff_id, clock.later(db.now(), hours=hours))


def invite_setup(db: Database) -> tuple[str, str]:
    """A link with which the very first administrator is made (30 minutes), in place of any older."""
    if has_admin(db):
        raise Conflict("There is an administrator already.")
    return links.create(db, "setup", None, clock.later(db.now(), minutes=SETUP_MINUTES))


def invited(db: Database, token: str) -> str:
    """The e-mail (as `email_key`) of whom an invitation is for. Raises Unauthorized for an unknown or expired one."""
    link = links.get(db, "invite", token)
    return str(db.value(EMAIL_KEY_OF, {"id": link["staff_id"]}))


def accept_invite(
    db: Database, token: str, password: str, factor: totp.Given = totp.NONE_GIVEN
) -> Credentials:
    """Set the invited member's password. The link works once; nothing is hashed for one that is not valid.

    It does not stand in for the second factor: a member who has one gives a code as well, or nothing is changed.
    """
    passwords.check(password)
    links.get(db, "invite", token)
    hash = passwords.hashed(password)
    with transaction(db):
        staff_id = str(links.redeem(db, "invite", token)["staff_id"])
        totp.check(db, staff_id, factor)
        replace_password(db, staff_id, hash, by=staff_id)
    return Credentials(staff_id, hash)


def set_up(db: Database, *, token: str, name: str, email: str, password: str) -> Credentials:
    """Make the very first administrator with the set-up link. Of two simultaneous calls one succeeds."""
    passwords.check(password)
    links.get(db, "setup", token)
    hash = passwords.hashed(password)
    with transaction(db):
        links.redeem(db, "setup", token)
        if has_admin(db):
            raise Conflict("There is an administrator already.")
        made = staff.create(db, name=name, email=email, role="admin", password_hash=hash)
    return Credentials(made["id"], hash)


def has_admin(db: Database) -> bool:
    """Whether there is an active administrator."""
    return bool(db.value(ADMIN_EXISTS))


def delete_expired(db: Database) -> int:
    """Drop sessions and links that ended a week ago, and second factors that were never confirmed; returns how many."""
    before = clock.later(db.now(), days=-7)
    ended = db.run(DELETE_EXPIRED_SESSIONS, {"before": before})
    return ended + links.delete_expired(db, before) + totp.delete_expired(db)
