"""One request to a provider: with time-outs, without redirects, failures as results of sending.

What counts is whether the provider can have acted. No connection: it cannot (`Retry`). Anything after that: it may have
(`Unknown`), and a message must not be sent again blindly.
"""

from __future__ import annotations

import atexit
import json
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from jack.channels.connecting import connected, failure
from jack.channels.results import Broken, Retry, Unknown
from jack.core.retry_after import retry_after

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    import httpx

    from jack.channels.steps import Steps

CONNECT_SECONDS = 5.0
# Together (5 + 20 + 15) less than the lease of a message, which must not run out while a provider still answers.
READ_SECONDS = 15.0
RESPONSE_SECONDS = 20.0
MAX_RESPONSE = 1024 * 1024

UNREACHABLE = "The provider could not be reached."
BAD_RESPONSE = "The provider does not answer correctly at the moment."
NO_RESPONSE = "The provider did not answer in time; the message may have been sent."
UNUSABLE_ACCOUNT = (
    "The address or the credentials in the settings contain characters that no request can carry."
)


@dataclass(frozen=True, slots=True)
class Response:
    """A provider's response: its JSON object (empty if it is none), and `Retry-After` in seconds."""

    status: int
    body: Mapping[str, object] = field(default_factory=dict)
    retry_after: float | None = None


Outcome = Response | Retry | Broken | Unknown


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
    payload: Mapping[str, object] | None = None,
    form: Sequence[tuple[str, str]] | None = None,
) -> Outcome:
    """Send one request. `login` is Basic authentication; the body is JSON (`payload`) or a form, or there is none."""
    import httpx  # here, because most processes never call a provider

    content, mime = _body(payload, form)
    try:
        with client().stream(
            method, url, headers={**(headers or {}), **mime}, auth=login, content=content
        ) as response:
            return Response(
                response.status_code,
                _json_object(response),
                retry_after(response.headers.get("Retry-After", "")),
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return Retry(UNREACHABLE)
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, ValueError):
        return Broken(UNUSABLE_ACCOUNT)
    except (httpx.HTTPError, _TooLarge):
        return Unknown(NO_RESPONSE)


def reach(url: str, steps: Steps) -> str:
    """Connect to the server of a URL and hang up: what is wrong, in plain words; empty when nothing is."""
    host, port, encrypted = "", 0, False
    try:
        parts = urlsplit(url)
        host, encrypted = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if encrypted else 80)
        connected(host, port, tls() if encrypted else None, steps, timeout=READ_SECONDS).close()
    except (OSError, ValueError) as error:
        wrong = failure(error, host, port, "HTTPS")
        steps.fail(wrong)
        return wrong
    return ""


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """The connections of this process, kept for 4 seconds: one the provider has closed must not look like a lost message."""
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
    """The certificates to trust; made once, since reading the certificates takes longer than most requests."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class _TooLarge(Exception):
    """A response longer or slower than the limits."""


def _body(
    payload: Mapping[str, object] | None, form: Sequence[tuple[str, str]] | None
) -> tuple[bytes | None, dict[str, str]]:
    if payload is not None:
        return json.dumps(payload).encode(), {"Content-Type": "application/json"}
    if form is not None:
        return urlencode(form, errors="replace").encode(), {
            "Content-Type": "application/x-www-form-urlencoded"
        }
    return None, {}


def _json_object(response: httpx.Response) -> dict[str, object]:
    """The JSON object of a response; empty when it is something else, such as the page of a proxy."""
    deadline, whole = time.monotonic() + RESPONSE_SECONDS, bytearray()
    for part in response.iter_raw():
        whole += part
        if len(whole) > MAX_RESPONSE or time.monotonic() > deadline:
            raise _TooLarge
    try:
        found = json.loads(whole)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
