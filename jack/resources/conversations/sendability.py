"""Whether a guest may be written to: WhatsApp's 24 hours, and who has asked to hear no more.

Asked when a message is queued, and again when it is sent: in between the hours may have run out.

A wish to hear no more is kept under a hash of the address: it must hold when the guest has been erased and is met again,
and an erased guest's address must not be there to be read. (Whoever has the file and tries every number finds it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import clock
from jack.core.errors import Conflict
from jack.resources.conversations.opt_outs import has_stopped

if TYPE_CHECKING:
    from jack.core.db import Database

WINDOW_HOURS = 24
CLOSED = (
    "WhatsApp lets a hotel write freely only within 24 hours of the guest's last message, and those are over. "
    'Send a template message (type "template"), or wait until the guest writes.'
)
STOPPED = "This guest has asked for no more messages on this channel. They allow them again by writing START."

# The last the guest was heard from, under any of their addresses.
HEARD_AT = """
    SELECT max(last_inbound_at) FROM guest_identities
    WHERE guest_id = :guest_id AND channel = :channel"""


class Blocker(NamedTuple):
    """Why a guest may not be written to, in plain words and in one for programs."""

    says: str
    reason: str


def blocker(db: Database, guest_id: str | None, channel: str, type: str) -> Blocker | None:
    """What keeps a message of this type from a guest on a channel; None when nothing does."""
    whom = {"guest_id": guest_id, "channel": channel}
    if channel == "web":
        return None
    if has_stopped(db, whom):
        return Blocker(STOPPED, "opted_out")
    if channel == "whatsapp" and type != "template" and not _open(db, whom):
        return Blocker(CLOSED, "window_closed")
    return None


def check(db: Database, guest_id: str | None, channel: str, type: str) -> None:
    """Raise Conflict, saying what to do, unless such a message may be sent to the guest now."""
    found = blocker(db, guest_id, channel, type)
    if found is not None:
        raise Conflict(found.says, reason=found.reason)


def window_ends(heard_at: str | None) -> str | None:
    """Until when a WhatsApp guest who was last heard from then may be written to freely."""
    return clock.later(heard_at, hours=WINDOW_HOURS) if heard_at else None


def _open(db: Database, whom: dict[str, str | None]) -> bool:
    ends = window_ends(db.value(HEARD_AT, whom))
    return ends is not None and db.now() < ends
