"""Which guests a list is of, and in what order, where it is not simply the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.patterns import email_key
from jack.core.query import where
from jack.core.walking import Wanted
from jack.resources.guests import phone_input
from jack.resources.guests.search import long_words
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.paging import Page

# The folded name, as `guests_by_name` has it.
NAME = "substr(search_text, 1, instr(search_text || char(10), char(10)) - 1)"

# Each has an index. `seq` is in the order of creation.
SORTS = {
    "name": f"{NAME}, seq",
    "-createdAt": "seq DESC",
    "-updatedAt": "updated_at DESC, seq DESC",
    "-lastMessageAt": "last_contact_at DESC, seq DESC",
}

FILTERS = {
    "email": "email_key = :email",
    "phone": "phone = :phone",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

HAS_TAG = (
    "EXISTS (SELECT 1 FROM guest_tags WHERE tag_key = :tag{} AND guest_tags.guest_seq = guests.seq)"
)

HAS_WORDS = """EXISTS (
    SELECT 1 FROM json_each(:ways) AS way WHERE NOT EXISTS (
        SELECT 1 FROM json_each(way.value) AS part WHERE instr(search_text, part.value) = 0))"""


def wanted(
    db: Database, *, search: str | None = None, tag: Sequence[str] = (), **equal: str
) -> Wanted:
    """The guests with every word of `search`, every tag, and of `equal`: email, phone, created_since, updated_since.

    Raises Invalid for a bad phone.
    """
    conditions = [FILTERS[name] for name in equal]
    conditions += [HAS_TAG.format(number) for number in range(len(tag))]
    params: dict[str, object] = dict(equal)
    params |= {f"tag{number}": fulltext.folded(name) for number, name in enumerate(tag)}
    if "email" in equal:
        params["email"] = email_key(equal["email"])
    if "phone" in equal:
        country = settings.value(db, "hotel").get("country")
        params["phone"] = phone_input.normalised(equal["phone"], country)
    if search is not None:
        words = fulltext.folded(search).split()
        ways = long_words(search) if _is_number(search) else [words]
        conditions.append(HAS_WORDS if words else "0")
        params["ways"] = as_json(ways)
    return Wanted("guests", conditions, params, few="email" in equal or "phone" in equal)


def _is_number(search: str) -> bool:
    """Whether a search is read as a phone number, in two ways."""
    return len(long_words(search)) > 1


def page_of(db: Database, of: Wanted, sort: str, page: Page) -> tuple[list[int], int]:
    """The guests on a page, by `seq`, and how many there are."""
    source = f"FROM guests {where(of.conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", of.params)
    sql = f"SELECT seq {source} ORDER BY {SORTS[sort]} LIMIT :limit OFFSET :offset"
    bounds = {"limit": page.limit, "offset": page.offset}
    return db.column(sql, {**of.params, **bounds}), total
