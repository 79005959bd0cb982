"""The token in the reply address of an e-mail: it identifies the conversation, and only Jack can make it.

Mail servers may change the case of an address and cut what comes before its @ at 64 characters: the token is base32 of
the conversation's UUID and 8 bytes of HMAC, 39 characters that read the same in either case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid

PREFIX = "conv-"
LENGTH = 39
_MAC_BYTES = 8
_PADDING = "="


def reply_token(secret: str, conversation_id: str) -> str:
    """The token of a conversation; empty when its id is not one that Jack made."""
    try:
        number = uuid.UUID(conversation_id.removeprefix(PREFIX)).bytes
    except ValueError:
        return ""
    return base64.b32encode(number + _mac(secret, number)).decode().rstrip(_PADDING).lower()


def conversation_of(secret: str, token: str) -> str | None:
    """The conversation a token was made for; None for one that Jack did not make."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        plain = base64.b32decode(token.upper() + _PADDING)
    except ValueError:
        return None
    number, mac = plain[:16], plain[16:]
    if not hmac.compare_digest(mac, _mac(secret, number)):
        return None
    return f"{PREFIX}{uuid.UUID(bytes=number)}"


def _mac(secret: str, number: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"reply:" + number, hashlib.sha256)[:_MAC_BYTES]
