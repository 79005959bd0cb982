"""Web chat: a visitor's session, their messages, up to where these are delivered and read."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.db import OPTIONAL_WRITE_TIMEOUT, transaction
from jack.core.errors import Unauthorized, Unavailable
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, messages, web_streams
from jack.resources.conversations.message_rows import SAID
from jack.resources.guests import identities
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.webchat.rows import SessionRow, StreamRow, TokenRow, own_message, shaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.attachments.rows import ReadyFile
    from jack.resources.webchat.rows import CreatedSession, VisitorMessageRow

SESSION_DAYS = 30
FILES = "/api/v1/webchat/attachments"

CREATE = """
    INSERT INTO webchat_sessions (id, token_hash, name, email, email_proven, language, created_at, expires_at)
    VALUES (:id, :token_hash, :name, :email, :email_proven, :language, :now, :expires_at)"""

BY_TOKEN = Query[TokenRow](
    "SELECT id, expires_at FROM webchat_sessions WHERE token_hash = :token_hash"
)

GET = Query[SessionRow]("""
    SELECT id, guest_id, stream_id, name, email, email_proven, language, delivered_seq, read_seq
    FROM webchat_sessions
    WHERE id = :id""")

PROLONG = "UPDATE webchat_sessions SET expires_at = :expires_at WHERE id = :id"

SET_GUEST = "UPDATE webchat_sessions SET guest_id = :guest_id WHERE id = :id"

SET_DELIVERED = (
    "UPDATE webchat_sessions SET delivered_seq = max(delivered_seq, :seq) WHERE id = :id"
)

SET_READ = "UPDATE webchat_sessions SET read_seq = max(read_seq, :seq) WHERE id = :id"

DELETE_EXPIRED = "DELETE FROM webchat_sessions WHERE expires_at < :before RETURNING stream_id"

# Both directions, but only what has been said, and nothing from a message on that is held and may be taken back. All conversations of a stream are one to its visitor, in the order of their messages.
STREAM = Query[StreamRow](f"""
    SELECT messages.seq, messages.id, conversation_id, direction, type, content, messages.status, author_type,
           CASE author_type WHEN 'staff' THEN (SELECT name FROM staff WHERE id = author_id) END AS staff_name,
           messages.created_at, read_at
    FROM conversations JOIN messages ON messages.conversation_id = conversations.id
    WHERE conversations.stream_id = :stream_id AND {SAID} AND details ->> 'late' IS NULL
      AND messages.seq > :after AND messages.seq <= :until
      AND messages.seq < coalesce((
          SELECT min(held.seq) FROM outbox JOIN messages AS held ON held.id = outbox.message_id
          WHERE outbox.held_until > :now
            AND outbox.conversation_id IN (SELECT id FROM conversations WHERE stream_id = :stream_id)), :end)
    ORDER BY messages.seq
    LIMIT :limit""")

NEWEST = """
    SELECT max(messages.seq)
    FROM conversations JOIN messages ON messages.conversation_id = conversations.id
    WHERE conversations.stream_id = :stream_id"""

END = 2**62


def create_session(
    db: Database,
    *,
    name: str | None = None,
    email: str | None = None,
    language: str | None = None,
    email_proof: str | None = None,
) -> CreatedSession:
    """A new visitor's session, whose `token` is not stored. Raises Conflict when the web chat is switched off."""
    settings.check_channel(db, "web")
    token = secrets.token_urlsafe(32)
    now = db.now()
    expires_at = clock.later(now, days=SESSION_DAYS)
    row = {
        "id": db.new_id("visitor"),
        "token_hash": _hash(token),
        "name": name,
        "email": email,
        "email_proven": int(_proven(db, email, email_proof)),
        "language": language,
        "now": now,
        "expires_at": expires_at,
    }
    with transaction(db):
        db.run(CREATE, row)
    return {"token": token, "expires_at": expires_at}


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
    return row["id"]


def _prolong(db: Database, session_id: str, expires_at: str) -> None:
    """Move a session's end on; should that fail, the next request does it."""
    try:
        with transaction(db, OPTIONAL_WRITE_TIMEOUT):
            db.run(PROLONG, {"id": session_id, "expires_at": expires_at})
    except Unavailable:
        return


def receive(
    db: Database, session_id: str, *, content: str, client_message_id: str
) -> tuple[VisitorMessageRow, bool]:
    """A visitor's message, once for each `client_message_id`: the message, and whether it is new.

    The first one makes guest, conversation, message and event in one transaction.
    """
    with transaction(db):
        settings.check_channel(db, "web")
        session = _session(db, session_id)
        email = session["email"] if session["email_proven"] else None
        guest_id = session["guest_id"] or _resolve_guest(db, session)
        stream_id = session["stream_id"] or web_streams.join(db, session_id, email)
        row, new = messages.receive(
            db,
            guest_id=guest_id,
            channel="web",
            content=content,
            account=f"web:{session_id}",
            event_key=client_message_id,
            stream_id=stream_id,
        )
        if new:
            accounts.record_inbound(db, "web")
        if session["guest_id"] is None:
            _note_unproven_email(db, session, row["conversation_id"])
        return _shaped(db, [own_message(row)])[0], new


