"""Files from providers: from their own hosts only, never with credentials for anybody else, never more than asked for.

The address of a file comes in a signed webhook, yet it is treated as a stranger's: names are resolved first, every address
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

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

MAX_REDIRECTS = 3
FETCH_SECONDS = 60.0
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# IPv4 addresses in forms that only a network's own routers understand: what they lead to cannot be told.
LOCAL = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48")))

FOREIGN = Permanent("The file is not with the provider, so it was not fetched.")
PRIVATE = Permanent("The file's address is inside a private network, so it was not fetched.")
TOO_LARGE = Permanent("The file is larger than is accepted here.")
AGAIN = Retry("The file could not be fetched now.")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a provider keeps files.

    `home` is the base URL of the settings, the only one that may be private or (on loopback) plain HTTP. `trusted` hosts
    get the credentials (`headers`), `hosts` are asked without; `*.example.com` is all hosts below a domain.
    """

    home: str
    headers: Mapping[str, str]
    trusted: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def download(url: str, shelf: Shelf, limit: int) -> Fetched | Result:
    """Fetch a file of at most `limit` bytes, over three redirects at the most, each checked; the credentials go to none."""
    import httpx

    until = time.monotonic() + FETCH_SECONDS
    try:
        place, headers = httpx.URL(url), dict(shelf.headers)
        for _ in range(1 + MAX_REDIRECTS):
            found = _visit(place, shelf, headers, limit, until)
            if not isinstance(found, httpx.URL):
                return found
            place, headers = found, {}
    except (httpx.TransportError, OSError):
        return AGAIN
    except (httpx.InvalidURL, ValueError):
        return FOREIGN
    return Permanent("The file is behind too many redirects.")


def _visit(
    place: httpx.URL, shelf: Shelf, headers: Mapping[str, str], limit: int, until: float
) -> httpx.URL | Fetched | Result:
    """One request: the file, where it has moved to, or what is wrong."""
    if not allowed(place, shelf):
        return FOREIGN
    if _origin(place) == _origin(shelf.home):
        return get(place, None, headers, limit, until)
    address = _public_address(place.raw_host.decode("ascii"))
    if address is None:
        return PRIVATE
    trusted = _listed(place.host, shelf.trusted)
    return get(place, address, headers if trusted else {}, limit, until)


def allowed(place: httpx.URL, shelf: Shelf) -> bool:
    """Whether a file may be fetched there at all, as far as its address tells."""
    if place.userinfo:
        return False
    if _origin(place) == _origin(shelf.home):
        return place.scheme == "https" or _is_loopback(place.host)
    known = _listed(place.host, (*shelf.trusted, *shelf.hosts))
    return place.scheme == "https" and place.port in (None, 443) and known


def get(
    place: httpx.URL, address: str | None, headers: Mapping[str, str], limit: int, until: float
) -> httpx.URL | Fetched | Result:
    """Ask one host, at the address it was checked to have; its certificate still has to be for its name."""
    import httpx

    there = place if address is None else place.copy_with(host=address)
    sent = {**headers, "Host": place.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    with (
        httpx.Client(verify=http_client.tls(), timeout=10.0, trust_env=False) as client,
        client.stream(
            "GET", there, headers=sent, extensions={"sni_hostname": place.raw_host.decode("ascii")}
        ) as response,
    ):
        if response.has_redirect_location:
            return place.join(response.headers["Location"])
        return _refused(response.status_code, bool(headers)) or _content(response, limit, until)


def _refused(status: int, with_credentials: bool) -> Result | None:
    if status == 200:
        return None
    if status in (408, 425, 429) or status >= 500:
        return AGAIN
    if status == 401 and with_credentials:
        return Broken("The provider does not accept the credentials for fetching a file.")
    return Permanent(f"The provider does not give out the file (HTTP {status}).")


def _content(response: httpx.Response, limit: int, until: float) -> Fetched | Result:
    said = response.headers.get("Content-Length", "")
    if said.isdigit() and int(said[:18]) > limit:
        return TOO_LARGE
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return Permanent("The file came compressed, which was not asked for.")
    whole = bytearray()
    for part in response.iter_raw():
        whole += part
        if len(whole) > limit:
            return TOO_LARGE
        if time.monotonic() > until:
            return AGAIN
    mime = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(bytes(whole), mime or None)


def _listed(host: str, patterns: tuple[str, ...]) -> bool:
    host = host.lower()
    return any(
        host.endswith(one[1:].lower()) if one.startswith("*.") else host == one.lower()
        for one in patterns
    )


def _origin(place: httpx.URL | str) -> tuple[str, str, int | None]:
    """Scheme, host and port, which httpx leaves out where they are the usual ones."""
    import httpx

    url = httpx.URL(place)
    return url.scheme, url.host, url.port


def _public_address(host: str) -> str | None:
    """An address of this host; None when any it has is not public. Raises OSError when it has none."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    return found[0] if all(map(is_public, found)) else None


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, and so does any IPv4 address it stands for."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if any(one in network for network in LOCAL):
        return False
    inside: list[ipaddress.IPv4Address | None] = []
    if isinstance(one, ipaddress.IPv6Address):
        inside = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
        if one in TRANSLATED:
            inside.append(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF))
    return all(each.is_global and not each.is_multicast for each in [one, *filter(None, inside)])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
