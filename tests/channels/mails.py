"""Mails as guests and robots write them, and the hotel's account."""

from __future__ import annotations

from typing import Any

from jack.channels.mail import inbound
from jack.channels.types import Account, InboundMessage, OutboundMessage

OWN = "front@hotel.example"
AT = "2026-05-28T20:26:40.000Z"
OUTLOOK_ID = f"<{'A' * 60}-{'b' * 30}@{'MXPR0' * 3}.namprd01.prod.outlook.com>"
assert len(OUTLOOK_ID) >= 120


def account(**own: Any) -> Account:
    """The hotel's account; `own` are its settings."""
    settings = {"enabled": True, "address": OWN, "name": "Hotel Sol", **own}
    return Account("email", f"email:{OWN}", settings)


def make_mail(body: str | bytes = "Hello", /, **headers: str) -> bytes:
    """A mail of Ana's. A header is named with _ for -, and left out when it is empty."""
    known = {
        "From": "Ana <Ana@guest.example>",
        "To": OWN,
        "Subject": "Towels",
        "Date": "Thu, 28 May 2026 20:26:00 +0000",
        "Message-ID": "<1@guest.example>",
    }
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in known.items() if value)
    content = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
    return lines.encode("utf-8", "surrogateescape") + b"\r\n" + content


def encoded(text: str) -> str:
    """The text as an encoded word, whatever is in it."""
    return f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in text.encode())}?="


def event_of(raw: bytes) -> Any:
    """The one thing a mail tells."""
    (event,) = inbound.events_of(raw, AT, OWN)
    return event


def only(raw: bytes) -> InboundMessage:
    """The message of a mail that tells nothing else."""
    event = event_of(raw)
    assert isinstance(event, InboundMessage)
    return event


def outgoing(text: str = "At once.", **own: Any) -> OutboundMessage:
    """A message to Ana."""
    known: dict[str, Any] = {
        "id": "msg-1",
        "key": "msg-1",
        "guest_id": "guest-1",
        "conversation_id": "conv-1",
        "to": "Ana@guest.example",
        "text": text,
    }
    return OutboundMessage(**(known | own))


def message_of(raw: bytes, zone: str = "UTC") -> InboundMessage:
    """The message of a mail that tells nothing else, at a hotel in `zone`."""
    (event,) = inbound.events_of(raw, AT, OWN, zone=zone)
    assert isinstance(event, InboundMessage)
    return event


def in_parts(kind: str, *parts: str | bytes) -> bytes:
    """A mail in parts, each with its own headers."""
    coded = [part.encode() if isinstance(part, str) else part for part in parts]
    content = b"".join(b"--frontier\n" + part + b"\n" for part in coded)
    return make_mail(content + b"--frontier--\n", Content_Type=f'{kind}; boundary="frontier"')


def alternatives(plain: str, rich: str) -> bytes:
    """A mail that says the same as plain text and as HTML."""
    head = "charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return in_parts(
        "multipart/alternative",
        f"Content-Type: text/plain; {head}{plain}",
        f"Content-Type: text/html; {head}{rich}",
    )
