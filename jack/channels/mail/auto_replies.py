"""Mail that no person wrote: it is kept, and never answered by a program, or two programs would write to each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.channels.mail.headers import first

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

ROBOT = re.compile(
    r"(mailer-daemon|postmaster|(no|do-?not|dont)[-_.]?reply|bounces?|notifications?)([-+_.].*)?",
    re.IGNORECASE,
)
WORD = re.compile(r"[\s;(]")
TELLTALES = ("x-autoreply", "x-autorespond", "x-auto-response-suppress")


def is_automatic(mail: Mail, address: str) -> bool:
    """Whether a program sent it, as far as its headers and the sender's address say."""
    names = {name.lower() for name in mail}
    return (
        WORD.split(first(mail, "auto-submitted").strip().lower(), maxsplit=1)[0] not in ("", "no")
        or first(mail, "return-path").replace(" ", "") == "<>"
        or first(mail, "precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or any(name.startswith("list-") for name in names)
        or not names.isdisjoint(TELLTALES)
        or mail.get_content_type() == "multipart/report"
        or is_robot(address)
    )


def is_robot(address: str) -> bool:
    """Whether nobody reads what is sent there, by its name."""
    return ROBOT.fullmatch(address.partition("@")[0]) is not None
