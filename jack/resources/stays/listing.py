"""Which stays a list is of, in any order or from a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.stays.rows import SELECT, StayRow, StoredStay, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database

# Each has an index.
SORTS = {
    "arrival": "arrival, seq",
    "-arrival": "arrival DESC, seq DESC",
    "room": "room, arrival, seq",
}

FILTERS = {
    "external_id": "external_id = :external_id",
    "guest_id": """seq IN (
        SELECT own.seq FROM stays AS own WHERE own.guest_id = :guest_id
        UNION SELECT stay_seq FROM stay_companions WHERE stay_companions.guest_id = :guest_id)""",
    "room": "room = :room",
    # Who departs that day or comes for the day only does not stay the night.
    "on": "arrival <= :on AND departure > :on AND status NOT IN ('cancelled', 'no_show')",
    "arrival_from": "arrival >= :arrival_from",
    "arrival_to": "arrival <= :arrival_to",
    "departure_from": "departure >= :departure_from",
    "departure_to": "departure <= :departure_to",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

# With one of these there are few stays, which an index finds.
FEW = {"external_id": "stays_by_external_id", "guest_id": None}

# A word of a search stands in the stay's own text, or in that of one of its guests.
HAS_WORD = """(instr(stays.search_text, :{0}) > 0
    OR instr(coalesce((SELECT search_text FROM guests WHERE guests.id = stays.guest_id), ''), :{0}) > 0
    OR EXISTS (SELECT 1 FROM stay_companions JOIN guests ON guests.id = stay_companions.guest_id
               WHERE stay_seq = stays.seq AND instr(guests.search_text, :{0}) > 0))"""

BY_SEQ = Query[StoredStay](f"{SELECT} WHERE stays.seq IN (SELECT value FROM json_each(:seqs))")


def find(
    db: Database,
    given: Mapping[str, object],
    statuses: Sequence[str],
    sort: str,
    page: Page | Place,
) -> Listed[StayRow] | Walked[StayRow]:
    """The stays on a page or after a place that pass these filters (by their names in `FILTERS`, and `search`)."""
    wanted = _wanted(given, statuses)
    if isinstance(page, Place):
        return walk(db, wanted, page, lambda seqs: _by_seq(db, seqs))
    source = f"FROM stays {where(wanted.conditions)}"
    bounds = {"limit": page.limit, "offset": page.offset}
    sql = f"SELECT seq {source} ORDER BY {SORTS[sort]} LIMIT :limit OFFSET :offset"
    seqs = db.column(sql, {**wanted.params, **bounds})
    rows = {row["seq"]: row for row in _by_seq(db, seqs)}
    total = db.cached_count(f"SELECT count(*) {source}", wanted.params)
    return Listed([rows[seq] for seq in seqs], total, page)


def _by_seq(db: Database, seqs: Sequence[int]) -> list[StayRow]:
    """These stays, in any order."""
    return [parsed(row) for row in db.all(BY_SEQ, {"seqs": as_json(list(seqs))})] if seqs else []


def _wanted(given: Mapping[str, object], statuses: Sequence[str]) -> Wanted:
    """The stays that pass these filters, wherever they stand."""
    params = {name: value for name, value in given.items() if name != "search"}
    conditions = [FILTERS[name] for name in params]
    if statuses:
        names = [f"status{number}" for number in range(len(statuses))]
        conditions.append(f"status IN ({', '.join(f':{name}' for name in names)})")
        params |= dict(zip(names, statuses, strict=True))
    if "search" in given:
        words = list(dict.fromkeys(fulltext.folded(str(given["search"])).split()))
        params |= {f"word{number}": word for number, word in enumerate(words)}
        found = [HAS_WORD.format(f"word{number}") for number in range(len(words))]
        conditions += found or ["0"]
    few = next((name for name in FEW if name in given), None)
    index = FEW[few] if few is not None else None
    return Wanted("stays", conditions, params, few=few is not None, index=index)
