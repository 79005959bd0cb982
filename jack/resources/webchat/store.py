"""Web chat: a visitor's session, what they say, what they have been shown."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.db import BY_THE_WAY, transaction
from jack.core.errors import Unauthorized, Unavailable
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, messages
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.db import Database, Row
    from jack.resources.attachments.store import ReadyFile

SESSION_DAYS = 30
NAMELESS = "Web visitor"
FILES = "/api/v1/webchat/attachments"

CREATE = """
    INSERT INTO webchat_sessions (id, token_hash, name, email, email_proven, language, created_at, expires_at)
    VALUES (:id, :token_hash, :name, :email, :email_proven, :language, :now, :expires_at)"""

BY_TOKEN = "SELECT id, expires_at FROM webchat_sessions WHERE token_hash = :token_hash"

GET = """
    SELECT id, guest_id, name, email, email_proven, language, delivered_seq, read_seq
    FROM webchat_sessions
    WHERE id = :id"""

PROLONG = "UPDATE webchat_sessions SET expires_at = :expires_at WHERE id = :id"

MEET = "UPDATE webchat_sessions SET guest_id = :guest_id WHERE id = :id"

SHOWN = "UPDATE webchat_sessions SET delivered_seq = max(delivered_seq, :seq) WHERE id = :id"

READ = "UPDATE webchat_sessions SET read_seq = max(read_seq, :seq) WHERE id = :id"

REACHABLE = "SELECT EXISTS (SELECT 1 FROM webchat_sessions WHERE guest_id = :guest_id AND expires_at > :now)"

FORGET = "DELETE FROM webchat_sessions WHERE expires_at < :before"

# Both directions, notes never. A guest's web conversations are one stream to them, in the order things were said.
STREAM = """
    SELECT messages.seq, messages.id, direction, type, content, messages.status, author_type,
           CASE author_type WHEN 'staff' THEN (SELECT name FROM staff WHERE id = author_id) END AS staff_name,
           messages.created_at, read_at
    FROM conversations JOIN messages ON messages.conversation_id = conversations.id
    WHERE conversations.guest_id = :guest_id AND channel = 'web' AND type <> 'note'
      AND messages.seq > :after AND messages.seq <= :until
    ORDER BY messages.seq
    LIMIT :limit"""

NEWEST = """
    SELECT max(messages.seq)
    FROM conversations JOIN messages ON messages.conversation_id = conversations.id
    WHERE conversations.guest_id = :guest_id AND channel = 'web'"""

END = 2**62


def begin(
    db: Database,
    *,
    name: str | None = None,
    email: str | None = None,
    language: str | None = None,
    email_proof: str | None = None,
) -> Row:
    """A new visitor: `token`, shown this once, and `expires_at`. Raises Conflict when the web chat is switched off."""
    settings.check_channel(db, "web")
    token = secrets.token_urlsafe(32)
    now = db.now()
    row = {
        "id": db.new_id("visitor"),
        "token_hash": _hash(token),
        "name": name,
        "email": email,
        "email_proven": int(_proven(db, email, email_proof)),
        "language": language,
        "now": now,
        "expires_at": clock.later(now, days=SESSION_DAYS),
    }
    with transaction(db):
        db.run(CREATE, row)
    return {"token": token, "expires_at": row["expires_at"]}


def recognise(db: Database, token: str) -> str:
    """The id of the session this token opens; each day of use moves its end on. Raises Unauthorized."""
    row = db.one(BY_TOKEN, {"token_hash": _hash(token)})
    if row is None:
        raise Unauthorized("This chat is not known here. Begin a new one.", reason="token_invalid")
    now = db.now()
    if row["expires_at"] <= now:
        raise Unauthorized("This chat has ended. Begin a new one.", reason="token_expired")
    if row["expires_at"] < clock.later(now, days=SESSION_DAYS - 1):
        _prolong(db, row["id"], clock.later(now, days=SESSION_DAYS))
    return str(row["id"])


def _prolong(db: Database, session_id: str, expires_at: str) -> None:
    """Move a session's end on; should that fail, the next request does it."""
    try:
        with transaction(db, BY_THE_WAY):
            db.run(PROLONG, {"id": session_id, "expires_at": expires_at})
    except Unavailable:
        return


def say(db: Database, session_id: str, *, content: str, client_message_id: str) -> tuple[Row, bool]:
    """A visitor's message, once for each `client_message_id`: the message, and whether it is new.

    The first one makes guest, conversation, message and event in one transaction.
    """
    with transaction(db):
        settings.check_channel(db, "web")
        session = _session(db, session_id)
        guest_id = session["guest_id"] or _meet(db, session)
        row, new = messages.receive(
            db,
            guest_id=guest_id,
            channel="web",
            content=content,
            account=f"web:{session_id}",
            event_key=client_message_id,
        )
        if new:
            accounts.record_inbound(db, "web")
        if session["guest_id"] is None:
            _warn(db, session, row["conversation_id"])
        return _shown(db, [row | {"staff_name": None}])[0], new


