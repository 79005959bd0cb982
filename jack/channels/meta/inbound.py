"""Meta's webhooks as events: messages, echoes of the Business app, statuses; unknown types become `unsupported`."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal

from jack.channels import payload
from jack.channels.meta import content as meta_content
from jack.channels.meta import errors as meta_errors
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Permanent
from jack.channels.types import (
    AddressChanged,
    DeliveryReceipt,
    Edit,
    Event,
    InboundMessage,
    Reaction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.channels.types import Account, Address, WebhookRequest

STATUSES: dict[str, Literal["sent", "delivered", "read", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
# Somebody has opened the chat for the first time, and has written nothing.
NO_MESSAGES = frozenset({"request_welcome"})
Item = dict[str, object]


def read(account: Account, request: WebhookRequest) -> list[Event]:
    """The events in a request for this account, in its order. Raises InvalidSignature, and nothing else."""
    verify(str(account.settings["appSecret"]), request)
    if request.json is None:
        payload.log_skipped("a body that is not JSON")
    arrived, own_number = payload.arrived_at(request), str(account.settings["phoneNumberId"])
    return [
        event
        for number, field, value in _changes(request)
        if number == own_number
        for event in _events(field, value, arrived)
    ]


def other_accounts(account: Account, request: WebhookRequest) -> list[str]:
    """Names of the other accounts a request is about."""
    own_number = str(account.settings["phoneNumberId"])
    others = {number for number, _, _ in _changes(request) if number not in ("", own_number)}
    return [f"whatsapp:{payload.kind(number)}" for number in sorted(others)]


def verify(secret: str, request: WebhookRequest) -> None:
    """Check that exactly these bytes were signed with the app secret. Raises InvalidSignature."""
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    given = payload.header(request, "x-hub-signature-256").encode("utf-8", "replace")
    if not secret or not hmac.compare_digest(expected.encode(), given):
        raise InvalidSignature


def _changes(request: WebhookRequest) -> Iterator[tuple[str, str, Item]]:
    """All changes of all entries: the phone number id they are about, the field, the value."""
    for entry in payload.items(payload.within(request.json, "entry")):
        for change in payload.items(payload.within(entry, "changes")):
            value = payload.within(change, "value")
            if isinstance(value, dict):
                number = payload.identifier(payload.within(value, "metadata", "phone_number_id"))
                yield number, payload.kind(payload.within(change, "field")), value


def _events(field: str, value: Item, arrived: str) -> Iterator[Event]:
    if field not in ("messages", "smb_message_echoes"):
        payload.log_skipped(f"a change of {field}")
        return
    contacts = payload.objects(value.get("contacts"))
    for name, echo in (("messages", False), ("message_echoes", True)):
        for item in payload.items(value.get(name)):
            kind = payload.kind(payload.within(item, "type"))
            if kind in NO_MESSAGES:
                payload.log_skipped(f"a {kind}")
                continue
            event = _message(item, contacts, arrived, echo) if isinstance(item, dict) else None
            if event is not None:
                yield event
            else:
                payload.log_skipped("a message that cannot be anybody's")
    for item in payload.items(value.get("statuses")):
        receipt = _receipt(item, arrived)
        if receipt is not None:
            yield receipt


# ------------------------------------------------------------------------------------------------ messages


def _message(item: Item, contacts: list[Item], arrived: str, echo: bool) -> Event | None:
    """One message, edit, revocation, reaction or change of address; None for a message without a sender."""
    at = payload.timestamp(item.get("timestamp"), arrived)
    key = payload.identifier(item.get("id")) or payload.content_key(item)
    event = (
        _edit(item, contacts, key, at, echo)
        or _reaction(item, contacts, key, at, echo)
        or _address_changed(item, key, at)
    )
    return event or _inbound_message(item, contacts, key, at, echo)


def _inbound_message(
    item: Item, contacts: list[Item], key: str, at: str, echo: bool
) -> InboundMessage | None:
    contact = _contact(item, contacts, echo)
    people = _people(item, contact, echo)
    if not people:
        return None
    content = meta_content.parse(item)
    replied_to = payload.identifier(payload.within(item, "context", "id"))
    return InboundMessage(
        event_key=key,
        people=people,
        text=content.text,
        at=at,
        type=content.type,
        name=_name(contact),
        details={**content.details, **meta_content.common_details(item)},
        media=content.media,
        in_reply_to=(replied_to,) if replied_to else (),
        echo=echo,
    )


def _people(item: Item, contact: Item, echo: bool) -> tuple[Address, ...]:
    """The addresses of the guest: of the sender, or of the recipient of an echo."""
    user, number, parent = (
        ("to_user_id", "to", "to_parent_user_id")
        if echo
        else ("from_user_id", "from", "from_parent_user_id")
    )
    return payload.addresses(
        item.get(user),
        contact.get("user_id"),
        item.get(number),
        contact.get("wa_id"),
        item.get(parent),
        contact.get("parent_user_id"),
    )


def _contact(item: Item, contacts: list[Item], echo: bool) -> Item:
    """The contact of a message's guest: by number or user id; the only one where the message names neither."""
    number, user = (
        (item.get("to"), item.get("to_user_id"))
        if echo
        else (item.get("from"), item.get("from_user_id"))
    )
    for contact in contacts:
        if number is not None and contact.get("wa_id") == number:
            return contact
        if user is not None and contact.get("user_id") == user:
            return contact
    nameless = number is None and user is None
    return contacts[0] if nameless and len(contacts) == 1 else {}


