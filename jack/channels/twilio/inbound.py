"""What Twilio's webhooks tell: messages by SMS and WhatsApp, and what became of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

from jack.channels import content, opt_out_words, phone_numbers
from jack.channels import payload as reading
from jack.channels.content import Content
from jack.channels.results import Permanent
from jack.channels.twilio import errors as twilio_errors
from jack.channels.twilio.signature import Form, fields, verify
from jack.channels.types import DeliveryReceipt, Event, InboundMessage, Media

if TYPE_CHECKING:
    from jack.channels.types import Account, Address, Post

MOST_MEDIA = 10
STATUSES: dict[str, Literal["queued", "sent", "delivered", "read", "failed"]] = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
WISHES: dict[str, opt_out_words.Consent] = {"STOP": "stop", "START": "start", "HELP": "help"}


def channel(post: Post) -> str:
    """Which of our channels a request is about: the addresses in it say so."""
    form = fields(post)
    both = (form.get("From", ""), form.get("To", ""), form.get("ChannelPrefix", "") + ":")
    return "whatsapp" if any(one.startswith(phone_numbers.PREFIX) for one in both) else "sms"


def read(account: Account, post: Post) -> list[Event]:
    """What a request tells of this account. Raises Refused, and nothing else."""
    verify(str(account.settings["authToken"]), account.public_url, post)
    form = fields(post)
    if not form or not _is_ours(account, form):
        return []
    told = _receipt(post, form) if _is_status(form) else _message(account.channel, post, form)
    return [told] if told else []


def strangers(account: Account, post: Post) -> list[str]:
    """The name of the other account a request tells of, if it does."""
    form = fields(post)
    if not form or _is_ours(account, form):
        return []
    sid = reading.kind(form.get("AccountSid"))
    number = (reading.line(_own_number(form)) or "").removeprefix(phone_numbers.PREFIX)
    return [f"{account.channel}:{sid}" + (f":{number}" if account.channel == "whatsapp" else "")]


# ------------------------------------------------------------------------------------------------ messages


def _is_status(form: Form) -> bool:
    return "MessageStatus" in form and form["MessageStatus"] not in ("received", "receiving")


def _own_number(form: Form) -> str:
    return form.get("From" if _is_status(form) else "To", "")


def _is_ours(account: Account, form: Form) -> bool:
    """Whether this is about the account: for WhatsApp about its sender, too, since a window belongs to one sender."""
    if form.get("AccountSid") != account.settings["accountSid"]:
        return False
    held = account.settings
    sender = str(held.get("from") or "")
    if account.channel != "whatsapp" or not sender or held.get("messagingServiceSid"):
        return True
    theirs = phone_numbers.whatsapp_address(_own_number(form).strip())
    ours = phone_numbers.whatsapp_address(sender)
    return theirs is not None and ours is not None and theirs.key == ours.key


def _message(channel: str, post: Post, form: Form) -> InboundMessage | None:
    people = _people(channel, form)
    if not people:
        reading.skipped("a message that cannot be anybody's")
        return None
    said = _content(form)
    answered = reading.word(form.get("OriginalRepliedMessageSid"))
    return InboundMessage(
        event_key=_name(form) or reading.own_key(form),
        people=people,
        text=said.text,
        at=reading.now(post),
        type=said.type,
        name=_profile(form),
        details={**said.details, **_circumstances(channel, form)},
        media=said.media,
        in_reply_to=(answered,) if answered else (),
        consent=_wish(channel, form, said),
    )


def _people(channel: str, form: Form) -> tuple[Address, ...]:
    """Who wrote: by SMS a number or a name; by WhatsApp perhaps several ids, and perhaps no number."""
    if channel == "sms":
        address = phone_numbers.sms_address(reading.word(form.get("From")))
        return (address,) if address else ()
    digits = form.get("WaId", "")
    return reading.people(
        form.get("ExternalUserId"),
        form.get("From"),
        f"{phone_numbers.PREFIX}+{digits}" if digits.isascii() and digits.isdigit() else None,
        form.get("ParentExternalUserId"),
    )


def _content(form: Form) -> Content:
    """What a message says. A kind that says nothing we know how to show is `unsupported`."""
    body = reading.text(form.get("Body")) or reading.text(form.get("ButtonText"))
    place = content.location(
        form.get("Latitude"), form.get("Longitude"), form.get("Label"), form.get("Address")
    )
    if place is not None:
        return place
    media = _media(form)
    if media:
        pictures = all((one.mime or "").startswith("image/") for one in media)
        return Content(body, "image" if pictures else "file", media=media)
    if body:
        return Content(body, details=_choice(form, body))
    return content.unsupported(reading.kind(form.get("MessageType", "empty")))


def _media(form: Form) -> tuple[Media, ...]:
    """The files, as many as there are: the number of them is only what the form says."""
    found = []
    for place in range(MOST_MEDIA):
        url = reading.text(form.get(f"MediaUrl{place}"), 2048)
        if url:
            mime = reading.line(form.get(f"MediaContentType{place}"))
            found.append(Media(None, mime.lower() if mime else None, url))
    return tuple(found)


def _choice(form: Form, body: str) -> dict[str, Any]:
    payload = reading.line(form.get("ButtonPayload")) or reading.line(form.get("ListId"))
    if payload is None and "ButtonText" not in form:
        return {}
    return {"choice": {"id": payload, "title": body}}


def _circumstances(channel: str, form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if form.get("Forwarded", "").lower() == "true":
        found["forwarded"] = True
    count = reading.number(form.get("NumSegments"), 100)
    if channel == "sms" and count:
        found["sms"] = {"segments": int(count)}
    return found


def _profile(form: Form) -> str | None:
    username = reading.line(form.get("ProfileUsername"))
    return reading.line(form.get("ProfileName")) or (f"@{username}" if username else None)


def _wish(channel: str, form: Form, said: Content) -> opt_out_words.Consent | None:
    """What the guest wants, as Twilio understood it; by SMS also as the words themselves say."""
    told = WISHES.get(form.get("OptOutType", "").upper())
    return told or (
        opt_out_words.wish(said.text) if channel == "sms" and said.type == "text" else None
    )


def _name(form: Form) -> str:
    return reading.word(form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid"))


# ------------------------------------------------------------------------------------------------ statuses


def _receipt(post: Post, form: Form) -> DeliveryReceipt | None:
    """A status; None when it says nothing that a message can become. Our own id stands in the query, where we put it."""
    said = reading.kind(form["MessageStatus"].lower())
    name, status = _name(form), STATUSES.get(said)
    if not name or status is None:
        reading.skipped(f"a status {said}")
        return None
    message_id, part = reading.ours(parse_qs(post.query).get("m", [None])[0])
    means = None
    if status == "failed":
        means = twilio_errors.meaning(form.get("ErrorCode"), form.get("ErrorMessage"))
    return DeliveryReceipt(
        provider_id=name,
        status=status,
        at=reading.now(post),
        error=None if means is None else means.error,
        message_id=message_id,
        part=part,
        opted_out=isinstance(means, Permanent) and means.reason == "opted_out",
        means=means,
    )
