"""Which guest a record from elsewhere is about, by the addresses that guests are known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels import phone_numbers
from jack.core.patterns import email_key
from jack.resources.guests import phone_input, store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.db import Database


def keys(db: Database, *, email: str | None, phone: str | None) -> dict[str, set[tuple[str, str]]]:
    """The (channel, address) pairs by which a guest with this e-mail and phone is known, by field. Raises Invalid for a bad phone."""
    found: dict[str, set[tuple[str, str]]] = {}
    if email:
        found["email"] = {("email", email_key(email))}
    if phone:
        number = phone_input.normalised(phone, settings.value(db, "hotel").get("country"))
        whatsapp = phone_numbers.match_key(number) if number.startswith("+") else number
        found["phone"] = {("sms", number), ("whatsapp", whatsapp)}
    return found


def owners(db: Database, pairs: set[tuple[str, str]]) -> set[str]:
    """The ids of the guests who are known by any of these."""
    known = {store.known_by(db, channel, address) for channel, address in sorted(pairs)}
    return {guest_id for guest_id in known if guest_id is not None}
