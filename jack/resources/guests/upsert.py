"""Creating a guest by the id that another program has for them, or changing the one who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from jack.channels import phone_numbers
from jack.core.db import transaction
from jack.core.patterns import email_key
from jack.resources.external_ids import store as erased
from jack.resources.guests import conflicts, external_ids, phone_input, store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.core.pairs import Pairs
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
        for one in _names(fields, name) if options.recreate else ():
            erased.check(db, "guests", one, recreate=True)
        known = external_ids.find(db, name)
        if known is not None:
            return store.change(db, known, by=by, **fields), False
        erased.check(db, "guests", name)
        match = _match(db, fields)
        if match is not None:
            field, guest_id = match
            wanted = _linked(fields, name, _checked(db, field, guest_id, name, options))
            return store.change(db, guest_id, by=by, **wanted), False
        erased.demand(fields, ("name",))
        wanted = {**fields, "external_id": name}
        return store.create(db, by=by, **wanted), True


def _linked(fields: GuestChanges, name: str, ids: Pairs) -> GuestChanges:
    """The fields for a guest who has these ids and is given one more; what they are called stays, where that is of a source."""
    source, external_id = external_ids.split(name)
    sent = fields.get("external_ids") or {}
    if source and "" in ids:
        return {**fields, "external_ids": {**sent, source: external_id}}
    return {**fields, "external_id": name, "external_ids": {**external_ids.sourced(ids), **sent}}


def _names(fields: GuestChanges, name: str) -> list[str]:
    """Every external id among these fields, by its name."""
    of_sources = (fields.get("external_ids") or {}).items()
    return [name, *(external_ids.joined(source, one) for source, one in of_sources if one)]


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
        raise conflicts.conflict(*matches[-1])
    return matches[0] if matches else None


def _checked(db: Database, field: str, guest_id: str, name: str, options: Options) -> Pairs:
    """The external ids of a guest who matches. Raises Conflict unless they may be given this one."""
    ids = store.get(db, guest_id)["ids"]
    source, _ = external_ids.split(name)
    has_one = source in ids if source else "" in ids and not external_ids.split(ids[""])[0]
    if options.on_match == "error" or has_one:
        raise conflicts.conflict(field, guest_id)
    return ids
