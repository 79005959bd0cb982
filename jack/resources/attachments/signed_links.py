"""Files that leave: on this disk, and for providers that fetch by link under one that is good for an hour."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING

from jack.channels.types import File
from jack.resources.attachments import store

if TYPE_CHECKING:
    from jack.core.db import Database

SECONDS = 3600
WHEN = re.compile(r"[0-9]{1,12}")


def to_send(
    db: Database, message_id: str, *, secret: str, base_url: str, now: float | None = None
) -> tuple[File, ...]:
    """The files of a message that leaves, in order, as channels take them. `secret` is the house's, `now` epoch seconds."""
    until = int(time.time() if now is None else now) + SECONDS
    return tuple(
        File(
            name=row["name"],
            mime=row["mime"],
            size=row["size"],
            path=row["path"],
            url=f"{base_url}{signed(secret, row['id'], until)}",
        )
        for row in store.to_send(db, message_id)
    )


def signed(secret: str, attachment_id: str, until: int) -> str:
    """The path and query under which this file is answered until a moment (epoch seconds)."""
    signature = _signature(secret, attachment_id, str(until))
    return f"/files/{attachment_id}?expires={until}&signature={signature}"


def holds(secret: str, attachment_id: str, until: str, signature: str) -> bool:
    """Whether a link is one that was given out, and is still good."""
    right = _signature(secret, attachment_id, until)
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
        return False
    return WHEN.fullmatch(until) is not None and time.time() <= int(until)


def _signature(secret: str, attachment_id: str, until: str) -> str:
    said = f"attachment\0{attachment_id}\0{until}"
    return hmac.new(secret.encode(), said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
