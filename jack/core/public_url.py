"""The address under which the world reaches Jack: a host of its own, or a path below one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from jack.core.url_credentials import without_credentials

# The path that Jack may be below; and what its own begin with, which such a path could not be told from.
PUBLIC_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*")
OWN_PATHS = frozenset(
    {
        "api",
        "chat",
        "favicon.ico",
        "favicon.svg",
        "files",
        "healthz",
        "icon-192.png",
        "invite",
        "manifest.webmanifest",
        "readyz",
        "robots.txt",
        "service-worker.js",
        "setup",
        "static",
        "webhooks",
        "widget",
        "widget.js",
    }
)


def read(value: str) -> str | None:
    """A public URL without a slash at its end, None for an empty one. Raises ValueError for one that cannot be."""
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write a whole address, such as https://jack.example.com")
    if without_credentials(value) != value:
        raise ValueError("write it without a user and password: it stands in every link")
    if not PUBLIC_PATH.fullmatch(parts.path.rstrip("/")):
        raise ValueError(
            "its path may have letters, digits and -_.~ only: https://hotel.example/jack"
        )
    if parts.path.split("/")[1:2] in ([name] for name in OWN_PATHS):
        raise ValueError("its path begins with one of Jack's own: take another, such as /jack")
    return value.rstrip("/")
