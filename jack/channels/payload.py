"""What every reader of a provider's webhook needs: values out of a body that may be anything, without ever raising.

The signature says who sent a body, not that it is in order: each item is read for itself, and what cannot be understood
is stored as such or skipped with a word in the log (kinds only, never what somebody wrote).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from typing import TYPE_CHECKING, Any

from jack.channels import phone_numbers
from jack.core import clock

if TYPE_CHECKING:
    from jack.channels.types import Address, OutboundMessage, Post

log = logging.getLogger("jack.channels")

MAX_TEXT = 4096
MAX_LINE = 200
MAX_ID = 256
# The store takes no NUL and UTF-8 no lone surrogates; other control characters only spoil a page.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
KIND = re.compile("[A-Za-z0-9_.-]{1,40}")
OUR_TAG = re.compile(r"(?P<id>[A-Za-z0-9_-]{1,64})(\.(?P<part>[1-9][0-9]{0,2}))?")
SECOND = re.compile("[0-9]{1,11}")


def header(post: Post, name: str) -> str:
    """A header of a request, whatever its case; empty when it is not there."""
    for key, value in post.headers.items():
        if key.lower() == name:
            return value
    return ""


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object a body is; empty when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        skipped("a body that is not JSON")
        return {}
    return found if isinstance(found, dict) else {}


def within(value: Any, *path: str) -> Any:
    """What stands at the end of a path of names; None where it breaks off."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def items(value: Any) -> list[Any]:
    """A list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def text(value: Any, longest: int = MAX_TEXT) -> str:
    """A text that can be stored, cut where it is too long; empty in place of anything else."""
    if not isinstance(value, str):
        return ""
    return UNSTORABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))[:longest].strip()


def line(value: Any) -> str | None:
    """A text in one line, such as a name; None when there is nothing."""
    return " ".join(text(value, MAX_LINE).split()) or None


def word(value: Any) -> str:
    """A provider's id, which may come as a number; empty when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    return text(value, MAX_ID + 1) if isinstance(value, str) and len(value) <= MAX_ID else ""


def number(value: Any, most: float = 1e15) -> float | None:
    """A finite number, perhaps written as text, not beyond ±`most`; None in place of anything else."""
    if not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= most else None


def kind(value: Any) -> str:
    """A provider's word for a sort of thing, as it may stand in a log."""
    return value if isinstance(value, str) and KIND.fullmatch(value) else "unnamed"


def our_tag(message: OutboundMessage) -> str:
    """What a provider is asked to echo with every status: our id of a message, and which part of it this is."""
    return f"{message.id}.{message.part}" if message.part else message.id


def ours(value: Any) -> tuple[str | None, int]:
    """Our id and the part in what a provider echoes; no id when it is not in the form of one."""
    found = OUR_TAG.fullmatch(value) if isinstance(value, str) else None
    return (found["id"], int(found["part"] or 0)) if found else (None, 0)


def now(post: Post) -> str:
    """When a request arrived."""
    return post.at or clock.stamp(time.time())


def moment(value: Any, arrived: str) -> str:
    """Seconds since 1970 as they are stored; the time of arrival where they are missing, or lie after it."""
    seconds = word(value)
    return min(clock.stamp(int(seconds)), arrived) if SECOND.fullmatch(seconds) else arrived


def own_key(item: dict[str, Any]) -> str:
    """A key for something its provider gave none: the same for the same thing, should it come again."""
    whole = json.dumps(item, sort_keys=True)  # it lies deeper in a body that could be read whole
    return "sha256:" + hashlib.sha256(whole.encode()).hexdigest()


def people(*names: Any) -> tuple[Address, ...]:
    """The addresses among these, each once: user ids of the business first, then numbers, then ids of its portfolios."""
    found: dict[str, Address] = {}
    for name in names:
        address = phone_numbers.whatsapp_address(word(name))
        if address:
            found.setdefault(address.key, address)
    return tuple(sorted(found.values(), key=_sureness))


def _sureness(address: Address) -> int:
    if address.key.startswith("+"):
        return 1
    return 2 if ".ENT." in address.key else 0


def skipped(what: str) -> None:
    """Say what was not stored. `what` is ours or a `kind`."""
    log.info("webhook: skipped %s", what)
