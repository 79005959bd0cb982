"""Who wrote a mail, and so who is answered: its sender, or whom a program wrote it for.

The sender is who is named in From. With a Reply-To elsewhere anybody could have answers to another guest sent to themselves, so
that it counts in three cases only: where the hotel's own website writes, where a portal gives a booking an address of its own at
the portal's domain, and where a program elsewhere (a form service) writes. In the last case nothing proves that the guest it
names has anything to do with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jack.channels.mail import domains
from jack.channels.mail.auto_replies import is_robot
from jack.channels.mail.headers import addresses, raw, sender
from jack.core.patterns import email_key

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

# Programs that write what somebody has typed into a form. Beside them, who is not answered: `auto_replies.is_robot`.
FORM = re.compile(
    r"(?:(?:web|contact|kontakt|booking|online|site|website|wix|wp)[-_.]?)?(?:forms?|formulari?o?|formulaire|form[-_.]?(?:responses?|submissions?|mailer)|"
    r"submissions?|mailer|automailer|wordpress|drupal|joomla|typo3|www-data|apache|nginx|nobody|website|bot|robot|automated|"
    r"notify|notifier|notifications?|alerts?)(?:[-_+=]?\d+|[+=].*)?",
    re.IGNORECASE,
)


# Names that a portal's sender has, which writes for all its guests; and addresses that are made for one booking.
SHARED = frozenset({
    "automated", "booking", "bookings", "buchung", "buchungen", "chat", "communication", "communications", "concierge", "connect",
    "contact", "customer", "express", "guest", "guests", "hello", "help", "helpdesk", "host", "hosts", "inbox", "info", "kontakt", "mail",
    "mails", "message", "messages", "messaging", "messenger", "office", "partner", "partners", "platform", "portal", "post", "relay",
    "reply", "request", "requests", "reservas", "reservation", "reservations", "reservierung", "room", "rooms", "sales", "service", "stay",
    "stays", "support", "system", "team", "trip", "trips",
})  # fmt: skip
MADE_FOR_ONE = re.compile(r"\d{4}|[0-9a-f]{8}|[a-z]\d+[a-z]|\d[a-z]+\d|\+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote. `sent_by` is the address in From.

    `written_for`: a program wrote for them; `unproven`: it is a stranger's program, and nobody else says so.
    """

    name: str
    address: str
    sent_by: str
    written_for: bool = False
    unproven: bool = False


def sender_of(mail: Mail) -> tuple[str, str] | None:
    """The (name, address) it is from: of the first header that has one."""
    values = (value for name in ("from", "sender", "return-path") for value in raw(mail, name))
    return next((found for value in values if (found := sender(value))), None)


def writer_of(mail: Mail, own_address: str) -> Writer | None:
    """Who wrote a mail to `own_address`; None for a mail of our own, and for one without a sender."""
    author = sender_of(mail)
    if author is None:
        return None
    name, address = author
    from_us = _is_own(address, own_address)
    reply = _reply_to(mail, own_address)
    if reply is None or email_key(reply[1]) == email_key(address):
        return None if from_us else Writer(name, address, address)
    from_hotel = from_us or domains.same_owner(address, own_address)
    if from_hotel and domains.same_owner(reply[1], own_address):  # a colleague
        return None if from_us else Writer(name, address, address)
    if from_hotel:
        return Writer(reply[0], reply[1], address, written_for=True)
    if _is_portal(address, reply[1]):
        return Writer(reply[0] or name, reply[1], address, written_for=True)
    if _is_program(address):
        return Writer(reply[0], reply[1], address, written_for=True, unproven=True)
    return Writer(name, address, address)


def _is_program(address: str) -> bool:
    return is_robot(address) or FORM.fullmatch(address.partition("@")[0]) is not None


def _is_portal(address: str, reply: str) -> bool:
    """Whether a portal's sender names a booking's own address at the portal. Two people at one small mail provider are none."""
    local, made = address.partition("@")[0].lower(), reply.partition("@")[0]
    shared = _is_program(address) or not SHARED.isdisjoint(re.split(r"[-_.+\d]", local))
    return domains.same_owner(address, reply) and (shared or MADE_FOR_ONE.search(made) is not None)


def _reply_to(mail: Mail, own_address: str) -> tuple[str, str] | None:
    """The first (name, address) to reply to that is somebody: neither our own, nor one that nobody reads."""
    found = (it for value in raw(mail, "reply-to") for it in addresses(value))
    return next((it for it in found if not _is_own(it[1], own_address) and not is_robot(it[1])), None)  # fmt: skip


def _is_own(address: str, own_address: str) -> bool:
    """Whether it is the hotel's address, or that with a tag (`front+c.…@`)."""
    local, _, domain = address.casefold().rpartition("@")
    own, _, own_domain = own_address.casefold().rpartition("@")
    return domains.domain_of(domain) == domains.domain_of(own_domain) and local.partition("+")[0] == own  # fmt: skip
