"""The audit log: who did what, when and from where. A row a change, written in its transaction and never changed.

Rows hold ids, names of actions and names of fields: no value, so that nothing here has to be erased with a guest. That rows are
neither changed nor deleted before their time is held by triggers (`audit_…` in schema.sql).
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING

from jack.core import actors

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.request_origin import RequestOrigin

# Each row is a line of this log; nobody reads it unless JACK_AUDIT_SYSLOG is set.
log = logging.getLogger("jack.audit")

RECORD = """
    INSERT INTO audit (at, actor_id, action, subject_type, subject_id, changed, ip, request_id)
    VALUES (:at, :actor_id, :action, :subject_type, :subject_id, :changed, :ip, :request_id)"""

# The age from which the trigger `audit_kept` lets a row be deleted, by the clock of the machine.
KEPT_FROM = """strftime('%Y-%m-%dT%H:%M:%fZ', 'now', printf('-%d days', max(30, coalesce(
        (SELECT CAST(value ->> '$.days' AS INTEGER) FROM settings WHERE key = 'audit'), 365))))"""

# As of events: only the oldest rows are read, and the newest stays, or its seq would be used again.
DELETE_EXPIRED = f"""
    DELETE FROM audit
    WHERE seq >= (SELECT min(seq) FROM audit) AND seq < (SELECT min(seq) FROM audit) + :limit
      AND seq < (SELECT max(seq) FROM audit)
      AND at < min(:now, {KEPT_FROM})"""

# What happens to these is always noted, also when it is done by a command on the machine.
ALWAYS = frozenset({"staff", "setting"})
# The same of an event: guests are also erased by themselves.
ALWAYS_EVENTS = frozenset({"guest.erased"})
# Reading is no change, and a mention is part of its note.
NEVER = frozenset({"conversation.read", "conversation.unread", "conversation.mentioned"})


def record(
    db: Database,
    action: str,
    subject_type: str,
    subject_id: str | None,
    *,
    by: str | None = None,
    changed: str = "[]",
) -> None:
    """Write that somebody did something. `action` is an event's type, or a word of its own such as `sign_in.failed`.

    `by`: the id of who did it, None for Jack itself and for commands; `changed`: names of fields as a JSON array.
    """
    origin = db.origin()
    row = {
        "at": db.now(),
        "actor_id": by,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "changed": changed,
        "ip": origin.ip,
        "request_id": origin.request_id,
    }
    db.run(RECORD, row)
    if log.isEnabledFor(logging.INFO):
        db.on_commit(functools.partial(_log, row, origin))


def record_event(db: Database, type: str, subject_id: str, by: str | None, changed: str) -> None:
    """The same of an event, where the audit log has it: what people, API keys and automations do, and what concerns access."""
    resource, _, _ = type.partition(".")
    wanted = by is not None and not by.startswith("guest-") or resource in ALWAYS
    wanted = wanted or type in ALWAYS_EVENTS
    if wanted and type not in NEVER:
        record(db, type, subject_of(type), subject_id, by=by, changed=changed)


def subject_of(type: str) -> str:
    """To what something happens by an event's type: `message` for `conversation.message.created`, and `webhook` for `ping`."""
    return "webhook" if type == "ping" else type.split(".")[-2]


def delete_expired(db: Database, limit: int = 10_000) -> int:
    """Delete up to `limit` rows older than the setting `audit.days`; returns how many."""
    return db.run(DELETE_EXPIRED, {"now": db.now(), "limit": limit})


def _log(row: dict[str, str | None], origin: RequestOrigin) -> None:
    """Log a row that has been committed: names and ids, `-` for what there is not."""
    log.info(
        "audit at=%s actor=%s actor_type=%s action=%s subject=%s changed=%s ip=%s request=%s",
        row["at"],
        row["actor_id"] or "-",
        actors.type_of(row["actor_id"]),
        row["action"],
        row["subject_id"] or "-",
        row["changed"],
        origin.ip or "-",
        origin.request_id or "-",
    )
