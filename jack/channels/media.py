"""Files from providers: from their own hosts only, credentials only for those that need them, never above the limit.

The address of a file comes in a signed webhook, and is not trusted all the same: names are resolved first, every address
they have must be public, and the connection goes to the one that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jack.channels import http_client
from jack.channels.results import Broken, Permanent, Result, Retry
from jack.channels.types import Fetched
from jack.core.public_addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

MAX_REDIRECTS = 3
FETCH_SECONDS = 60.0
UNTRUSTED_HOST = Permanent("The file is not on a host of the provider, so it was not fetched.")
PRIVATE_ADDRESS = Permanent(
    "The file's address is inside a private network, so it was not fetched."
)
TOO_LARGE = Permanent("The file is too large.")
RETRY = Retry("The file could not be fetched now.")


@dataclass(frozen=True, slots=True)
class MediaHosts:
    """Where a provider keeps files.

    `base_url` is that of the settings, the only one that may be private or (on loopback) plain HTTP. `trusted` hosts
    get the credentials (`headers`), `others` are asked without; `*.example.com` is all hosts below a domain.
    """

    base_url: str
    headers: Mapping[str, str]
    trusted: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def download(url: str, hosts: MediaHosts, limit: int) -> Fetched | Result:
    """Fetch a file of at most `limit` bytes, over at most three redirects, each checked; none of them gets the credentials."""
    import httpx

    deadline = time.monotonic() + FETCH_SECONDS
    try:
        target, headers = httpx.URL(url), dict(hosts.headers)
        for _ in range(1 + MAX_REDIRECTS):
            found = _request(target, hosts, headers, limit, deadline)
            if not isinstance(found, httpx.URL):
                return found
            target, headers = found, {}
    except (httpx.TransportError, OSError):
        return RETRY
    except (httpx.InvalidURL, ValueError):
        return UNTRUSTED_HOST
    return Permanent("The file is behind too many redirects.")


def _request(
    url: httpx.URL, hosts: MediaHosts, headers: Mapping[str, str], limit: int, deadline: float
) -> httpx.URL | Fetched | Result:
    """One request: the file, where it has moved to, or what is wrong."""
    if not allowed(url, hosts):
        return UNTRUSTED_HOST
    if _origin(url) == _origin(hosts.base_url):
        return get(url, None, headers, limit, deadline)
    address = _public_address(url.raw_host.decode("ascii"))
    if address is None:
        return PRIVATE_ADDRESS
    trusted = _matches(url.host, hosts.trusted)
    return get(url, address, headers if trusted else {}, limit, deadline)


def allowed(url: httpx.URL, hosts: MediaHosts) -> bool:
    """Whether a file may be fetched there at all, as far as its address tells."""
    if url.userinfo:
        return False
    if _origin(url) == _origin(hosts.base_url):
        return url.scheme == "https" or _is_loopback(url.host)
    known = _matches(url.host, (*hosts.trusted, *hosts.others))
    return url.scheme == "https" and url.port in (None, 443) and known


def get(
    url: httpx.URL, address: str | None, headers: Mapping[str, str], limit: int, deadline: float
) -> httpx.URL | Fetched | Result:
    """Ask one host, at the address it was checked to have; its certificate still has to be for its name."""
    import httpx

    target = url if address is None else url.copy_with(host=address)
    sent = {**headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    with (
        httpx.Client(verify=http_client.tls(), timeout=10.0, trust_env=False) as client,
        client.stream(
            "GET", target, headers=sent, extensions={"sni_hostname": url.raw_host.decode("ascii")}
        ) as response,
    ):
        if response.has_redirect_location:
            return url.join(response.headers["Location"])
        return _refusal(response.status_code, bool(headers)) or _content(response, limit, deadline)


def _refusal(status: int, with_credentials: bool) -> Result | None:
    if status == 200:
        return None
    if status in (408, 425, 429) or status >= 500:
        return RETRY
    if status == 401 and with_credentials:
        return Broken("The provider does not accept the credentials for fetching a file.")
    return Permanent(f"The provider does not give out the file (HTTP {status}).")


def _content(response: httpx.Response, limit: int, deadline: float) -> Fetched | Result:
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length[:18]) > limit:
        return TOO_LARGE
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return Permanent("The provider sent the file compressed, which is not supported.")
    whole = bytearray()
    for part in response.iter_raw():
        whole += part
        if len(whole) > limit:
            return TOO_LARGE
        if time.monotonic() > deadline:
            return RETRY
    mime = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(bytes(whole), mime or None)


def _matches(host: str, patterns: tuple[str, ...]) -> bool:
    host = host.lower()
    return any(
        host.endswith(one[1:].lower()) if one.startswith("*.") else host == one.lower()
        for one in patterns
    )


def _origin(address: httpx.URL | str) -> tuple[str, str, int | None]:
    """Scheme, host and port, which httpx leaves out where they are the usual ones."""
    import httpx

    url = httpx.URL(address)
    return url.scheme, url.host, url.port


def _public_address(host: str) -> str | None:
    """An address of this host; None when any it has is not public. Raises OSError when it has none."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    return found[0] if all(map(is_public, found)) else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
