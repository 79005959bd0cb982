"""Whether a guest may be written to: WhatsApp's 24 hours, who has opted out, and who takes no answers.

Checked when a message is queued, and again when it is sent: in between the hours may have run out.

An opt-out is stored under a hash of the address: it must hold when the guest has been erased and writes again, and an
erased guest's address must not be readable. (Whoever has the file and tries every number finds it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.channels import file_limits
from jack.core import actors, clock
from jack.core.errors import Conflict, Detail, Invalid
from jack.resources.conversations import opt_outs
from jack.resources.guests import blocking, identities
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.query import AnyRow

WINDOW_HOURS = 24
CLOSED = (
    "WhatsApp lets a hotel write freely only within 24 hours of the guest's last message, and those are over. "
    'Send a template message (type "template"), or wait until the guest writes.'
)
STOPPED = "This guest has asked for no more messages on this channel. They allow them again by writing START."

BLOCKED = "This guest is blocked: only the staff themselves write to them."


NO_REPLIES = "The sender is a name or a short code: it takes no answers."


class Blocker(NamedTuple):
    """Why a guest may not be written to, in words for the staff (`message`) and in one for programs (`reason`)."""

    message: str
    reason: str


def blocker(
    db: Database, guest_id: str | None, channel: str, type: str, *, at: str | None = None
) -> Blocker | None:
    """What keeps a message of this type from a guest on a channel, now or as far as is known at a later time; None when nothing does."""
    if channel == "web":
        return None
    if opt_outs.has_stopped(db, guest_id, channel):
        return Blocker(STOPPED, "opted_out")
    if not identities.takes_replies(db, guest_id, channel):
        return Blocker(NO_REPLIES, "takes_no_replies")
    if channel == "whatsapp" and type != "template" and not _window_open(db, guest_id, channel, at):
        return Blocker(CLOSED, "window_closed")
    return None


def check(db: Database, guest_id: str | None, channel: str, type: str, *, by: str) -> None:
    """Raise Conflict unless a message of this type can be sent in the conversation now; Invalid where there is none.

    A blocked guest is written to by the staff alone: what a program (`by`) sends is automatic.
    """
    check_channel(db, guest_id, channel, type, by=by)
    found = blocker(db, guest_id, channel, type)
    if found is not None:
        raise Conflict(found.message, reason=found.reason)


def check_channel(db: Database, guest_id: str | None, channel: str, type: str, *, by: str) -> None:
    """The same of what is there whenever it is sent: a guest who is not blocked, and a channel that has such messages."""
    if guest_id is None:
        raise Conflict("This guest has been erased.", reason="guest_unreachable")
    if type == "template" and channel != "whatsapp":
        raise Invalid.field("type", "invalid", "Only WhatsApp has template messages.")
    settings.check_channel(db, channel)
    if is_refused(db, guest_id, actors.type_of(by)):
        raise Conflict(BLOCKED, reason="guest_blocked")


def is_refused(db: Database, guest_id: str | None, author_type: str) -> bool:
    """Whether what this kind of author writes is kept from a guest: from a blocked one all but the staff's own words."""
    return author_type != "staff" and blocking.is_blocked(db, guest_id)


def check_files(channel: str, files: Sequence[AnyRow], field: str = "attachmentIds") -> None:
    """Raise Invalid for the first file that a channel does not take, with what to do instead; `reason` says which rule it is."""
    for place, file in enumerate(files):
        found = file_limits.refusal(channel, str(file["mime"]), int(str(file["size"])))
        if found is not None:
            name = field if field == "file" else f"{field}.{place}"
            detail: Detail = {"field": name, "message": found.message, "code": "unsupported_file"}
            raise Invalid(f"{name}: {found.message}", details=[detail], reason=found.reason)


def window_ends(last_inbound_at: str | None) -> str | None:
    """Until when a WhatsApp guest who last wrote at that time may be written to freely; None when they never wrote."""
    return clock.later(last_inbound_at, hours=WINDOW_HOURS) if last_inbound_at else None


def _window_open(db: Database, guest_id: str | None, channel: str, at: str | None) -> bool:
    guest = {"guest_id": guest_id, "channel": channel}
    ends = window_ends(db.value(identities.LAST_INBOUND_AT, guest))
    return ends is not None and max(db.now(), at or "") < ends
