"""Guests: their profiles, the addresses they are known by, and finding them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from jack.channels import phone_numbers
from jack.core import events, fulltext
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.sqlite import UniqueViolation
from jack.resources.guests import phone_input
from jack.resources.guests import search as finding
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database, Row

COLUMNS = """guests.seq, guests.id, guests.name, guests.email, guests.phone, guests.tags, guests.notes,
    guests.language, guests.created_at, guests.updated_at"""

GET = f"SELECT {COLUMNS} FROM guests WHERE id = :id"

EXISTS = "SELECT 1 FROM guests WHERE id = :id"

SEVERAL = f"SELECT {COLUMNS} FROM guests WHERE id IN (SELECT value FROM json_each(:ids))"

CREATE = f"""
    INSERT INTO guests (id, name, email, email_key, phone, tags, notes, language,
                        search_text, search_grams, created_at, updated_at)
    VALUES (:id, :name, :email, :email_key, :phone, :tags, :notes, :language,
            :search_text, :search_grams, :now, :now)
    RETURNING {COLUMNS}"""

CHANGE = f"""
    UPDATE guests
    SET name = :name, email = :email, email_key = :email_key, phone = :phone, tags = :tags, notes = :notes,
        language = :language, search_text = :search_text, search_grams = :search_grams, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}"""

TAG = "INSERT INTO guest_tags (tag_key, guest_seq) VALUES (:tag_key, :seq) ON CONFLICT DO NOTHING"

UNTAG = "DELETE FROM guest_tags WHERE guest_seq = :seq"

IDENTIFY = """
    INSERT INTO guest_identities (channel, address, guest_id, created_at)
    VALUES (:channel, :address, :guest_id, :now)"""

# What was typed in can be taken out again; from where they have really written stays theirs.
UNIDENTIFY = """
    DELETE FROM guest_identities
    WHERE channel = :channel AND address = :address AND guest_id = :guest_id AND verbatim IS NULL"""

KNOWN_BY = """
    SELECT guest_id FROM guest_identities
    WHERE channel = :channel AND address = :address"""

EVERYBODY = f"SELECT {COLUMNS} FROM guests ORDER BY seq DESC LIMIT :limit OFFSET :offset"
# Every guest is in the index of the search, whose table of sizes is much narrower than any other.
HOW_MANY = "SELECT count(*) FROM guest_search_docsize"

TAGGED = f"""
    SELECT {COLUMNS} FROM guests
    WHERE seq IN (
        SELECT guest_seq FROM guest_tags WHERE tag_key = :tag ORDER BY guest_seq DESC LIMIT :limit OFFSET :offset)
    ORDER BY seq DESC"""

SHOWN = f"""
    SELECT {COLUMNS} FROM guests
    WHERE seq IN (SELECT value FROM json_each(:seqs))
    ORDER BY seq DESC"""


def get(db: Database, guest_id: str) -> Row:
    """The guest, or NotFound."""
    row = db.one(GET, {"id": guest_id})
    if row is None:
        raise NotFound("Guest not found")
    return _shaped(row)


def exists(db: Database, guest_id: str) -> bool:
    """Whether there is such a guest."""
    return db.value(EXISTS, {"id": guest_id}) is not None


def check(db: Database, guest_id: str, field: str = "guestId") -> None:
    """Raise Invalid, of the field that names them, unless there is such a guest."""
    if not exists(db, guest_id):
        raise Invalid.field(field, "no_such", "No such guest.")


def several(db: Database, ids: Iterable[str]) -> list[Row]:
    """Those of these guests who are there."""
    return [_shaped(row) for row in db.all(SEVERAL, {"ids": as_json(list(ids))})]


def search(
    db: Database, *, search: str | None = None, tag: Sequence[str] = (), page: Page
) -> Listed[Row]:
    """A page of guests, newest first: every word of `search` in name, e-mail or phone, every tag."""
    if search is None and len(tag) < 2:
        return _listed(db, tag, page)
    found = finding.find(db, search, tag, page)
    rows = db.all(SHOWN, {"seqs": as_json(found.on(page))})
    return Listed([_shaped(row) for row in rows], found.total, page, found.at_least)


def _listed(db: Database, tag: Sequence[str], page: Page) -> Listed[Row]:
    """A page of everybody, or of those with one tag."""
    bounds = {"limit": page.limit, "offset": page.offset}
    params = {"tag": fulltext.folded(tag[0])} if tag else {}
    rows = db.all(TAGGED if tag else EVERYBODY, {**params, **bounds})
    total = db.cached_count(finding.TAGGED if tag else HOW_MANY, params)
    return Listed([_shaped(row) for row in rows], total, page)


def create(
    db: Database,
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    language: str | None = None,
    id: str | None = None,
    by: str | None = None,
    dialled: bool = False,
) -> Row:
    """A new guest. Raises Conflict, naming the first, when e-mail or phone is another's.

    `dialled`: the phone is as a provider says, and not to be read as people type.
    """
    given = {
        "name": name,
        "email": email,
        "phone": phone,
        "tags": tags,
        "notes": notes,
        "language": language,
    }
    with transaction(db):
        wanted = _stored(db, given, typed=not dialled) | {"id": id or db.new_id("guest")}
        row = _written(db, CREATE, wanted)
        _tag(db, row["seq"], tags)
        _identify(db, wanted["id"], _addresses(wanted))
        events.record(db, "guest.created", wanted["id"], by=by)
    return row


def change(
    db: Database, guest_id: str, *, dialled: bool = False, by: str | None = None, **changes: Any
) -> Row:
    """Change a guest. Raises NotFound, or Conflict when e-mail or phone is another's. `dialled` is as of `create`."""
    with transaction(db):
        found = get(db, guest_id)
        before = _addresses(found | {"email_key": found["email"] and found["email"].casefold()})
        wanted = _stored(db, found | changes, typed="phone" in changes and not dialled) | {
            "id": guest_id
        }
        row = _written(db, CHANGE, wanted)
        if "tags" in changes:
            db.run(UNTAG, {"seq": row["seq"]})
            _tag(db, row["seq"], row["tags"])
        after = _addresses(wanted)
        for channel, address in before - after:
            db.run(UNIDENTIFY, {"channel": channel, "address": address, "guest_id": guest_id})
        _identify(db, guest_id, after - before)
        events.record(db, "guest.changed", guest_id, by=by)
    return row


