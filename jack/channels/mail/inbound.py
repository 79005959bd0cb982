"""A raw mail as what it tells the house: a guest's message, what became of one of ours, or nothing at all."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any, Literal

from jack.channels.mail import bounces, quotations
from jack.channels.mail.auto_replies import is_automatic, is_robot
from jack.channels.mail.body import Contents, contents
from jack.channels.mail.headers import addresses, first, ids, raw, sender, words
from jack.channels.mail.message_ids import is_ours, token_in
from jack.channels.mail.mime import UnreadableMail, headers_of, parsed
from jack.channels.types import Address, Event, InboundMessage, Unreadable

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
KEYED_ON = 500  # characters of the text that tell two mails with one Message-ID apart


def events_of(content: bytes, at: str, own: str) -> list[Event]:
    """What a mail to the address `own` tells. `at` is when it came. Never raises for what is in it."""
    try:
        mail = parsed(content)
        said = contents(mail)
        found = _told(mail, said, at, own, _key(mail, said.text, content))
        return [aside(content, "It names no sender.")] if found is None else found
    except UnreadableMail as error:
        reason = str(error)
    except (
        Exception
    ) as error:  # whatever a stranger's mail does to a parser must not stop the next mail
        reason = f"It could not be read ({type(error).__name__})."
    return unreadable(content, at, own, reason)


def unreadable(content: bytes, at: str, own: str, reason: str) -> list[Event]:
    """A mail put aside, and as much of a message as its headers make."""
    try:
        text = "[This mail could not be read. It has been put aside.]"
        told = headers_only(content, at, own, text)
    except Exception:  # not even the headers: it is kept, which is all that can be done
        told = []
    return [*told, aside(content, reason)]


def aside(content: bytes, reason: str) -> Unreadable:
    """A mail put aside, whole. Its key is not that of the message it may have made as well."""
    return Unreadable(f"aside:{hashlib.sha256(content).hexdigest()}", reason, content)


def headers_only(content: bytes, at: str, own: str, text: str) -> list[Event]:
    """The message of a mail of which only the headers are read; `text` says why there is nothing else."""
    mail = headers_of(content)
    found = _told(mail, Contents(text), at, own, _key(mail, "", content))
    if found is None:
        return [aside(content, "It is too large to fetch, and names no sender.")]
    return [
        dataclasses.replace(event, type="unsupported")
        if isinstance(event, InboundMessage)
        else event
        for event in found
    ]


def raw_key(content: bytes) -> str:
    """The name of a mail by its bytes."""
    return f"raw:{hashlib.sha256(content).hexdigest()}"


def _key(mail: Mail, text: str, content: bytes) -> str:
    """The name of a mail, the same whichever way and however often it comes: `<its id> digest`, or that of its bytes.

    Relays add headers and change the subject, so the bytes are no name; some programs give all their mails one
    Message-ID, so that alone is none either. Its date and the beginning of its text, which nobody changes, make it one:
    should a relay do so all the same, the mail is shown twice, and none is lost.
    """
    id = next(iter(ids(first(mail, "message-id"))), None)
    if id is None:
        return raw_key(content)
    told_apart = f"{first(mail, 'date').strip()}\n{''.join(text[:10_000].split())[:KEYED_ON]}"
    return f"{id} {hashlib.sha256(told_apart.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _told(mail: Mail, said: Contents, at: str, own: str, key: str) -> list[Event] | None:
    """What the mail tells; None when it is nobody's."""
    domain = own.rpartition("@")[2]
    if found := bounces.receipts(mail, domain, at):
        return list(found)
    if any(is_ours(id, domain) for id in ids(first(mail, "message-id"))):
        return []
    who = _guest(mail, own)
    if who is None:
        return [] if _from(mail) else None
    name, address = who
    own_text, quoted = quotations.split(said.text)
    subject = words(first(mail, "subject"))
    return [
        InboundMessage(
            event_key=key,
            people=(Address(address.casefold(), address),),
            text=own_text.strip() or ("" if said.files else subject or "[An empty mail]"),
            at=at,
            type=_type(own_text, said),
            name=name or None,
            subject=subject or None,
            details=_details(mail, said, subject, quoted, address),
            media=tuple(said.files),
            in_reply_to=_in_reply_to(mail),
            token=_token(mail, own),
            automatic=is_automatic(mail, (_from(mail) or who)[1]),
        )
    ]


def _from(mail: Mail) -> tuple[str, str] | None:
    """Who it says it is from: the first header that names anybody."""
    values = (value for name in ("from", "sender", "return-path") for value in raw(mail, name))
    return next((found for value in values if (found := sender(value))), None)


def _guest(mail: Mail, own: str) -> tuple[str, str] | None:
    """Whom the message is from and the answer goes to; None for our own mail, and for nobody's.

    That is the sender: a Reply-To elsewhere would let anybody have answers to another guest sent to themselves. It counts
    where the sender is a program that speaks for somebody: the hotel's own contact form, a noreply address, a portal
    that answers at an address below its own domain.
    """
    who = _from(mail)
    reply = next((found for value in raw(mail, "reply-to") for found in addresses(value)), None)
    if who is None:
        return None
    mine = who[1].casefold() == own.casefold()
    if reply and reply[1].casefold() != own.casefold() and (mine or _speaks_for(who[1], reply[1])):
        return reply[0] or ("" if mine else who[0]), reply[1]
    return None if mine else who


def _speaks_for(address: str, reply: str) -> bool:
    domain, other = (it.rpartition("@")[2].casefold() for it in (address, reply))
    return is_robot(address) or other.endswith(f".{domain}")


def _type(text: str, said: Contents) -> Literal["text", "image", "file"]:
    if text.strip() or not said.files:
        return "text"
    return "image" if all((file.mime or "").startswith("image/") for file in said.files) else "file"


def _details(mail: Mail, said: Contents, subject: str, quoted: str, address: str) -> dict[str, Any]:
    """What else is known: only what is there."""
    reply = [found for value in raw(mail, "reply-to") for _, found in addresses(value)]
    sent_by = (_from(mail) or ("", address))[1]
    known: dict[str, Any] = {
        "subject": subject,
        "quoted": quoted,
        "replyTo": next((it for it in reply if it.casefold() != address.casefold()), ""),
        "sentBy": sent_by if sent_by.casefold() != address.casefold() else "",
        "omitted": said.omitted,
    }
    return {name: value for name, value in known.items() if value}


def _in_reply_to(mail: Mail) -> tuple[str, ...]:
    """The mails it answers, the nearest first."""
    likely = [*ids(first(mail, "in-reply-to")), *reversed(ids(first(mail, "references")))]
    return tuple(dict.fromkeys(likely))


def _token(mail: Mail, own: str) -> str | None:
    values = (value for name in RECIPIENTS for value in raw(mail, name))
    return next((found for value in values if (found := token_in(value, own))), None)
