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
from jack.resources.guests import identities

if TYPE_CHECKING:
    from jack.core.db import Database

WINDOW_HOURS = 24
CLOSED = (
    "WhatsApp lets a hotel write freely only within 24 hours of the guest's last message, and those are over. "
    'Send a template message (type "template"), or wait until the guest writes.'
)
STOPPED = "This guest has asked for no more messages on this channel. They allow them again by writing START."


class Blocker(NamedTuple):
    """Why a guest may not be written to, in plain words and in one for programs."""

    message: str
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
        raise Conflict(found.message, reason=found.reason)


def window_ends(last_inbound_at: str | None) -> str | None:
    """Until when a WhatsApp guest who last wrote at that time may be written to freely; None when they never wrote."""
    return clock.later(last_inbound_at, hours=WINDOW_HOURS) if last_inbound_at else None


def _open(db: Database, whom: dict[str, str | None]) -> bool:
    ends = window_ends(db.value(identities.LAST_INBOUND_AT, whom))
    return ends is not None and db.now() < ends