def _note_unproven_email(db: Database, session: SessionRow, conversation_id: str) -> None:
    """Tell the staff of an e-mail address that the visitor has given without proof."""
    if session["email"] and not session["email_proven"]:
        text = f"The visitor gives the e-mail {session['email']}. It is not proven to be theirs."
        messages.note(db, conversation_id, text)


def messages_after(
    db: Database, session_id: str, *, after: int, limit: int
) -> tuple[list[VisitorMessageRow], int]:
    """Up to `limit` messages after the cursor `after`, oldest first, and the next cursor. They count as delivered."""
    session = _session(db, session_id)
    if session["stream_id"] is None:
        return [], after
    after = _valid_cursor(db, session, after)
    rows = _stream(db, session, after=after, until=END, limit=limit)
    last = rows[-1]["seq"] if rows else after
    if last > session["delivered_seq"] and _mark_delivered(db, session, last):
        rows = _stream(db, session, after=after, until=last, limit=limit)
    return _shaped(db, rows), last


def _valid_cursor(db: Database, session: SessionRow, after: int) -> int:
    """The cursor, if it can be one that was given out; else the one up to which everything is delivered."""
    known: int = session["delivered_seq"]
    if after <= known or after <= (db.value(NEWEST, {"stream_id": session["stream_id"]}) or 0):
        return after
    return known


def _mark_delivered(db: Database, session: SessionRow, last: int) -> bool:
    """Record what is delivered; False when that cannot be done now, for reading must work without it."""
    try:
        with transaction(db, OPTIONAL_WRITE_TIMEOUT):
            delivered = _stream(db, session, after=session["delivered_seq"], until=last, limit=-1)
            _advance(db, delivered, "delivered")
            db.run(SET_DELIVERED, {"id": session["id"], "seq": last})
    except Unavailable:
        return False
    return True


def attachment(db: Database, session_id: str, attachment_id: str) -> ReadyFile:
    """A file of the visitor's own chat, with its `path`. Raises NotFound."""
    return attachments.get_of_stream(db, _session(db, session_id)["stream_id"], attachment_id)


def mark_read(db: Database, session_id: str, cursor: int) -> int:
    """Record that the visitor has read up to `cursor`, as far as it is delivered; returns how far that is."""
    with transaction(db):
        session = _session(db, session_id)
        until = min(cursor, session["delivered_seq"])
        if session["stream_id"] is not None and until > session["read_seq"]:
            delivered = _stream(db, session, after=session["read_seq"], until=until, limit=-1)
            _advance(db, [row for row in delivered if row["status"] == "delivered"], "read")
            db.run(SET_READ, {"id": session_id, "seq": until})
        return max(until, session["read_seq"])


def delete_expired(db: Database) -> int:
    """Delete sessions that ended a week ago, and streams in which nothing was said; returns how many sessions."""
    rows = db.all(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-7)})
    web_streams.delete_unused(db, [row["stream_id"] for row in rows if row["stream_id"]])
    return len(rows)


def _session(db: Database, session_id: str) -> SessionRow:
    row = db.one(GET, {"id": session_id})
    if row is None:
        raise Unauthorized("This chat is not known here. Begin a new one.", reason="token_invalid")
    return row


def _resolve_guest(db: Database, session: SessionRow) -> str:
    """The guest of a session: the one with its e-mail if that is proven, else a new one without it."""
    email = session["email"] if session["email_proven"] else None
    guest_id = guests.known_by(db, "email", email_key(email)) if email else None
    if guest_id is None:
        name = session["name"] or identities.DEFAULT_NAMES["web"]
        guest_id = str(
            guests.create(db, name=name, email=email, language=session["language"])["id"]
        )
    guests.identify(db, guest_id, "web", session["id"])
    db.run(SET_GUEST, {"id": session["id"], "guest_id": guest_id})
    return guest_id


def _proven(db: Database, email: str | None, proof: str | None) -> bool:
    secret = settings.value(db, "channels.web").get("identitySecret")
    if not (email and proof and secret):
        return False
    right = hmac.new(secret.encode(), email.casefold().encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), proof.casefold().encode())


def _stream(
    db: Database, session: SessionRow, *, after: int, until: int, limit: int
) -> list[StreamRow]:
    bounds = {"after": after, "until": until, "limit": limit, "end": END}
    return db.all(STREAM, {"stream_id": session["stream_id"], "now": db.now(), **bounds})


def _advance(db: Database, rows: Sequence[StreamRow], status: str) -> None:
    for row in rows:
        if row["direction"] == "outbound":
            delivery.advance(db, row["id"], status)


def _shaped(db: Database, rows: Sequence[StreamRow]) -> list[VisitorMessageRow]:
    """Messages as their visitor is answered, with files where a visitor may fetch them."""
    return shaped(rows, attachments.of_messages(db, [row["id"] for row in rows], where=FILES))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