def _name(contact: Item) -> str | None:
    username = payload.line(payload.within(contact, "profile", "username"))
    name = payload.line(payload.within(contact, "profile", "name"))
    return name or (f"@{username}" if username else None)


def _edit(item: Item, contacts: list[Item], key: str, at: str, echo: bool) -> Edit | None:
    """An edit or a revocation; None when it is anything else, or names no message, or no new content that can be shown."""
    kind = item.get("type")
    about = payload.identifier(payload.within(item, str(kind), "original_message_id"))
    if not about or kind not in ("edit", "revoke"):
        return None
    if kind == "revoke":
        return Edit(key, about, None, at)
    edited = payload.within(item, "edit", "message")
    if not isinstance(edited, dict):
        return None
    content, now = meta_content.parse(edited), {**item, **edited}
    if content.type == "unsupported":
        return None
    return Edit(key, about, content.text, at, _inbound_message(now, contacts, about, at, echo))


def _reaction(item: Item, contacts: list[Item], key: str, at: str, echo: bool) -> Reaction | None:
    """An emoji on a message, or without one that it is taken back; None when it is anything else, or names no message."""
    about = payload.identifier(payload.within(item, "reaction", "message_id"))
    if item.get("type") != "reaction" or not about:
        return None
    emoji = payload.emoji(payload.within(item, "reaction", "emoji"))
    people = _people(item, _contact(item, contacts, echo), echo)
    return Reaction(key, about, emoji, at, people, echo)


def _address_changed(item: Item, key: str, at: str) -> AddressChanged | None:
    """A changed number (which brings another user id), or a changed user id alone."""
    system = item.get("system")
    if item.get("type") != "system" or not isinstance(system, dict):
        return None
    if system.get("type") not in ("user_changed_number", "user_changed_user_id"):
        return None
    new = payload.addresses(
        system.get("user_id"), system.get("wa_id"), system.get("parent_user_id")
    )
    was = payload.addresses(
        system.get("previous_user_id"),
        item.get("from_user_id"),
        item.get("from"),
        system.get("previous_parent_user_id"),
        item.get("from_parent_user_id"),
    )
    old = tuple(one for one in was if one.key not in {other.key for other in new})
    return AddressChanged(key, old, new, at) if old and new else None


# ------------------------------------------------------------------------------------------------ statuses


def _receipt(item: object, arrived: str) -> DeliveryReceipt | None:
    """The receipt in a status; None when it has no id or no status that Jack knows."""
    name = payload.identifier(payload.within(item, "id"))
    status = STATUSES.get(payload.kind(payload.within(item, "status")))
    if not name or status is None:
        payload.log_skipped(f"a status {payload.kind(payload.within(item, 'status'))}")
        return None
    errors = payload.items(payload.within(item, "errors"))
    error = (errors[0] if errors else {}) if status == "failed" else None
    means = None if error is None else meta_errors.meaning(error)
    message_id, part = payload.parse_tag(payload.within(item, "biz_opaque_callback_data"))
    return DeliveryReceipt(
        provider_id=name,
        status=status,
        at=payload.timestamp(payload.within(item, "timestamp"), arrived),
        error=None if means is None else means.error,
        message_id=message_id,
        part=part,
        opted_out=isinstance(means, Permanent) and means.reason == "opted_out",
        means=means,
    )
