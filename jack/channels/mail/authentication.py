"""What the hotel's own mail server says of a sender: SPF, DKIM and DMARC in `Authentication-Results` (RFC 8601).

Anybody can write that header into a mail, so that it counts only with the name of the hotel's server, and only the uppermost ones,
which that server has put on top: those further down, beyond the next Received, came with the mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.channels.mail.domains import domain_of
from jack.channels.mail.headers import LONGEST, clean

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

METHODS = ("spf", "dkim", "dmarc")
MOST_HEADERS = 20  # that are looked at
RESULTS = frozenset({"none", "pass", "fail", "softfail", "policy", "neutral", "temperror", "permerror"})  # fmt: skip

QUOTED = r'"(?:[^"\\]|\\.)*"'
VALUE = rf"(?:{QUOTED}|[^\s;()\"]+)"
SERVER = re.compile(rf"\s*({VALUE})(?:\s+\d+)?\s*")
RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)(?=\s|$)", re.IGNORECASE)


def authentication(mail: Mail, server: str | None, sender: str) -> dict[str, str]:
    """`{spf, dkim, dmarc, from}` as the server of this name found them, `from` being the domain of the sender that is shown.

    Without those it says nothing of; empty when it says nothing at all, or no name of a server is known.
    """
    found: dict[str, str] = {}
    for value in _own_headers(mail, server or ""):
        for method, result in _results(value).items():
            found.setdefault(method, result)
    return {**found, "from": domain_of(sender)} if found else {}


def fails(known: dict[str, str]) -> bool:
    """Whether the domain in From disowns the mail (DMARC)."""
    return known.get("dmarc") == "fail"


def _own_headers(mail: Mail, server: str) -> list[str]:
    """What follows the server's name in its headers, comments removed: the uppermost ones, up to the next Received."""
    found: list[str] = []
    seen = 0
    for name, value in mail.raw_items():
        kind = name.lower()
        if (kind == "received" and found) or seen == MOST_HEADERS:
            break
        if kind != "authentication-results":
            continue
        seen += 1
        named, _, rest = _without_comments(clean(str(value)[:LONGEST])).partition(";")
        match = SERVER.fullmatch(named)
        if match and server and _unquoted(match[1]).lower() == server.lower():
            found.append(rest)
    return found


def _results(value: str) -> dict[str, str]:
    """The result of each method in a header; of several signatures one that holds."""
    found: dict[str, str] = {}
    for part in _split(value):
        match = RESULT.match(part)
        if match is None or match[1].lower() not in METHODS or match[2].lower() not in RESULTS:
            continue
        method, result = match[1].lower(), match[2].lower()
        if method not in found or result == "pass":
            found[method] = result
    return found


def _split(value: str) -> list[str]:
    """The parts between semicolons, of which those in quotes divide nothing."""
    return re.findall(rf"(?:{QUOTED}|[^;\"]|\")+", value)


def _without_comments(value: str) -> str:
    """The text without comments in brackets, which may hold brackets, and text in quotes as it is."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if not depth and (quoted or sign == '"') and not (escaped and not quoted):
            kept.append(sign)
            quoted = quoted if escaped or sign != '"' else not quoted
        elif sign == "(" and not escaped:
            depth += 1
        elif sign == ")" and not escaped and depth:
            depth -= 1
        elif not depth:
            kept.append(sign)
        escaped = sign == "\\" and not escaped
    return "".join(kept)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
