"""Guests: their profiles, and the addresses they are known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from jack.channels import phone_numbers
from jack.core import events, fulltext
from jack.core.db import as_json, transaction
from jack.core.errors import Gone, Invalid, NotFound
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.core.sqlite import UniqueViolation
from jack.resources.guests import blocking, conflicts, consents, listing, merged, profile
from jack.resources.guests import external_ids as guest_ids
from jack.resources.guests.rows import (
    COLUMNS,
    SHOWN_ONE,
    GuestColumns,
    GuestRow,
    ShownGuest,
    StoredGuest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database
    from jack.core.paging import Listed, Page, Place, Walked
    from jack.resources.guests.listing import Filters
    from jack.resources.guests.rows import GuestChanges

GET = Query[StoredGuest](f"SELECT {COLUMNS} FROM guests WHERE id = :id")

SHOW = Query[ShownGuest](f"SELECT {SHOWN_ONE} FROM guests WHERE id = :id")

# What an event names when it has changed.
FIELDS = (
    "name",
    "email",
    "phone",
    "tags",
    "notes",
    "language",
    "external_id",
    "external_ids",
    "metadata",
    "blocked",
    "consents",
)

EXISTS = "SELECT 1 FROM guests WHERE id = :id"

GET_MANY = Query[StoredGuest](
    f"SELECT {COLUMNS} FROM guests WHERE id IN (SELECT value FROM json_each(:ids))"
)

# The number of a guest who was deleted is not given again: whoever has read the list up to it would miss the new one.
NEXT_SEQ = """1 + max(coalesce((SELECT max(seq) FROM guests), 0),
                      coalesce((SELECT seq FROM list_ends WHERE list = 'guests'), 0))"""

CREATE = Query[StoredGuest](f"""
    INSERT INTO guests (seq, id, name, email, email_key, phone, tags, notes, language, external_ids, metadata,
                        blocked, consents, search_text, search_grams, created_at, updated_at)
    VALUES ({NEXT_SEQ}, :id, :name, :email, :email_key, :phone, :tags, :notes, :language, :ids, :metadata,
            :blocked, :consents, :search_text, :search_grams, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredGuest](f"""
    UPDATE guests
    SET name = :name, email = :email, email_key = CASE WHEN email IS :email THEN email_key ELSE :email_key END, phone = :phone, tags = :tags, notes = :notes,
        language = :language, external_ids = :ids, metadata = :metadata, blocked = :blocked, consents = :consents,
        search_text = :search_text, search_grams = :search_grams, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

CREATE_TAG = (
    "INSERT INTO guest_tags (tag_key, guest_seq) VALUES (:tag_key, :seq) ON CONFLICT DO NOTHING"
)

DELETE_TAGS = "DELETE FROM guest_tags WHERE guest_seq = :seq"

CREATE_IDENTITY = """
    INSERT INTO guest_identities (channel, address, guest_id, created_at)
    VALUES (:channel, :address, :guest_id, :now)"""

# Only an address that was typed in: one they have written from (`verbatim`) stays theirs.
DELETE_IDENTITY = """
    DELETE FROM guest_identities
    WHERE channel = :channel AND address = :address AND guest_id = :guest_id AND verbatim IS NULL"""

KNOWN_BY = """
    SELECT guest_id FROM guest_identities
    WHERE channel = :channel AND address = :address"""


def get(db: Database, guest_id: str) -> GuestRow:
    """The guest. Raises NotFound, or Gone for one who was merged into another."""
    row = db.one(GET, {"id": guest_id})
    if row is None:
        raise _absent(db, guest_id)
    return profile.parsed(db, row)


def shown(db: Database, guest_id: str) -> GuestRow:
    """As `get`, for a response or its ETag and nothing else."""
    row = db.one(SHOW, {"id": guest_id})
    if row is None:
        raise _absent(db, guest_id)
    return profile.shown(db, [row])[0]


def _absent(db: Database, guest_id: str) -> NotFound:
    """Why there is no such guest."""
    other = merged.into(db, guest_id)
    if other is None:
        return NotFound("Guest not found")
    return Gone(f"This guest was merged into {other}.", merged_into=other)


def exists(db: Database, guest_id: str) -> bool:
    """Whether there is such a guest."""
    return db.value(EXISTS, {"id": guest_id}) is not None


def check(db: Database, guest_id: str, field: str = "guestId") -> None:
    """Raise Invalid, naming this field, unless there is such a guest."""
    if not exists(db, guest_id):
        absent = _absent(db, guest_id)
        message = absent.message if isinstance(absent, Gone) else "No such guest."
        raise Invalid.field(field, "no_such", message)


def get_many(db: Database, ids: Iterable[str]) -> list[GuestRow]:
    """Those of these guests that exist, in no order."""
    return profile.all_parsed(db, db.all(GET_MANY, {"ids": as_json(list(ids))}))


def search(
    db: Database, *, sort: str | None = None, page: Page | Place, **filters: Unpack[Filters]
) -> Listed[GuestRow] | Walked[GuestRow]:
    """A part of all guests, a page with the newest first unless `sort` says otherwise. Raises Invalid for a bad phone."""
    return listing.search(db, filters, sort, page)


def create(
    db: Database,
    *,
    id: str | None = None,
    by: str | None = None,
    dialled: bool = False,
    **fields: Unpack[GuestChanges],
) -> GuestRow:
    """A new guest with a name. Raises Conflict, naming the other guest, when e-mail or phone is another's; Invalid for a bad phone. Conflict
    as well where a STOP contradicts the consent that is to be noted.

    `dialled`: the phone is a provider's, in E.164 or as it is, and is stored unchanged; else it is read as staff type it.
    """
    with transaction(db):
        guest_id = id or db.new_id("guest")
        sent, fields = _noting(db, guest_id, {}, fields, by)
        wanted = profile.new(fields)
        columns = profile.columns(db, wanted, typed=not dialled)
        row = _write(db, CREATE, guest_id, columns)
        guest_ids.assign(db, guest_id, {}, row["ids"])
        _create_tags(db, row["seq"], row["tags"])
        _identify(db, guest_id, _addresses(columns["email_key"], columns["phone"]))
        _agree(db, row, sent)
        events.record(db, "guest.created", guest_id, by=by)
    return row


def change(
    db: Database,
    guest_id: str,
    *,
    dialled: bool = False,
    by: str | None = None,
    **changes: Unpack[GuestChanges],
) -> GuestRow:
    """Change a guest; what is already so changes nothing. Raises NotFound, and as `create` Conflict and Invalid.

    `dialled` is as of `create`.
    """
    with transaction(db):
        row = get(db, guest_id)
        sent, changes = _noting(db, guest_id, row["noted"], changes, by)
        before = _addresses(row["email"] and email_key(row["email"]), row["phone"])
        changed = profile.changed(row, changes)
        _agree(db, changed, sent)
        columns = profile.columns(db, changed, typed="phone" in changes and not dialled)
        if changed | {"phone": columns["phone"]} == row:
            return row
        guest_ids.assign(db, guest_id, row["ids"], changed["ids"])
        old, row = row, _write(db, CHANGE, guest_id, columns)
        if "tags" in changes:
            db.run(DELETE_TAGS, {"seq": row["seq"]})
            _create_tags(db, row["seq"], row["tags"])
        after = _addresses(columns["email_key"], columns["phone"])
        for channel, address in before - after:
            db.run(DELETE_IDENTITY, {"channel": channel, "address": address, "guest_id": guest_id})
        _identify(db, guest_id, after - before)
        _agree(db, row, sent)
        names = events.changed_fields(old, row, FIELDS)
        events.record(db, "guest.updated", guest_id, by=by, changed=names)
        if row["blocked"] and not old["blocked"]:
            blocking.stop_waiting(db, guest_id, by=by)
    return row


def known_by(db: Database, channel: str, address: str) -> str | None:
    """The id of the guest known by this address on this channel."""
    found: str | None = db.value(KNOWN_BY, {"channel": channel, "address": address})
    return found


def identify(db: Database, guest_id: str, channel: str, address: str) -> None:
    """Add an address that a guest is known by. Raises Conflict when it is another guest's."""
    with transaction(db):
        _identify(db, guest_id, {(channel, address)})


def _write(
    db: Database, statement: Query[StoredGuest], guest_id: str, columns: GuestColumns
) -> GuestRow:
    try:
        row = db.row(statement, {**columns, "id": guest_id, "now": db.now()})
    except UniqueViolation as error:
        field = "phone" if "phone" in str(error) else "email"
        raise conflicts.duplicate(db, field, columns) from None
    return profile.parsed(db, row)


def _noting(
    db: Database, guest_id: str, noted: consents.Consents, changes: GuestChanges, by: str | None
) -> tuple[consents.Sent, GuestChanges]:
    """The consents among the changes, and the changes with what is then noted in their place."""
    if "consents" not in changes:
        return {}, changes
    rest: GuestChanges = {**changes}
    sent = rest.pop("consents")
    rest["noted"] = consents.written(db, guest_id, noted, sent, by)
    return sent, rest


def _agree(db: Database, row: GuestRow, sent: consents.Sent) -> None:
    """Set the consents of a guest by their addresses as they are now. Raises Conflict where what was sent contradicts a STOP."""
    row["consents"] = consents.of(db, {row["id"]: row["noted"]})[row["id"]]
    consents.check(row["consents"], sent)


def _create_tags(db: Database, seq: int, tags: Sequence[str]) -> None:
    for tag in tags:
        db.run(CREATE_TAG, {"tag_key": fulltext.folded(tag), "seq": seq})


def _addresses(email_key: str | None, phone: str | None) -> set[tuple[str, str]]:
    """The (channel, address) pairs that a guest is known by for their profile's sake."""
    found = {("email", email_key)} if email_key else set()
    if phone:
        whatsapp = phone_numbers.match_key(phone) if phone.startswith("+") else phone
        found |= {("sms", phone), ("whatsapp", whatsapp)}
    return found


def _identify(db: Database, guest_id: str, addresses: set[tuple[str, str]]) -> None:
    for channel, address in sorted(addresses):
        owner = known_by(db, channel, address)
        if owner is None:
            row = {"channel": channel, "address": address, "guest_id": guest_id, "now": db.now()}
            db.run(CREATE_IDENTITY, row)
        elif owner != guest_id:
            raise conflicts.conflict("email" if channel == "email" else "phone", owner)
