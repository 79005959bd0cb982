"""Where a member is signed in: their sessions, each with when, from where and with which browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import audit
from jack.core.db import transaction
from jack.core.errors import NotFound
from jack.core.paging import Listed, Page
from jack.core.patterns import FORBIDDEN
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class DeviceRow(TypedDict):
    """A session that is signed in; `current` (0 or 1): the one that asks."""

    id: str
    created_at: str
    last_used_at: str
    ip: str | None
    user_agent: str | None
    current: int


class Origin(NamedTuple):
    """From where a request came: the address, and what the program says it is."""

    ip: str | None
    user_agent: str | None

    @classmethod
    def of(cls, address: str | None, user_agent: str | None) -> Origin:
        """As they are stored: without control characters, and bounded."""
        return cls(_bounded(address, MAX_ADDRESS), _bounded(user_agent, MAX_USER_AGENT))


MAX_ADDRESS = 45  # characters, as long as IPv6 gets
MAX_USER_AGENT = 300
NOWHERE = Origin(None, None)

# A session from before devices were kept has no `last_used_at`.
MATCHING = """
    FROM sessions
    WHERE staff_id = :staff_id AND revoked_at IS NULL AND expires_at > :now"""

PAGE = Query[DeviceRow](f"""
    SELECT id, created_at, coalesce(last_used_at, created_at) AS last_used_at, ip, user_agent,
           id = :current AS current
    {MATCHING}
    ORDER BY current DESC, last_used_at DESC, id
    LIMIT :limit OFFSET :offset""")

COUNT = f"SELECT count(*) {MATCHING}"

END = "UPDATE sessions SET revoked_at = :now WHERE id = :id AND staff_id = :staff_id AND revoked_at IS NULL AND expires_at > :now"

RECORD_USE = "UPDATE sessions SET last_used_at = :now, ip = coalesce(:ip, ip) WHERE id = :id"


def search(db: Database, staff_id: str, current: str, *, page: Page) -> Listed[DeviceRow]:
    """A page of the sessions a member is signed in with: the current one, then the last used first."""
    whose = {"staff_id": staff_id, "now": db.now()}
    rows = db.all(PAGE, {**whose, "current": current, "limit": page.limit, "offset": page.offset})
    return Listed(rows, db.value(COUNT, whose), page)


def end(db: Database, staff_id: str, session_id: str) -> None:
    """Sign one of a member's devices out. Raises NotFound unless it is theirs and signed in."""
    with transaction(db):
        row = {"id": session_id, "staff_id": staff_id, "now": db.now()}
        if not db.run(END, row):
            raise NotFound("Session not found")
        audit.record(db, "sign_out", "staff", staff_id, by=staff_id)


def record_use(db: Database, session_id: str, ip: str | None) -> None:
    """Note that a session is used now, and from which address."""
    db.run(RECORD_USE, {"id": session_id, "ip": ip, "now": db.now()})


def _bounded(text: str | None, length: int) -> str | None:
    return FORBIDDEN.sub("", text or "").strip()[:length] or None
