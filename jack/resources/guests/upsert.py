"""Creating a guest by the id that another program has for them, or changing the one who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from jack.channels import phone_numbers
from jack.core.db import transaction
from jack.core.patterns import email_key
from jack.resources.external_ids import store as erased
from jack.resources.guests import external_ids, phone_input, store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.guests.rows import GuestChanges, GuestRow


class Options(NamedTuple):
    """What is to happen with a guest who has the e-mail or phone and no id of this source (`on_match`: link or error), and
    with an id of somebody who was erased."""

    on_match: str = "link"
    recreate: bool = False


DEFAULT = Options()


def put(
    db: Database,
    name: str,
    sent: Mapping[str, object],
    *,
    options: Options = DEFAULT,
    by: str | None = None,
) -> tuple[GuestRow, bool]:
    """The guest whom another program calls `name`, with the fields that were sent; and whether they are new.

    Who has none yet and has the same e-mail or phone is given it. Raises Conflict for two guests who match, for one who has
    another id of this source, and for an erased one; Invalid when there is no such guest and no name for a new one.
    """
    fields = cast("GuestChanges", sent)
    with transaction(db):
        wanted = _named(fields, name)
        for one in _names(wanted) if options.recreate else ():
            erased.check(db, "guests", one, recreate=True)
        known = external_ids.find(db, name)
        if known is not None:
            return store.change(db, known, by=by, **fields), False
        erased.check(db, "guests", name)
        match = _match(db, fields)
        if match is not None:
            _check_match(db, *match, name, options)
            return store.change(db, match[1], by=by, **wanted), False
        erased.demand(fields, ("name",))
        return store.create(db, by=by, **wanted), True


def _named(fields: GuestChanges, name: str) -> GuestChanges:
    """The fields with the external id they are sent under."""
    source, external_id = external_ids.split(name)
    if not source:
        return {**fields, "external_id": name}
    others = fields.get("external_ids") or {}
    return {**fields, "external_ids": {**others, source: external_id}}


def _names(wanted: GuestChanges) -> list[str]:
    """Every external id among these fields, by its name."""
    of_sources = (wanted.get("external_ids") or {}).items()
    found = [external_ids.joined(source, one) for source, one in of_sources if one is not None]
    primary = wanted.get("external_id")
    return found if primary is None else [primary, *found]


def _match(db: Database, fields: GuestChanges) -> tuple[str, str] | None:
    """Which of `email` and `phone` is of a guest, and of which. Raises Conflict when these are of two guests."""
    email, phone = fields.get("email"), fields.get("phone")
    found = {"email": store.known_by(db, "email", email_key(email)) if email else None}
    if phone:
        phone = phone_input.normalised(phone, settings.value(db, "hotel").get("country"))
        whatsapp = phone_numbers.match_key(phone) if phone.startswith("+") else phone
        by_sms = store.known_by(db, "sms", phone)
        found["phone"] = by_sms or store.known_by(db, "whatsapp", whatsapp)
    matches = [(field, one) for field, one in found.items() if one is not None]
    if len({guest_id for _, guest_id in matches}) > 1:
        raise store.conflict(*matches[-1])
    return matches[0] if matches else None


def _check_match(db: Database, field: str, guest_id: str, name: str, options: Options) -> None:
    """Raise Conflict unless this guest may be given the external id."""
    if options.on_match == "error":
        raise store.conflict(field, guest_id)
    source, _ = external_ids.split(name)
    ids = store.get(db, guest_id)["ids"]
    if source in ids:
        raise store.conflict(field, guest_id)