def known_by(db: Database, channel: str, address: str) -> str | None:
    """The id of the guest known by this address on this channel."""
    found: str | None = db.value(KNOWN_BY, {"channel": channel, "address": address})
    return found


def identify(db: Database, guest_id: str, channel: str, address: str) -> None:
    """Note that a guest is known by one more address. Raises Conflict when somebody else is."""
    with transaction(db):
        _identify(db, guest_id, {(channel, address)})


def _shaped(row: Row) -> Row:
    row["tags"] = orjson.loads(row["tags"])
    return row


def _stored(db: Database, given: Row, *, typed: bool) -> Row:
    """The columns of a guest with these fields; `typed` when the phone is as somebody wrote it."""
    email, phone = given["email"], given["phone"]
    if phone is not None and typed:
        phone = phone_input.normalised(phone, settings.value(db, "hotel").get("country"))
    searched = _search_text(given["name"], email, phone)
    return {
        **{name: given[name] for name in ("name", "email", "notes", "language")},
        "phone": phone,
        "email_key": email.casefold() if email else None,
        "tags": as_json(list(given["tags"])),
        "search_text": searched,
        "search_grams": fulltext.grams(searched),
    }


def _search_text(name: str, email: str | None, phone: str | None) -> str:
    """One line each, so that no search matches across two of them."""
    lines = [
        fulltext.folded(name),
        fulltext.folded(email or ""),
        phone or "",
        phone_input.digits_of(phone or ""),
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _written(db: Database, statement: str, wanted: Row) -> Row:
    try:
        row = db.row(statement, wanted | {"now": db.now()})
    except UniqueViolation as error:
        field = "phone" if "phone" in str(error) else "email"
        raise _taken(db, field, wanted) from None
    return _shaped(row)


def _tag(db: Database, seq: int, tags: Sequence[str]) -> None:
    for tag in tags:
        db.run(TAG, {"tag_key": fulltext.folded(tag), "seq": seq})


def _addresses(guest: Row) -> set[tuple[str, str]]:
    """By what a profile alone makes a guest known."""
    found = {("email", guest["email_key"])} if guest["email_key"] else set()
    if guest["phone"]:
        phone = guest["phone"]
        whatsapp = phone_numbers.match_key(phone) if phone.startswith("+") else phone
        found |= {("sms", phone), ("whatsapp", whatsapp)}
    return found


def _identify(db: Database, guest_id: str, addresses: set[tuple[str, str]]) -> None:
    for channel, address in sorted(addresses):
        owner = known_by(db, channel, address)
        if owner is None:
            row = {"channel": channel, "address": address, "guest_id": guest_id, "now": db.now()}
            db.run(IDENTIFY, row)
        elif owner != guest_id:
            raise _conflict("email" if channel == "email" else "phone", owner)


def _taken(db: Database, field: str, wanted: Row) -> Conflict:
    column = {"email": "email_key", "phone": "phone"}[field]
    first = db.value(f"SELECT id FROM guests WHERE {column} = :value", {"value": wanted[column]})
    return _conflict(field, first)


def _conflict(field: str, first: str) -> Conflict:
    name = {"email": "e-mail", "phone": "phone"}[field]
    return Conflict(
        f"A guest with this {name} exists already: {first}",
        details=[{"field": field, "message": f"Already used by {first}.", "code": "taken"}],
        reason="duplicate",
    )
