"""Delivery reports (RFC 3464): which of our messages could not be delivered, and why."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING, Literal

from jack.channels.mail.headers import display_text, ids, raw
from jack.channels.mail.message_ids import is_ours, without_addresses
from jack.channels.mail.mime import headers_of
from jack.channels.types import DeliveryReceipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.channels.mail.headers import Mail

ACTIONS: dict[str, Literal["failed", "delayed", "delivered"]] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
}


def receipts(mail: Mail, domain: str, at: str) -> list[DeliveryReceipt]:
    """The receipts in a delivery report; none when it is no report, or about a mail that Jack did not send."""
    if mail.get_content_type() != "multipart/report":
        return []
    parts = [part for part in mail.walk() if part is not mail]
    about = next((id for id in _message_ids(mail, parts) if is_ours(id, domain)), None)
    if about is None:
        return []
    found = [
        DeliveryReceipt(about, status, at, error=None if status == "delivered" else _reason(block))
        for block in _recipients(parts)
        if (status := ACTIONS.get(_field(block, "action").lower()))
    ]
    return list(dict.fromkeys(found))


def _message_ids(mail: Mail, parts: list[Mail]) -> Iterator[str]:
    """The ids of the message a report may be about: of the copy it carries, then of its own threading."""
    for part in map(_headers_in, parts):
        for value in [*raw(part, "message-id"), *raw(part, "original-message-id")]:
            yield from ids(value)
    for name in ("in-reply-to", "references"):
        for value in raw(mail, name):
            yield from reversed(ids(value))


def _headers_in(part: Mail) -> Mail:
    """The headers a part carries as its text, else its own."""
    content = part.get_payload(decode=True)
    if part.get_content_type() != "text/rfc822-headers" or not isinstance(content, bytes):
        return part
    return headers_of(content)


def _recipients(parts: list[Mail]) -> Iterator[Mail]:
    for part in parts:
        inside = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(inside, list):
            yield from (block for block in inside if isinstance(block, Message))


def _field(block: Mail, name: str) -> str:
    return display_text(next(iter(raw(block, name)), "")).strip()


def _reason(block: Mail) -> str:
    status, diagnosis = _field(block, "status"), _field(block, "diagnostic-code")
    text = diagnosis.partition(";")[2].strip() or diagnosis
    return without_addresses(" ".join(filter(None, (status, text)))) or "The mail was returned."
