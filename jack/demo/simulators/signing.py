"""How Meta and Twilio sign what they send, written from their documentation alone: what Jack checks is not used here."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def meta(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def twilio(token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """The value of `X-Twilio-Signature`: over the URL, then each name and value once, in order."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def twilio_json(token: str, url: str, body: bytes) -> tuple[str, str]:
    """The URL with the hash of a JSON body, and the signature, which is over that URL only."""
    joint = "&" if "?" in url else "?"
    signed = f"{url}{joint}bodySHA256={hashlib.sha256(body).hexdigest()}"
    return signed, twilio(token, signed)
