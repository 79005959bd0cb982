"""What Meta's webhooks tell: messages, echoes of the Business app, statuses. Every kind there is, and those to come."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Literal

from jack.channels import payload
from jack.channels.meta import content as meta_content
from jack.channels.meta import errors as meta_errors
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Permanent
from jack.channels.types import AddressChanged, DeliveryReceipt, Edit, Event, InboundMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.channels.types import Account, Address, Post

STATUSES: dict[str, Literal["sent", "delivered", "read", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
Item = dict[str, Any]


def read(account: Account, post: Post) -> list[Event]:
    """What a request tells of this account, in its order. Raises InvalidSignature, and nothing else."""
    verify(str(account.settings["appSecret"]), post)
    arrived, ours = payload.now(post), str(account.settings["phoneNumberId"])
    return [
        event
        for number, field, value in _changes(post.body)
        if number == ours
        for event in _told(field, value, arrived)
    ]


def strangers(account: Account, post: Post) -> list[str]:
    """Names of the other accounts a request tells of."""
    ours = str(account.settings["phoneNumberId"])
    others = {number for number, _, _ in _changes(post.body) if number not in ("", ours)}
    return [f"whatsapp:{payload.kind(number)}" for number in sorted(others)]


def verify(secret: str, post: Post) -> None:
    """Make sure that whoever knows the app secret has signed exactly these bytes. Raises InvalidSignature."""
    right = "sha256=" + hmac.new(secret.encode(), post.body, hashlib.sha256).hexdigest()
    given = payload.header(post, "x-hub-signature-256").encode("utf-8", "replace")
    if not secret or not hmac.compare_digest(right.encode(), given):
        raise InvalidSignature


def _changes(body: bytes) -> Iterator[tuple[str, str, Item]]:
    """All changes of all entries: the phone number id they are about, the field, the value."""
    for entry in payload.items(payload.json_object(body).get("entry")):
        for change in payload.items(payload.within(entry, "changes")):
            value = payload.within(change, "value")
            if isinstance(value, dict):
                number = payload.word(payload.within(value, "metadata", "phone_number_id"))
                yield number, payload.kind(change.get("field")), value


def _told(field: str, value: Item, arrived: str) -> Iterator[Event]:
    if field not in ("messages", "smb_message_echoes"):
        payload.skipped(f"a change of {field}")
        return
    contacts = [one for one in payload.items(value.get("contacts")) if isinstance(one, dict)]
    for name, echo in (("messages", False), ("message_echoes", True)):
        for item in payload.items(value.get(name)):
            event = _message(item, contacts, arrived, echo) if isinstance(item, dict) else None
            if event is not None:
                yield event
            else:
                payload.skipped("a message that cannot be anybody's")
    for item in payload.items(value.get("statuses")):
        receipt = _receipt(item, arrived)
        if receipt is not None:
            yield receipt


# ------------------------------------------------------------------------------------------------ messages


def _message(item: Item, contacts: list[Item], arrived: str, echo: bool) -> Event | None:
    """One message, edit, revocation or change of address; None when nobody can have sent it."""
    at = payload.moment(item.get("timestamp"), arrived)
    key = payload.word(item.get("id")) or payload.own_key(item)
    about = _amendment(item, contacts, key, at, echo) or _moved(item, key, at)
    return about or _incoming(item, contacts, key, at, echo)


def _incoming(
    item: Item, contacts: list[Item], key: str, at: str, echo: bool
) -> InboundMessage | None:
    contact = _contact(item, contacts, echo)
    people = _people(item, contact, echo)
    if not people:
        return None
    said = meta_content.of(item)
    answered = payload.word(payload.within(item, "context", "id"))
    return InboundMessage(
        event_key=key,
        people=people,
        text=said.text,
        at=at,
        type=said.type,
        name=_name(contact),
        details={**said.details, **meta_content.circumstances(item)},
        media=said.media,
        in_reply_to=said.in_reply_to or ((answered,) if answered else ()),
        echo=echo,
    )


def _people(item: Item, contact: Item, echo: bool) -> tuple[Address, ...]:
    """The guest: who sent it, or (echo) to whom the hotel did."""
    user, number, parent = (
        ("to_user_id", "to", "to_parent_user_id")
        if echo
        else ("from_user_id", "from", "from_parent_user_id")
    )
    return payload.people(
        item.get(user),
        contact.get("user_id"),
        item.get(number),
        contact.get("wa_id"),
        item.get(parent),
        contact.get("parent_user_id"),
    )


def _contact(item: Item, contacts: list[Item], echo: bool) -> Item:
    """What is said of the guest of a message beside it: by number or user id, else when there is only one it can be."""
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


def _amendment(item: Item, contacts: list[Item], key: str, at: str, echo: bool) -> Edit | None:
    """An edit or a revocation; None when it is something else, or does not say of what, or what it says now."""
    kind = item.get("type")
    about = payload.word(payload.within(item, str(kind), "original_message_id"))
    if not about or kind not in ("edit", "revoke"):
        return None
    if kind == "revoke":
        return Edit(key, about, None, at)
    edited = payload.within(item, "edit", "message")
    if not isinstance(edited, dict):
        return None
    said, now = meta_content.of(edited), {**item, **edited}
    if said.type == "unsupported":
        return None
    return Edit(key, about, said.text, at, _incoming(now, contacts, about, at, echo))


def _moved(item: Item, key: str, at: str) -> AddressChanged | None:
    """Another number (which brings another user id), or another user id alone."""
    system = item.get("system")
    if item.get("type") != "system" or not isinstance(system, dict):
        return None
    if system.get("type") not in ("user_changed_number", "user_changed_user_id"):
        return None
    new = payload.people(system.get("user_id"), system.get("wa_id"), system.get("parent_user_id"))
    was = payload.people(
        system.get("previous_user_id"),
        item.get("from_user_id"),
        item.get("from"),
        system.get("previous_parent_user_id"),
        item.get("from_parent_user_id"),
    )
    old = tuple(one for one in was if one.key not in {other.key for other in new})
    return AddressChanged(key, old, new, at) if old and new else None


# ------------------------------------------------------------------------------------------------ statuses


def _receipt(item: Any, arrived: str) -> DeliveryReceipt | None:
    """One status; None when it says nothing that a message can become."""
    name = payload.word(payload.within(item, "id"))
    status = STATUSES.get(payload.kind(payload.within(item, "status")))
    if not name or status is None:
        payload.skipped(f"a status {payload.kind(payload.within(item, 'status'))}")
        return None
    errors = payload.items(item.get("errors"))
    error = (errors[0] if errors else {}) if status == "failed" else None
    means = None if error is None else meta_errors.meaning(error)
    message_id, part = payload.ours(item.get("biz_opaque_callback_data"))
    return DeliveryReceipt(
        provider_id=name,
        status=status,
        at=payload.moment(item.get("timestamp"), arrived),
        error=None if means is None else means.error,
        message_id=message_id,
        part=part,
        opted_out=isinstance(means, Permanent) and means.reason == "opted_out",
        means=means,
    )
