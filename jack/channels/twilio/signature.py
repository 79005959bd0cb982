"""The signature of Twilio's webhook requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from jack.channels import payload
from jack.channels.protocol import InvalidSignature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.channels.types import WebhookRequest

PORT = re.compile(":[0-9]+$")
USUAL_PORTS = {"https": ":443", "http": ":80"}


def verify(token: str, public_url: str, request: WebhookRequest) -> None:
    """Check that Twilio signed this request to our public URL. Raises InvalidSignature.

    The URL is the configured one, not what a proxy makes of it, with and without the port; the key is the auth token, never an
    API key. A body that is not a form is signed by its hash, which is in the query (`bodySHA256`).
    """
    given = payload.header(request, "x-twilio-signature")
    url = public_url.rstrip("/") + request.path + (f"?{request.query}" if request.query else "")
    body_hashes = parse_qs(request.query).get("bodySHA256", [])
    if body_hashes and not _same(hashlib.sha256(request.body).hexdigest(), body_hashes[0].lower()):
        raise InvalidSignature
    signed = "" if body_hashes else _signed_text(request.form_fields)
    expected = [signature(token, one + signed) for one in _url_variants(url)]
    if not token or not any(_same(one, given) for one in expected):
        raise InvalidSignature


def signature(token: str, signed: str) -> str:
    """Twilio's signature of a text: base64 of its HMAC-SHA1."""
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _signed_text(fields: Iterable[tuple[str, str]]) -> str:
    """Names and values as they are signed: by name, each different value of a name once, empty ones too."""
    return "".join(name + value for name, value in sorted(set(fields)))


def _url_variants(url: str) -> list[str]:
    """A URL without and with its port: Twilio signs either."""
    scheme, _, rest = url.partition("://")
    host, slash, tail = rest.partition("/")
    name = PORT.sub("", host)
    port = host[len(name) :] or USUAL_PORTS.get(scheme, "")
    return [f"{scheme}://{one}{slash}{tail}" for one in (name, name + port)]
