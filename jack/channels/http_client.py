"""One request to a provider: with time-outs, without redirects, and with a plain word for what went wrong.

What counts is whether the provider can have acted. No connection: it cannot (`Retry`). Anything after that: it may have
(`Unknown`), and a message must not be sent again blindly.
"""

from __future__ import annotations

import atexit
import json
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jack.channels.results import Broken, Retry, Unknown

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    import httpx

CONNECT_SECONDS = 5.0
# A part of the lease of a message, so that it never runs out while a provider still answers: at most 5 + 20 + 15.
READ_SECONDS = 15.0
ANSWER_SECONDS = 20.0
MAX_ANSWER = 1024 * 1024
MAX_WAIT = 24 * 3600.0

UNREACHABLE = "The provider could not be reached."
NO_ANSWER = "The provider does not answer as it should just now."
SILENT = "The provider did not answer in time; the message may have been sent."
UNUSABLE = "The address or the credentials in the settings cannot be used: they hold signs that no request can carry."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: the JSON object in it, if there was one, and how long to wait, if it said so."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    retry_after: float | None = None


Reply = Answer | Retry | Broken | Unknown


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
    payload: Mapping[str, Any] | None = None,
    form: Sequence[tuple[str, str]] | None = None,
) -> Reply:
    """Ask a provider once. `login` is Basic authentication; the body is JSON (`payload`) or a form, or there is none."""
    import httpx  # here, because most processes never call anybody

    content, mime = _body(payload, form)
    try:
        with client().stream(
            method, url, headers={**(headers or {}), **mime}, auth=login, content=content
        ) as response:
            return Answer(response.status_code, _object(response), _wait(response))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return Retry(UNREACHABLE)
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, ValueError):
        return Broken(UNUSABLE)
    except (httpx.HTTPError, _TooMuch):
        return Unknown(SILENT)


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """The connections of this process. Kept but briefly: one the provider has closed must not look like a lost message."""
    import httpx

    made = httpx.Client(
        verify=tls(),
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=4.0),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "Jack"},
    )
    atexit.register(made.close)
    return made


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Whom to trust; made once, since reading the certificates takes longer than most requests."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class _TooMuch(Exception):
    """An answer without end."""


def _body(
    payload: Mapping[str, Any] | None, form: Sequence[tuple[str, str]] | None
) -> tuple[bytes | None, dict[str, str]]:
    if payload is not None:
        return json.dumps(payload).encode(), {"Content-Type": "application/json"}
    if form is not None:
        return urlencode(form, errors="replace").encode(), {
            "Content-Type": "application/x-www-form-urlencoded"
        }
    return None, {}


def _object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is something else, such as the page of a proxy."""
    until, whole = time.monotonic() + ANSWER_SECONDS, bytearray()
    for part in response.iter_raw():
        whole += part
        if len(whole) > MAX_ANSWER or time.monotonic() > until:
            raise _TooMuch
    try:
        found = json.loads(whole)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _wait(response: httpx.Response) -> float | None:
    """`Retry-After` in seconds, a day at the most."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), MAX_WAIT)
    try:
        seconds = parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT)