def _warn(db: Database, session: Row, conversation_id: str) -> None:
    """An e-mail that a visitor only claims to have is for the staff to know of, and to doubt."""
    if session["email"] and not session["email_proven"]:
        claim = f"The visitor gives the e-mail {session['email']}. It is not proven to be theirs."
        messages.note(db, conversation_id, claim)


def read_on(db: Database, session_id: str, *, after: int, limit: int) -> tuple[list[Row], int]:
    """What was said after `after`, oldest first, and the next `after`. What is shown is delivered."""
    session = _session(db, session_id)
    if session["guest_id"] is None:
        return [], after
    after = _within(db, session, after)
    rows = _stream(db, session, after=after, until=END, limit=limit)
    last = rows[-1]["seq"] if rows else after
    if last > session["delivered_seq"] and _delivered(db, session, last):
        rows = _stream(db, session, after=after, until=last, limit=limit)
    return _shown(db, rows), last


def _within(db: Database, session: Row, after: int) -> int:
    """The cursor, if it can be one that was given out; else the one up to which the visitor has everything."""
    known: int = session["delivered_seq"]
    if after <= known or after <= (db.value(NEWEST, {"guest_id": session["guest_id"]}) or 0):
        return after
    return known


def _delivered(db: Database, session: Row, last: int) -> bool:
    """Write down what the visitor is shown; False when that cannot be done now, for reading must work without it."""
    try:
        with transaction(db, BY_THE_WAY):
            shown = _stream(db, session, after=session["delivered_seq"], until=last, limit=-1)
            _advance(db, shown, "delivered")
            db.run(SHOWN, {"id": session["id"], "seq": last})
    except Unavailable:
        return False
    return True


def attachment(db: Database, session_id: str, attachment_id: str) -> ReadyFile:
    """A file of the visitor's own chat, with its `path`. Raises NotFound."""
    return attachments.get_of_guest(db, _session(db, session_id)["guest_id"], attachment_id)


def mark_read(db: Database, session_id: str, cursor: int) -> int:
    """The visitor has read up to `cursor`, as far as they have been shown anything; returns how far that is."""
    with transaction(db):
        session = _session(db, session_id)
        until = min(cursor, session["delivered_seq"])
        if session["guest_id"] is not None and until > session["read_seq"]:
            shown = _stream(db, session, after=session["read_seq"], until=until, limit=-1)
            _advance(db, [row for row in shown if row["status"] == "delivered"], "read")
            db.run(READ, {"id": session_id, "seq": until})
        return int(max(until, session["read_seq"]))


def reachable(db: Database, guest_id: str | None) -> bool:
    """Whether a visitor who is this guest can still come back to their chat."""
    return bool(db.value(REACHABLE, {"guest_id": guest_id, "now": db.now()}))


def delete_expired(db: Database) -> int:
    """Drop sessions that ended a week ago; returns how many."""
    return db.run(FORGET, {"before": clock.later(db.now(), days=-7)})


def _session(db: Database, session_id: str) -> Row:
    row = db.one(GET, {"id": session_id})
    if row is None:
        raise Unauthorized("This chat is not known here. Begin a new one.", reason="token_invalid")
    return row


def _meet(db: Database, session: Row) -> str:
    """The guest behind a session: whoever has the e-mail if it is proven, else somebody new without it."""
    email = session["email"] if session["email_proven"] else None
    guest_id = guests.known_by(db, "email", email.casefold()) if email else None
    if guest_id is None:
        name = session["name"] or NAMELESS
        guest_id = str(
            guests.create(db, name=name, email=email, language=session["language"])["id"]
        )
    guests.identify(db, guest_id, "web", session["id"])
    db.run(MEET, {"id": session["id"], "guest_id": guest_id})
    return guest_id


def _proven(db: Database, email: str | None, proof: str | None) -> bool:
    secret = settings.value(db, "channels.web").get("identitySecret")
    if not (email and proof and secret):
        return False
    right = hmac.new(secret.encode(), email.casefold().encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), proof.casefold().encode())


def _stream(db: Database, session: Row, *, after: int, until: int, limit: int) -> list[Row]:
    return db.all(
        STREAM, {"guest_id": session["guest_id"], "after": after, "until": until, "limit": limit}
    )


def _advance(db: Database, rows: list[Row], status: str) -> None:
    for row in rows:
        if row["direction"] == "outbound":
            delivery.advance(db, row["id"], status)


def _shown(db: Database, rows: list[Row]) -> list[Row]:
    """Messages as their visitor may see them: staff by first name, files where a visitor finds them."""
    files = attachments.of_messages(db, [row["id"] for row in rows], where=FILES)
    return [row | {"author": _author(row), "attachments": files[row["id"]]} for row in rows]


def _author(row: Row) -> Row:
    name = row["staff_name"].split()[0] if row["staff_name"] else None
    return {"type": row["author_type"], "name": name}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
