"""Recognises mail that no person wrote: it is kept and never answered automatically, which could go on for ever."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.channels.mail.headers import first

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

ROBOT_NAME = re.compile(
    r"(mailer-daemon|postmaster|(no|do-?not|dont)[-_.]?reply|bounces?|notifications?)([-+_.].*)?",
    re.IGNORECASE,
)
WORD = re.compile(r"[\s;(]")
AUTO_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress")


def is_automatic(mail: Mail, address: str) -> bool:
    """Whether a program sent it, by its headers and the sender's address."""
    names = {name.lower() for name in mail}
    return (
        WORD.split(first(mail, "auto-submitted").strip().lower(), maxsplit=1)[0] not in ("", "no")
        or first(mail, "return-path").replace(" ", "") == "<>"
        or first(mail, "precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or any(name.startswith("list-") for name in names)
        or not names.isdisjoint(AUTO_REPLY_HEADERS)
        or mail.get_content_type() == "multipart/report"
        or is_robot(address)
    )


def is_robot(address: str) -> bool:
    """Whether an address is one that nobody reads, by the part before the @."""
    return ROBOT_NAME.fullmatch(address.partition("@")[0]) is not None
