"""Values out of the body of a provider's webhook, which may be anything: nothing here raises for what is in it.

The signature says who sent a body, not that it is well-formed: each item is read by itself, and what cannot be understood
is stored as such or skipped with a line in the log (kinds only, never what somebody wrote).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from typing import TYPE_CHECKING

from jack.channels import phone_numbers
from jack.core import clock
from jack.core.patterns import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.types import Address, OutboundMessage, WebhookRequest

log = logging.getLogger("jack.channels")

MAX_TEXT = 4096
MAX_LINE = 200
MAX_EMOJI = 32
MAX_ID = 256
# The store takes no NUL and UTF-8 no lone surrogates; other control characters only spoil a page.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
KIND = re.compile("[A-Za-z0-9_.-]{1,40}")
OUR_TAG = re.compile(r"(?P<id>[A-Za-z0-9_-]{1,64})(\.(?P<part>[1-9][0-9]{0,2}))?")
SECOND = re.compile("[0-9]{1,11}")


def header(request: WebhookRequest, name: str) -> str:
    """A header of a request by its name in lower case; empty when it is not there."""
    for key, value in request.headers.items():
        if key.lower() == name:
            return value
    return ""


def within(value: object, *path: str) -> object:
    """The value at a path of keys of nested objects; None when there is no such path."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def items(value: object) -> list[object]:
    """A list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def objects(value: object) -> list[dict[str, object]]:
    """The objects in a list; empty in place of anything else."""
    return [one for one in items(value) if isinstance(one, dict)]


def text(value: object, longest: int = MAX_TEXT) -> str:
    """A text that can be stored, cut where it is too long; empty in place of anything else."""
    if not isinstance(value, str):
        return ""
    return UNSTORABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))[:longest].strip()


def line(value: object) -> str | None:
    """A text in one line, such as a name; None when there is nothing."""
    return " ".join(plain_line(text(value, MAX_LINE)).split()) or None


def emoji(value: object) -> str | None:
    """A reaction: an emoji, which may be of many characters; None when it is taken back."""
    found = line(value)
    return found[:MAX_EMOJI] if found else None


def identifier(value: object) -> str:
    """A provider's id, which may come as a number; empty when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    return text(value, MAX_ID + 1) if isinstance(value, str) and len(value) <= MAX_ID else ""


def number(value: object, most: float = 1e15) -> float | None:
    """A finite number, perhaps written as text, not beyond ±`most`; None in place of anything else."""
    if not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= most else None


def kind(value: object) -> str:
    """A provider's name for a type of message, status or field, safe to write into a log; `unnamed` if it is not."""
    return value if isinstance(value, str) and KIND.fullmatch(value) else "unnamed"


def our_tag(message: OutboundMessage) -> str:
    """What a provider is asked to echo with every status: our id of a message and the number of its part."""
    return f"{message.id}.{message.part}" if message.part else message.id


def parse_tag(value: object) -> tuple[str | None, int]:
    """Our message id and the number of the part in what a provider echoes; no id when it is not of that form."""
    found = OUR_TAG.fullmatch(value) if isinstance(value, str) else None
    return (found["id"], int(found["part"] or 0)) if found else (None, 0)


def arrived_at(request: WebhookRequest) -> str:
    """When a request arrived, as times are stored."""
    return request.at or clock.stamp(time.time())


def timestamp(value: object, arrived: str) -> str:
    """Seconds since 1970 as they are stored; the time of arrival where they are missing, or lie after it."""
    seconds = identifier(value)
    return min(clock.stamp(int(seconds)), arrived) if SECOND.fullmatch(seconds) else arrived


def content_key(item: Mapping[str, object]) -> str:
    """An event key for an item without an id: a hash of it, the same should it come again."""
    # Never too deep to write: the body it is part of has been parsed.
    whole = json.dumps(item, sort_keys=True)
    return "sha256:" + hashlib.sha256(whole.encode()).hexdigest()


def addresses(*values: object) -> tuple[Address, ...]:
    """The WhatsApp addresses among these, each once: business-scoped user ids, then numbers, then ids of a portfolio."""
    found: dict[str, Address] = {}
    for value in values:
        address = phone_numbers.whatsapp_address(identifier(value))
        if address:
            found.setdefault(address.key, address)
    return tuple(sorted(found.values(), key=_reliability))


def _reliability(address: Address) -> int:
    if address.key.startswith("+"):
        return 1
    return 2 if ".ENT." in address.key else 0


def log_skipped(what: str) -> None:
    """Log what was not stored. `what` is a text of ours, or made of a `kind`."""
    log.info("webhook: skipped %s", what)
