"""Twilio's webhooks as events: messages by SMS and WhatsApp, and statuses of sent ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs

from jack.channels import content as contents
from jack.channels import opt_out_words, phone_numbers, referral
from jack.channels import payload as reading
from jack.channels.content import Content
from jack.channels.results import Permanent
from jack.channels.twilio import errors as twilio_errors
from jack.channels.twilio.signature import verify
from jack.channels.types import DeliveryReceipt, Event, InboundMessage, Media, Reaction

if TYPE_CHECKING:
    from jack.channels.types import Account, Address, WebhookRequest

Form = Mapping[str, str]

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
CONSENTS: dict[str, opt_out_words.Consent] = {"STOP": "stop", "START": "start", "HELP": "help"}


def channel(request: WebhookRequest) -> str:
    """The channel a status request is about, as the addresses in it show."""
    form = request.form
    addresses = (form.get("From", ""), form.get("To", ""), form.get("ChannelPrefix", "") + ":")
    by_whatsapp = any(one.startswith(phone_numbers.PREFIX) for one in addresses)
    return "whatsapp" if by_whatsapp else "sms"


def read(account: Account, request: WebhookRequest) -> list[Event]:
    """The event in a request, if it is for this account. Raises InvalidSignature, and nothing else."""
    verify(str(account.settings["authToken"]), account.public_url, request)
    form = request.form
    if not form or not _is_ours(account, form):
        return []
    if _is_status(form):
        event: Event | None = _receipt(request, form)
    else:
        event = _reaction(account, request, form) or _message(account.channel, request, form)
    return [event] if event else []


def other_accounts(account: Account, request: WebhookRequest) -> list[str]:
    """The name of the other account a request is about, if it is."""
    form = request.form
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
    """Whether this is about the account; for WhatsApp also about its sender, since a 24-hour window belongs to one."""
    if form.get("AccountSid") != account.settings["accountSid"]:
        return False
    settings = account.settings
    sender = settings.get("from") or ""
    if account.channel != "whatsapp" or not sender or settings.get("messagingServiceSid"):
        return True
    named = phone_numbers.whatsapp_address(_own_number(form).strip())
    own = phone_numbers.whatsapp_address(sender)
    return named is not None and own is not None and named.key == own.key


def _message(channel: str, request: WebhookRequest, form: Form) -> InboundMessage | None:
    people = _people(channel, form)
    if not people:
        reading.log_skipped("a message that cannot be anybody's")
        return None
    content = _content(form)
    replied_to = reading.identifier(form.get("OriginalRepliedMessageSid"))
    return InboundMessage(
        event_key=_message_sid(form) or reading.content_key(form),
        people=people,
        text=content.text,
        at=reading.arrived_at(request),
        type=content.type,
        name=_profile_name(form),
        details={**content.details, **_common_details(channel, form)},
        media=content.media,
        in_reply_to=(replied_to,) if replied_to else (),
        consent=_consent(channel, form, content),
    )


def _reaction(account: Account, request: WebhookRequest, form: Form) -> Reaction | None:
    """An emoji on a message by WhatsApp, or without one that it is taken back; None when it names no message."""
    about = reading.identifier(form.get("OriginalRepliedMessageSid"))
    kind = reading.kind(form.get("MessageType", "")).lower()
    if account.channel != "whatsapp" or kind != "reaction" or not about:
        return None
    key = _message_sid(form) or reading.content_key(form)
    emoji, at = reading.emoji(form.get("Body")), reading.arrived_at(request)
    return Reaction(key, about, emoji, at, _people(account.channel, form))


def _people(channel: str, form: Form) -> tuple[Address, ...]:
    """The addresses of the sender: by SMS a number or a name; by WhatsApp perhaps several ids, and perhaps no number."""
    if channel == "sms":
        address = phone_numbers.sms_address(reading.identifier(form.get("From")))
        return (address,) if address else ()
    digits = form.get("WaId", "")
    return reading.addresses(
        form.get("ExternalUserId"),
        form.get("From"),
        f"{phone_numbers.PREFIX}+{digits}" if digits.isascii() and digits.isdigit() else None,
        form.get("ParentExternalUserId"),
    )


def _content(form: Form) -> Content:
    """The content of a message; `unsupported` when there is nothing in it that can be shown."""
    body = reading.text(form.get("Body")) or reading.text(form.get("ButtonText"))
    place = contents.location(
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
    return contents.unsupported(reading.kind(form.get("MessageType", "empty")))


def _media(form: Form) -> tuple[Media, ...]:
    """The files that have an address, whatever `NumMedia` says."""
    found = []
    for index in range(MOST_MEDIA):
        url = reading.text(form.get(f"MediaUrl{index}"), 2048)
        if url:
            mime = reading.line(form.get(f"MediaContentType{index}"))
            found.append(Media(None, mime.lower() if mime else None, url))
    return tuple(found)


def _choice(form: Form, body: str) -> dict[str, object]:
    payload = reading.line(form.get("ButtonPayload")) or reading.line(form.get("ListId"))
    if payload is None and "ButtonText" not in form:
        return {}
    return {"choice": {"id": payload, "title": body}}


def _common_details(channel: str, form: Form) -> dict[str, object]:
    found: dict[str, object] = {}
    if form.get("Forwarded", "").lower() == "true":
        found["forwarded"] = True
    count = reading.number(form.get("NumSegments"), 100)
    if channel == "sms" and count:
        found["sms"] = {"segments": int(count)}
    return found | referral.details(form)


def _profile_name(form: Form) -> str | None:
    username = reading.line(form.get("ProfileUsername"))
    return reading.line(form.get("ProfileName")) or (f"@{username}" if username else None)


def _consent(channel: str, form: Form, content: Content) -> opt_out_words.Consent | None:
    """The guest's opt-out or opt-in, as Twilio recognised it; by SMS also by the words themselves."""
    recognised = CONSENTS.get(form.get("OptOutType", "").upper())
    return recognised or (
        opt_out_words.consent(content.text) if channel == "sms" and content.type == "text" else None
    )


def _message_sid(form: Form) -> str:
    return reading.identifier(
        form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    )


# ------------------------------------------------------------------------------------------------ statuses


def _receipt(request: WebhookRequest, form: Form) -> DeliveryReceipt | None:
    """The receipt in a status; None when Jack does not know the status. Our own id is in the query, where `send` put it."""
    name = reading.kind(form["MessageStatus"].lower())
    sid, status = _message_sid(form), STATUSES.get(name)
    if not sid or status is None:
        reading.log_skipped(f"a status {name}")
        return None
    message_id, part = reading.parse_tag(parse_qs(request.query).get("m", [None])[0])
    means = None
    if status == "failed":
        means = twilio_errors.meaning(form.get("ErrorCode"), form.get("ErrorMessage"))
    return DeliveryReceipt(
        provider_id=sid,
        status=status,
        at=reading.arrived_at(request),
        error=None if means is None else means.error,
        message_id=message_id,
        part=part,
        opted_out=isinstance(means, Permanent) and means.reason == "opted_out",
        means=means,
    )
