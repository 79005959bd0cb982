"""Files at a provider: kept under an id, for so long; and what of a form is a file."""

from __future__ import annotations

import hashlib
import secrets
import urllib.request
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from urllib.error import URLError
from urllib.parse import urlsplit

from jack.demo.simulators.clock import Clock

LARGEST = 100 * 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file, and until when it is there."""

    content: bytes
    mime: str
    until: float
    name: str | None = None

    @property
    def sha256(self) -> str:
        """The hash, as Meta tells it."""
        return hashlib.sha256(self.content).hexdigest()


class Files:
    """By id."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._kept: dict[str, File] = {}

    def keep(
        self, content: bytes, mime: str, lives: float, *, id: str = "", name: str | None = None
    ) -> str:
        """Keep a file for so many seconds; returns its id."""
        id = id or str(10**15 + secrets.randbelow(10**15))
        self._kept[id] = File(content, mime, self.clock.now() + lives, name)
        return id

    def get(self, id: str) -> File | None:
        """The file, while it is there."""
        found = self._kept.get(id)
        return found if found and self.clock.now() < found.until else None

    def __contains__(self, id: str) -> bool:
        return self.get(id) is not None

    def drop(self, id: str) -> None:
        """It is gone."""
        self._kept.pop(id, None)


def fetched(url: str) -> tuple[bytes, str] | None:
    """What is there and its type, when it is on this machine (nothing else is ever asked); b"" when that did not work."""
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        return None
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (loopback only)
            return bytes(answer.read(LARGEST + 1)), answer.headers.get("Content-Type", "")
    except (URLError, OSError, ValueError):
        return b"", ""


def parts_of(content_type: str, body: bytes) -> dict[str, File]:
    """The parts of a multipart form, by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = File(content, part.get_content_type(), 0.0, part.get_filename())
    return found
