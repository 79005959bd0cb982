"""Guests: their profiles, and the addresses they are known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from jack.channels import phone_numbers
from jack.core import events, fulltext, pairs
from jack.core.db import as_json, transaction
from jack.core.errors import Gone, Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.core.sqlite import UniqueViolation
from jack.resources.guests import blocking, conflicts, merged, profile
from jack.resources.guests import external_ids as guest_ids
from jack.resources.guests import search as guest_search
from jack.resources.guests.rows import COLUMNS, GuestColumns, GuestProfile, GuestRow, StoredGuest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database
    from jack.core.pairs import PairChanges
    from jack.resources.guests.rows import GuestChanges

GET = Query[StoredGuest](f"SELECT {COLUMNS} FROM guests WHERE id = :id")

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
)

EXISTS = "SELECT 1 FROM guests WHERE id = :id"

GET_MANY = Query[StoredGuest](
    f"SELECT {COLUMNS} FROM guests WHERE id IN (SELECT value FROM json_each(:ids))"
)

CREATE = Query[StoredGuest](f"""
    INSERT INTO guests (id, name, email, email_key, phone, tags, notes, language, external_ids, metadata,
                        blocked, search_text, search_grams, created_at, updated_at)
    VALUES (:id, :name, :email, :email_key, :phone, :tags, :notes, :language, :ids, :metadata,
            :blocked, :search_text, :search_grams, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredGuest](f"""
    UPDATE guests
    SET name = :name, email = :email, email_key = CASE WHEN email IS :email THEN email_key ELSE :email_key END, phone = :phone, tags = :tags, notes = :notes,
        language = :language, external_ids = :ids, metadata = :metadata, blocked = :blocked,
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

ALL = Query[StoredGuest](
    f"SELECT {COLUMNS} FROM guests ORDER BY seq DESC LIMIT :limit OFFSET :offset"
)

# The search index has a row for every guest, and its table of sizes is the narrowest there is to count.
COUNT = "SELECT count(*) FROM guest_search_docsize"

TAGGED = Query[StoredGuest](f"""
    SELECT {COLUMNS} FROM guests
    WHERE seq IN (
        SELECT guest_seq FROM guest_tags WHERE tag_key = :tag ORDER BY guest_seq DESC LIMIT :limit OFFSET :offset)
    ORDER BY seq DESC""")

BY_SEQ = Query[StoredGuest](f"""
    SELECT {COLUMNS} FROM guests
    WHERE seq IN (SELECT value FROM json_each(:seqs))
    ORDER BY seq DESC""")


def get(db: Database, guest_id: str) -> GuestRow:
    """The guest. Raises NotFound, or Gone for one who was merged into another."""
    row = db.one(GET, {"id": guest_id})
    if row is None:
        raise _absent(db, guest_id)
    return profile.parsed(row)


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
    return [profile.parsed(row) for row in db.all(GET_MANY, {"ids": as_json(list(ids))})]


def search(
    db: Database,
    *,
    search: str | None = None,
    tag: Sequence[str] = (),
    external_id: str | None = None,
    page: Page,
) -> Listed[GuestRow]:
    """A page of guests, newest first: every word of `search` in name, e-mail or phone, every tag, this external id."""
    if external_id is not None:
        return _called(db, external_id, search, tag, page)
    if search is None and len(tag) < 2:
        return _listed(db, tag, page)
    found = guest_search.find(db, search, tag, page)
    rows = db.all(BY_SEQ, {"seqs": as_json(found.on(page))})
    return Listed([profile.parsed(row) for row in rows], found.total, page, found.at_least)


def _called(
    db: Database, external_id: str, search: str | None, tag: Sequence[str], page: Page
) -> Listed[GuestRow]:
    """The guest whom another program calls so, if they match the rest."""
    guest_id = guest_ids.find(db, external_id)
    found = [] if guest_id is None else [get(db, guest_id)]
    rows = [guest for guest in found if guest_search.matches(db, guest["seq"], search, tag)]
    return Listed(rows[page.offset : page.end], len(rows), page)


def _listed(db: Database, tag: Sequence[str], page: Page) -> Listed[GuestRow]:
    """A page of everybody, or of those with one tag."""
    bounds = {"limit": page.limit, "offset": page.offset}
    params = {"tag": fulltext.folded(tag[0])} if tag else {}
    rows = db.all(TAGGED if tag else ALL, {**params, **bounds})
    total = db.cached_count(guest_search.TAGGED if tag else COUNT, params)
    return Listed([profile.parsed(row) for row in rows], total, page)


def create(
    db: Database,
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    language: str | None = None,
    external_id: str | None = None,
    external_ids: PairChanges | None = None,
    metadata: PairChanges | None = None,
    blocked: bool = False,
    id: str | None = None,
    by: str | None = None,
    dialled: bool = False,
) -> GuestRow:
    """A new guest. Raises Conflict, naming the other guest, when e-mail or phone is another's; Invalid for a bad phone.

    `dialled`: the phone is a provider's, in E.164 or as it is, and is stored unchanged; else it is read as staff type it.
    """
    linked: GuestChanges = {"external_id": external_id, "external_ids": external_ids or {}}
    wanted: GuestProfile = {
        "name": name,
        "email": email,
        "phone": phone,
        "tags": list(tags),
        "notes": notes,
        "language": language,
        "ids": guest_ids.changed({}, linked),
        "metadata": pairs.merged_metadata({}, metadata),
        "blocked": blocked,
    }
    with transaction(db):
        guest_id = id or db.new_id("guest")
        columns = profile.columns(db, wanted, typed=not dialled)
        row = _write(db, CREATE, guest_id, columns)
        guest_ids.assign(db, guest_id, {}, row["ids"])
        _create_tags(db, row["seq"], tags)
        _identify(db, guest_id, _addresses(columns["email_key"], columns["phone"]))
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
        before = _addresses(row["email"] and email_key(row["email"]), row["phone"])
        changed = profile.changed(row, changes)
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
    return profile.parsed(row)


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
