"""The statements that list and count conversations, by the filters that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core.db import as_json
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.conversations import search as conversation_search
from jack.resources.conversations.conversation_rows import SELECT, StoredConversation, all_answered
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow

# The guests of stays, by a condition on these.
STAYING = """guest_id IN (
        SELECT stays.guest_id FROM stays WHERE stays.guest_id IS NOT NULL AND {0}
        UNION SELECT stay_companions.guest_id FROM stays JOIN stay_companions ON stay_seq = stays.seq WHERE {0})"""
IN_HOUSE = "stays.status = 'in_house'"
IN_ROOM = "stays.room = :room"

# A message of it is to leave at its time.
SCHEDULED = "conversations.id IN (SELECT conversation_id FROM messages INDEXED BY messages_scheduled WHERE status = 'scheduled')"
SNOOZED = """conversations.seq IN (
        SELECT one.seq FROM conversations AS one INDEXED BY conversations_snoozed WHERE one.snoozed_until IS NOT NULL)"""

UNREAD = """conversations.inbound_count > coalesce(
        (SELECT seen.inbound_count FROM conversation_reads AS seen
         WHERE seen.conversation_id = conversations.id AND seen.staff_id = :reader), 0)"""

# Every combination of status, channel and assignee has an index of its own that is already in the order of the page.
FILTERS = {
    "status": "status = :status",
    "channel": "channel = :channel",
    "assignee": "assignee_id = :assignee",
    "unassigned": "assignee_id IS NULL",
    "guest_id": "guest_id = :guest_id",
    "waiting": "waiting_since IS NOT NULL",
    "not_waiting": "waiting_since IS NULL",
    "in_house": STAYING.format(IN_HOUSE),
    "not_in_house": f"NOT coalesce({STAYING.format(IN_HOUSE)}, 0)",
    "room": STAYING.format(
        f"{IN_ROOM} AND ({IN_HOUSE} OR (stays.status = 'booked' AND stays.departure >= :today))"
    ),
    "in_house_in_room": STAYING.format(f"{IN_ROOM} AND {IN_HOUSE}"),
    "created_since": "conversations.created_at >= :created_since",
    "updated_since": "conversations.updated_at >= :updated_since",
    "scheduled": SCHEDULED,
    "not_scheduled": f"NOT {SCHEDULED}",
    "snoozed": SNOOZED,
    "not_snoozed": f"NOT {SNOOZED}",
    "mentioned": "conversations.id IN (SELECT conversation_id FROM mentions WHERE staff_id = :mentioned)",
}

# Of these filters there is a `not_…` as well.
FLAGS = ("in_house", "waiting", "scheduled", "snoozed")

# By these a total is a sum over a table of counts, which calls nobody ''.
COUNTED = "(SELECT coalesce(sum(conversations), 0) FROM {}_counts {})"
COUNTED_BY = {
    "status": FILTERS["status"],
    "channel": FILTERS["channel"],
    "assignee": FILTERS["assignee"],
    "unassigned": "assignee_id = ''",
}
# One of the two tables knows these as well.
COUNTED_BY_WAITING = COUNTED_BY | {"waiting": "waiting = 1", "not_waiting": "waiting = 0"}

IN_ORDER = "ORDER BY active_at DESC, conversations.seq DESC LIMIT :limit OFFSET :offset"

# Few guests wait at a time, so that all of them are read.
WAITING = (
    "SELECT seq FROM conversations INDEXED BY conversations_waiting {} ORDER BY waiting_since, seq"
)


class Filters(NamedTuple):
    """Filters as they are given: by their names in `FILTERS`, `unread` by whom `params` has as the reader."""

    names: list[str]
    unread: bool | None
    params: dict[str, object]

    @classmethod
    def of(cls, reader: str | None, given: Mapping[str, str | bool | None]) -> Filters:
        """Of what a search is asked for."""
        params: dict[str, object] = {
            name: value for name, value in given.items() if value is not None
        }
        unread = params.pop("unread", None)
        flags = {name: params.pop(name) for name in FLAGS if name in params}
        names = list(params)
        if params.get("assignee") == staff.UNASSIGNED:
            names[names.index("assignee")] = "unassigned"
            del params["assignee"]
        if flags.get("in_house") and "room" in names:  # of the same stay
            names[names.index("room")] = "in_house_in_room"
            del flags["in_house"]
        names += [name if flag else f"not_{name}" for name, flag in flags.items()]
        if unread is not None:
            params["reader"] = reader
        return cls(names, None if unread is None else bool(unread), params)

    def also(self, name: str) -> Filters:
        """These, and one that needs no parameter."""
        return self._replace(names=[*self.names, name])

    @property
    def conditions(self) -> list[str]:
        """Their SQL."""
        return _conditions(self.names, self.unread)


def _conditions(names: Sequence[str], unread: bool | None) -> list[str]:
    found = [FILTERS[name] for name in names]
    if unread is not None:
        found.append(UNREAD if unread else f"NOT {UNREAD}")
    return found


def page_of(
    db: Database, wanted: Filters, reader: str | None, page: Page, total: int
) -> list[ConversationRow]:
    """The conversations of a page, of `total` that pass these filters."""
    # After the last unread one there is nothing to look for.
    limit = max(0, min(page.limit, total - page.offset))
    if page.offset:  # what is skipped need not be joined
        return by_seq(db, _seqs(db, wanted, limit, page.offset), reader)
    bounds = {**wanted.params, "reader": reader, "limit": limit, "offset": 0}
    return _rows(db, f"{SELECT} {where(wanted.conditions)} {IN_ORDER}", bounds)


def _seqs(db: Database, wanted: Filters, limit: int, offset: int) -> list[int]:
    """The conversations on a page, newest activity first, by `seq`."""
    sql = f"SELECT seq FROM conversations {where(wanted.conditions)} {IN_ORDER}"
    params = {**wanted.params, "limit": limit, "offset": offset}
    return db.cached(db.column, sql, params)


def by_seq(db: Database, seqs: Sequence[int], reader: str | None) -> list[ConversationRow]:
    """These conversations, newest activity first."""
    if not seqs:
        return []
    params = {"reader": reader, "seqs": as_json(list(seqs)), "limit": -1, "offset": 0}
    return _rows(db, f"{SELECT} {where([conversation_search.THESE])} {IN_ORDER}", params)


def _rows(db: Database, sql: str, params: Mapping[str, object]) -> list[ConversationRow]:
    return all_answered(db, db.all(Query[StoredConversation](sql), params))


def waiting_first(
    db: Database, wanted: Filters, search: str | None, page: Page, reader: str | None
) -> Listed[ConversationRow]:
    """A page of those whose guest waits, longest first, and then the others, newest activity first."""
    those = wanted.also("waiting")
    waiting: list[int] = db.column(WAITING.format(where(those.conditions)), those.params)
    others = wanted.also("not_waiting")
    if search is not None:
        hits = conversation_search.matcher(db, search)(waiting) if waiting else set()
        waiting = [seq for seq in waiting if seq in hits]
        found = conversation_search.find(
            db, search, others.conditions, others.params, Page(1, page.end)
        )
        rest, total = found.seqs, found.total
    else:
        rest = _seqs(db, others, page.end, 0)
        total = db.cached_count(total_of(others.names, wanted.unread), others.params)
    seqs = [*waiting, *rest][page.offset : page.end]
    rows = {row["seq"]: row for row in by_seq(db, seqs, reader)}
    shown = [rows[seq] for seq in seqs if seq in rows]
    return Listed(shown, len(waiting) + total, page)


def walked(
    db: Database, wanted: Filters, search: str | None, place: Place, reader: str | None
) -> Walked[ConversationRow]:
    """What comes after a place."""
    few = "guest_id" in wanted.names
    of = Wanted(
        "conversations",
        wanted.conditions,
        wanted.params,
        matching=conversation_search.matcher(db, search) if search is not None else None,
        few=few,
        index="conversations_of_guest" if few else None,
    )
    return walk(db, of, place, lambda seqs: by_seq(db, seqs, reader))


def total_of(wanted: Sequence[str], unread: bool | None = None) -> str:
    """The statement of the total of these filters: a sum over the tables of counts, where they know all that is wanted."""
    counted = COUNTED_BY_WAITING if unread is None else COUNTED_BY
    if not counted.keys() >= set(wanted):
        return f"SELECT count(*) FROM conversations {where(_conditions(wanted, unread))}"
    kept = [counted[name] for name in wanted]
    if unread is None:
        return f"SELECT {COUNTED.format('conversation', where(kept))}"
    with_inbound = COUNTED.format("conversation", where([*kept, "has_inbound = 1"]))
    read = COUNTED.format("read", where([*kept, "staff_id = :reader"]))
    if unread:
        return f"SELECT {with_inbound} - {read}"
    return f"SELECT {COUNTED.format('conversation', where([*kept, 'has_inbound = 0']))} + {read}"
