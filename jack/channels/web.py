"""The web chat as a channel: a message is sent once it is where its visitor fetches it from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.results import Accepted, Permanent, Result
from jack.webchat import store as webchat

if TYPE_CHECKING:
    from jack.db import Database, Row

# Sending is a row in our own database: doing it twice changes nothing.
REPEATABLE = True


def send(db: Database, message: Row) -> Result:
    """Accept a message for which a visitor can still come back. `message` has id, guest_id, content."""
    if not webchat.reachable(db, message["guest_id"]):
        return Permanent("The visitor's chat has ended; they can no longer read this.")
    return Accepted()
