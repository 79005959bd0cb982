"""Twilio's requests: the form they are, and the signature that says so."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl

from jack.channels import payload
from jack.channels.protocol import InvalidSignature

if TYPE_CHECKING:
    from jack.channels.types import Post

PORT = re.compile(":[0-9]+$")
USUAL_PORTS = {"https": ":443", "http": ":80"}
Form = dict[str, str]


def fields(post: Post) -> Form:
    """The fields of the form a request is, the first of each name; what is not a form has none."""
    form: Form = {}
    for name, value in _pairs(post.body):
        form.setdefault(name, value)
    return form


def verify(token: str, public_url: str, post: Post) -> None:
    """Make sure that Twilio has signed this request to the address the world reaches us at. Raises InvalidSignature.

    The address is the configured one, not what a proxy makes of it, with and without the port; and the auth token signs, never
    an API key. What is not a form is signed by its hash, which is a part of the query.
    """
    given = payload.header(post, "x-twilio-signature")
    url = public_url.rstrip("/") + post.path + (f"?{post.query}" if post.query else "")
    pinned = parse_qs(post.query).get("bodySHA256", [])
    if pinned and not _same(hashlib.sha256(post.body).hexdigest(), pinned[0].lower()):
        raise InvalidSignature
    signed = "" if pinned else _signed(post.body)
    right = [signature(token, one + signed) for one in _spellings(url)]
    if not token or not any(_same(one, given) for one in right):
        raise InvalidSignature


def signature(token: str, signed: str) -> str:
    """Twilio's signature of a text."""
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def _same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))


def _signed(body: bytes) -> str:
    """Names and values as they are signed: by name, each different value of a name once, empty ones too."""
    return "".join(name + value for name, value in sorted(set(_pairs(body))))


def _spellings(url: str) -> list[str]:
    """A URL without and with its port: Twilio writes either."""
    scheme, _, rest = url.partition("://")
    host, slash, tail = rest.partition("/")
    name = PORT.sub("", host)
    port = host[len(name) :] or USUAL_PORTS.get(scheme, "")
    return [f"{scheme}://{one}{slash}{tail}" for one in (name, name + port)]


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """All fields of a form, decoded and untrimmed. Bytes that are not UTF-8 come out as they went in, to be signed."""
    return parse_qsl(
        body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
