"""Guests: their profiles, the addresses they are known by, and finding them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from jack import events, text
from jack.channels import numbers
from jack.db import UniqueViolation, as_json, transaction
from jack.errors import Conflict, NotFound
from jack.guests import phones
from jack.paging import Listed, Page
from jack.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.db import Database, Row

COLUMNS = """guests.seq, guests.id, guests.name, guests.email, guests.phone, guests.tags, guests.notes,
    guests.language, guests.created_at, guests.updated_at"""

GET = f"SELECT {COLUMNS} FROM guests WHERE id = :id"

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

TAG = "INSERT OR IGNORE INTO guest_tags (tag_key, guest_seq) VALUES (:tag_key, :seq)"

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

ADDRESS_ON = """
    SELECT address FROM guest_identities
    WHERE guest_id = :guest_id AND channel = :channel
    ORDER BY created_at DESC, address
    LIMIT 1"""

# A page is a walk down one index, newest first; which one depends on what was asked.
HAS_TAGS = """
      AND NOT EXISTS (
          SELECT 1 FROM json_each(:tags) AS wanted
          WHERE NOT EXISTS (SELECT 1 FROM guest_tags WHERE tag_key = wanted.value AND guest_seq = guests.seq))"""

LONG = """
    FROM guest_search JOIN guests ON guests.seq = guest_search.rowid
    WHERE guest_search MATCH :long"""

SHORT = """
    FROM guest_grams JOIN guests ON guests.seq = guest_grams.rowid
    WHERE guest_grams MATCH :short"""

MIXED = f"""{LONG}
      AND +guest_search.rowid IN (SELECT rowid FROM guest_grams WHERE guest_grams MATCH :short)"""

TAGGED = f"""
    FROM guest_tags AS first JOIN guests ON guests.seq = first.guest_seq
    WHERE first.tag_key = :tag {HAS_TAGS}"""

TWO_TAGS = """
    FROM guest_tags AS first
    JOIN guest_tags AS second ON second.tag_key = :other AND second.guest_seq = first.guest_seq
    JOIN guests ON guests.seq = first.guest_seq
    WHERE first.tag_key = :tag"""

TWO_TAGS_COUNT = """
    SELECT count(*)
    FROM guest_tags AS first
    JOIN guest_tags AS second ON second.tag_key = :other AND second.guest_seq = first.guest_seq
    WHERE first.tag_key = :tag"""

ONE_TAG = """
    FROM guest_tags AS first JOIN guests ON guests.seq = first.guest_seq
    WHERE first.tag_key = :tag"""

EVERY = "FROM guests WHERE true"


def _page(matching: str, order: str) -> str:
    return f"SELECT {COLUMNS} {matching} ORDER BY {order} DESC LIMIT :limit OFFSET :offset"


def _count(matching: str) -> str:
    return f"SELECT count(*) {matching}"


# By what is searched for and whether tags are: the page, and the total (without the join where it adds nothing).
STATEMENTS = {
    ("", 0): (_page(EVERY, "guests.seq"), "SELECT count(*) FROM guests"),
    ("", 1): (
        _page(ONE_TAG, "first.guest_seq"),
        "SELECT count(*) FROM guest_tags WHERE tag_key = :tag",
    ),
    ("", 2): (_page(TWO_TAGS, "first.guest_seq"), TWO_TAGS_COUNT),
    ("", 3): (_page(TAGGED, "first.guest_seq"), _count(TAGGED)),
    ("long", 0): (
        _page(LONG, "guest_search.rowid"),
        "SELECT count(*) FROM guest_search WHERE guest_search MATCH :long",
    ),
    ("long", 1): (_page(LONG + HAS_TAGS, "guest_search.rowid"), _count(LONG + HAS_TAGS)),
    ("short", 0): (
        _page(SHORT, "guest_grams.rowid"),
        "SELECT count(*) FROM guest_grams WHERE guest_grams MATCH :short",
    ),
    ("short", 1): (_page(SHORT + HAS_TAGS, "guest_grams.rowid"), _count(SHORT + HAS_TAGS)),
    ("mixed", 0): (_page(MIXED, "guest_search.rowid"), _count(MIXED)),
    ("mixed", 1): (_page(MIXED + HAS_TAGS, "guest_search.rowid"), _count(MIXED + HAS_TAGS)),
}

LIKE_A_PHONE = re.compile(r"[+()./\s0-9\-]+")


def get(db: Database, guest_id: str) -> Row:
    """The guest, or NotFound."""
    row = db.one(GET, {"id": guest_id})
    if row is None:
        raise NotFound("Guest not found")
    return _shaped(row)


def several(db: Database, ids: Iterable[str]) -> list[Row]:
    """Those of these guests who are there."""
    return [_shaped(row) for row in db.all(SEVERAL, {"ids": as_json(list(ids))})]


def search(
    db: Database, *, search: str | None = None, tag: Sequence[str] = (), page: Page
) -> Listed:
    """A page of guests, newest first: every word of `search` in name, e-mail or phone, every tag."""
    words = queries(search) if search is not None else {}
    kind = "" if search is None else ("mixed" if len(words) == 2 else next(iter(words), "none"))
    tags = [text.folded(name) for name in tag]
    if kind == "none":
        return Listed([], 0, page)
    listing, counting = STATEMENTS[kind, min(len(tags), 3 if kind == "" else 1)]
    params: dict[str, Any] = dict(words)
    if tags:
        params |= {"tag": tags[0], "other": tags[-1], "tags": as_json(tags)}
    rows = db.all(listing, params | {"limit": page.limit, "offset": page.offset})
    return Listed([_shaped(row) for row in rows], db.count(counting, params), page)


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


def address_on(db: Database, guest_id: str, channel: str) -> str | None:
    """Where this guest can be reached on a channel; the newest address of several."""
    found: str | None = db.value(ADDRESS_ON, {"guest_id": guest_id, "channel": channel})
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
        phone = phones.normalised(phone, settings.value(db, "hotel").get("country"))
    searched = _search_text(given["name"], email, phone)
    return {
        **{name: given[name] for name in ("name", "email", "notes", "language")},
        "phone": phone,
        "email_key": email.casefold() if email else None,
        "tags": as_json(list(given["tags"])),
        "search_text": searched,
        "search_grams": text.grams(searched),
    }


def _search_text(name: str, email: str | None, phone: str | None) -> str:
    """One line each, so that no search matches across two of them."""
    lines = [
        text.folded(name),
        text.folded(email or ""),
        phone or "",
        phones.digits_of(phone or ""),
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
        db.run(TAG, {"tag_key": text.folded(tag), "seq": seq})


def _addresses(guest: Row) -> set[tuple[str, str]]:
    """By what a profile alone makes a guest known."""
    found = {("email", guest["email_key"])} if guest["email_key"] else set()
    if guest["phone"]:
        phone = guest["phone"]
        whatsapp = numbers.match_key(phone) if phone.startswith("+") else phone
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
        details=[{"field": field, "message": f"Already used by {first}."}],
        reason="duplicate",
    )


def queries(search: str) -> dict[str, str]:
    """The FTS5 queries of a search: `long` for words of three letters and more, `short` for the others."""
    words = text.folded(search).split()
    long = " AND ".join(_quoted(word) for word in words if len(word) > 2)
    short = " AND ".join(_quoted(word) for word in words if len(word) <= 2)
    digits = phones.digits_of(search)
    if LIKE_A_PHONE.fullmatch(search) and len(digits) > 2:
        # A number may also stand in a name (Room 12 3), where it is written just so.
        written = _quoted(text.folded(search)) if short else long
        return {"long": f"{_quoted(digits)} OR ({written})"}
    return {name: query for name, query in (("long", long), ("short", short)) if query}


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
