"""Files of outbound messages, with signed links, valid for an hour, for providers that fetch them."""

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
TIMESTAMP = re.compile(r"[0-9]{1,12}")


def to_send(
    db: Database, message_id: str, *, secret: str, base_url: str, now: float | None = None
) -> tuple[File, ...]:
    """The files of an outbound message, in order, as channels take them. `secret` signs the links; `now` is in epoch seconds."""
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
    """The path and query of a link to this file that is valid until `until` (epoch seconds)."""
    signature = _signature(secret, attachment_id, str(until))
    return f"/files/{attachment_id}?expires={until}&signature={signature}"


def is_valid(secret: str, attachment_id: str, until: str, signature: str) -> bool:
    """Whether a link was signed with this secret and has not expired."""
    expected = _signature(secret, attachment_id, until)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return False
    return TIMESTAMP.fullmatch(until) is not None and time.time() <= int(until)


def _signature(secret: str, attachment_id: str, until: str) -> str:
    text = f"attachment\0{attachment_id}\0{until}"
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
