"""A raw mail as events: a guest's message, delivery receipts, a quarantined mail, or none."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

from jack.channels.mail import bounces, invitations, quotations
from jack.channels.mail.authentication import authentication, fails
from jack.channels.mail.auto_replies import is_automatic
from jack.channels.mail.body import Contents, contents
from jack.channels.mail.headers import addresses, display_text, first, ids, raw
from jack.channels.mail.message_ids import is_ours, token_in
from jack.channels.mail.mime import UnreadableMail, headers_of, parsed
from jack.channels.mail.who_wrote import sender_of, writer_of
from jack.channels.types import Address, Event, InboundMessage, Unreadable
from jack.core.patterns import email_key

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail
    from jack.channels.mail.who_wrote import Writer

RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
KEYED_ON = 500  # characters of the text by which two mails with one Message-ID are distinguished


class _Mailbox(NamedTuple):
    """Where a mail came to: the hotel's address, the name of its mail server in Authentication-Results, if it is known, its zone."""

    address: str
    authentication_server: str | None
    zone: str = "UTC"


def events_of(
    content: bytes,
    at: str,
    own_address: str,
    authentication_server: str | None = None,
    *,
    zone: str = "UTC",
) -> list[Event]:
    """The events of a mail to `own_address`, received at `at`. Never raises for what is in it.

    `authentication_server` is the name under which the hotel's mail server says what it found of the sender;
    `zone` is the hotel's, in which the times of invitations are told.
    """
    to = _Mailbox(own_address, authentication_server, zone)
    try:
        mail = parsed(content)
        body = contents(mail)
        found = _events(mail, body, at, to, _key(mail, body.text, content))
        return [quarantined(content, "It names no sender.")] if found is None else found
    except UnreadableMail as error:
        reason = str(error)
    except Exception as error:  # a parser that fails must not stop the mails that follow
        reason = f"It could not be read ({type(error).__name__})."
    return _unreadable(content, at, to, reason)


def _unreadable(content: bytes, at: str, to: _Mailbox, reason: str) -> list[Event]:
    """A quarantined mail, and the message that its headers make, if they can be read."""
    try:
        text = "[This mail could not be read. It has been put aside.]"
        events = headers_only(content, at, to.address, text, to.authentication_server)
    except Exception:  # not even the headers: the mail itself is quarantined all the same
        events = []
    return [*events, quarantined(content, reason)]


def quarantined(content: bytes, reason: str) -> Unreadable:
    """A whole mail to be quarantined. Its key differs from that of the message it may make as well."""
    return Unreadable(f"aside:{hashlib.sha256(content).hexdigest()}", reason, content)


def headers_only(
    content: bytes, at: str, own_address: str, text: str, authentication_server: str | None = None
) -> list[Event]:
    """The message of a mail of which only the headers are read; `text` says why there is nothing else."""
    mail = headers_of(content)
    to = _Mailbox(own_address, authentication_server)
    found = _events(mail, Contents(text), at, to, _key(mail, "", content))
    if found is None:
        return [quarantined(content, "It is too large to fetch, and names no sender.")]
    return [
        dataclasses.replace(event, type="unsupported")
        if isinstance(event, InboundMessage)
        else event
        for event in found
    ]


def raw_key(content: bytes) -> str:
    """The event key of a mail by its bytes."""
    return f"raw:{hashlib.sha256(content).hexdigest()}"


def _key(mail: Mail, text: str, content: bytes) -> str:
    """The event key of a mail, the same by every way it comes: `<Message-ID> digest`; by its bytes if it has no id.

    Relays add headers and change the subject, so the bytes do not identify a mail; some programs give all their mails one
    Message-ID, so that alone does not either. The digest is of its date and the beginning of its text: should a relay change
    those, the mail is shown twice, and none is lost.
    """
    id = next(iter(ids(first(mail, "message-id"))), None)
    if id is None:
        return raw_key(content)
    distinguishing = f"{first(mail, 'date').strip()}\n{''.join(text[:10_000].split())[:KEYED_ON]}"
    return f"{id} {hashlib.sha256(distinguishing.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _events(mail: Mail, body: Contents, at: str, to: _Mailbox, key: str) -> list[Event] | None:
    """The events of a mail; None when it names no sender."""
    domain = to.address.rpartition("@")[2]
    if found := bounces.receipts(mail, domain, at):
        return list(found)
    if any(is_ours(id, domain) for id in ids(first(mail, "message-id"))):
        return []
    writer = writer_of(mail, to.address)
    if writer is None:
        return [] if sender_of(mail) else None
    return [_message(mail, body, at, to, key, writer)]


def _message(
    mail: Mail, body: Contents, at: str, to: _Mailbox, key: str, writer: Writer
) -> InboundMessage:
    own_text, quoted = quotations.split(body.text)
    invitation = invitations.in_words(body.calendars, to.zone)
    own_text = "\n\n".join(filter(None, (own_text.strip("\n"), invitation)))
    subject = display_text(first(mail, "subject"))
    proof = authentication(mail, to.authentication_server, writer.sent_by)
    return InboundMessage(
        event_key=key,
        people=(Address(email_key(writer.address), writer.address),),
        text=own_text.strip() or ("" if body.files else subject or "[An empty mail]"),
        at=at,
        type=_type(own_text, body),
        name=writer.name or None,
        subject=subject or None,
        details=_details(mail, body, subject, quoted, writer, proof),
        media=tuple(body.files),
        in_reply_to=_in_reply_to(mail),
        token=_token(mail, to.address),
        automatic=is_automatic(mail, writer.sent_by, to.address, written_for=writer.written_for),
        unproven=writer.unproven,
        doubtful=fails(proof),
    )


def _type(text: str, body: Contents) -> Literal["text", "image", "file"]:
    if text.strip() or not body.files:
        return "text"
    return "image" if all((file.mime or "").startswith("image/") for file in body.files) else "file"


def _details(
    mail: Mail, body: Contents, subject: str, quoted: str, writer: Writer, proof: dict[str, str]
) -> dict[str, object]:
    """The details of the message, without empty ones."""
    address = email_key(writer.address)
    reply = [found for value in raw(mail, "reply-to") for _, found in addresses(value)]
    known: dict[str, object] = {
        "subject": subject,
        "quoted": quoted,
        "replyTo": next((it for it in reply if email_key(it) != address), ""),
        "sentBy": writer.sent_by if email_key(writer.sent_by) != address else "",
        "unproven": writer.address if writer.unproven else "",
        "authentication": proof,
        "omitted": body.omitted,
    }
    return {name: value for name, value in known.items() if value}


def _in_reply_to(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs it replies to, the nearest first."""
    likely = [*ids(first(mail, "in-reply-to")), *reversed(ids(first(mail, "references")))]
    return tuple(dict.fromkeys(likely))


def _token(mail: Mail, own_address: str) -> str | None:
    values = (value for name in RECIPIENTS for value in raw(mail, name))
    return next((found for value in values if (found := token_in(value, own_address))), None)
