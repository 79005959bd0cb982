"""How SQLite answers the frequent queries: by an index, in the order of the page, never by reading a whole table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jack.channels.types import Address
from jack.core import audit, events
from jack.core.db import Database
from jack.core.paging import Page, Place
from jack.messaging import outbox, outgoing, receipts, reconciliation, threads
from jack.resources.api_keys import store as api_keys
from jack.resources.api_keys import token_format
from jack.resources.attachments import cleanup, media_download
from jack.resources.attachments import store as attachments
from jack.resources.audit import store as audit_log
from jack.resources.auth import devices, sessions
from jack.resources.auth.second_factor import totp
from jack.resources.automations import store as automations
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import (
    delivery,
    guest_messages,
    inbound_keys,
    message_listing,
    messages,
    scheduled,
    scheduling,
    sendability,
    snoozing,
    web_streams,
)
from jack.resources.conversations import store as conversations
from jack.resources.events import store as event_feed
from jack.resources.external_ids import store as erased
from jack.resources.guests import duplicates, external_ids, identities, merge
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.privacy import erasure
from jack.resources.push import payload, recipients
from jack.resources.push import queue as push_queue
from jack.resources.reports import store as reports
from jack.resources.staff import store as staff
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from jack.resources.templates import store as templates
from jack.resources.webchat import store as webchat
from jack.resources.webhooks import deliveries
from tests import builders

PAGE = Page(1, 20)
# Tables that grow with the years. Of `staff` and `settings` there are never many.
BIG = (
    "guests|guest_tags|guest_identities|conversations|conversation_reads|messages|inbound|outbox|stays|stay_companions|tasks|"
    "knowledge|events|audit|webhook_deliveries|sessions|api_key_tokens|webchat_sessions|webchat_streams|idempotency|attachments|merges|"
    "guest_external_ids|erased_external_ids|mentions|waits|closings"
)
# Of what is scheduled or snoozed there is never much, and these indexes have nothing else.
READS_ALL = re.compile(rf"SCAN ({BIG})\b(?!.* INDEX (messages_scheduled|conversations_snoozed)$)")
ASKS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b")

Queries = list[tuple[str, Any]]


@pytest.fixture
def queries(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queries]:
    """Every statement that is run while a test runs, with what stood in it."""
    found: Queries = []
    for verb in ("one", "all", "value", "run", "column"):
        usual = getattr(db, verb)

        def noted(sql: str, params: Any = {}, usual: Any = usual) -> Any:  # noqa: B006
            if ASKS.match(sql):
                found.append((sql, params))
            return usual(sql, params)

        monkeypatch.setattr(db, verb, noted)
    yield found
    monkeypatch.undo()


def plan(db: Database, sql: str, params: Any) -> list[str]:
    """What SQLite says it would do."""
    run = Database.all
    return [row["detail"] for row in run(db, f"EXPLAIN QUERY PLAN {sql}", params)]


def whole_readings(db: Database, queries: Queries) -> list[tuple[str, str]]:
    """The lines of all plans that read a big table from end to end."""
    lines = [(line, sql) for sql, params in queries for line in plan(db, sql, params)]
    return [(line, sql) for line, sql in lines if READS_ALL.match(line)]


def sortings(db: Database, queries: Queries) -> list[tuple[str, str]]:
    """The lines of all plans that sort what they found."""
    lines = [(line, sql) for sql, params in queries for line in plan(db, sql, params)]
    return [(line, sql) for line, sql in lines if "TEMP B-TREE" in line and "ORDER BY" in line]


def combinations(filters: dict[str, Any]) -> list[dict[str, Any]]:
    names = list(filters)
    sizes = range(1, len(names) + 1)
    every = itertools.chain.from_iterable(itertools.combinations(names, size) for size in sizes)
    return [{name: filters[name] for name in one} for one in every]


CONVERSATIONS = combinations({"status": "open", "channel": "web", "assignee": "staff-1"})
CONVERSATIONS += combinations({"status": "open", "channel": "web", "assignee": "unassigned"})
CONVERSATIONS += [{"guest_id": "guest-1", **more} for more in CONVERSATIONS]
TASKS = combinations(
    {"status": ["open", "blocked"], "department": "concierge", "assignee": "staff-1"}
)
TASKS += [{"guest_id": "guest-1"}, {"status": ["open"], "overdue": True}, {"overdue": True}]


@pytest.mark.parametrize("filters", CONVERSATIONS, ids=str)
def test_a_filtered_list_of_conversations(
    filters: dict[str, Any], db: Database, queries: Queries
) -> None:
    conversations.search(db, reader="staff-1", page=PAGE, **filters)
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


@pytest.mark.parametrize("filters", [{}, {"status": "open"}], ids=str)
def test_those_in_which_a_member_is_named(
    filters: dict[str, Any], db: Database, queries: Queries
) -> None:
    """They are few, and sorted where no other index has the order."""
    conversations.search(db, reader="staff-1", page=PAGE, mentioned="staff-1", **filters)
    assert whole_readings(db, queries) == []


@pytest.mark.parametrize("filters", TASKS, ids=str)
def test_a_filtered_list_of_tasks(filters: dict[str, Any], db: Database, queries: Queries) -> None:
    tasks.search(db, page=PAGE, **filters)
    assert whole_readings(db, queries) == []
    if "guest_id" not in filters:  # of one guest there are never so many that sorting them matters
        assert sortings(db, queries) == []


@pytest.mark.parametrize(
    "filters", [{"category": "faq"}, {"language": "en"}, {"category": "faq", "language": "en"}]
)
def test_a_filtered_list_of_knowledge(
    filters: dict[str, Any], db: Database, queries: Queries
) -> None:
    builders.make_entry(db, **{"category": "faq", "language": "en"} | filters)
    queries.clear()
    knowledge.search(db, page=PAGE, **filters)
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


@pytest.mark.parametrize("filters", [{"tag": ["vip"]}, {"tag": ["vip", "vegan"]}], ids=str)
def test_a_filtered_list_of_guests(filters: dict[str, Any], db: Database, queries: Queries) -> None:
    guests.search(db, page=PAGE, **filters)
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


AUDIT = combinations({"actor": "staff-1", "action": "task.*", "since": "2026", "until": "2027"})


@pytest.mark.parametrize("filters", AUDIT, ids=str)
def test_a_filtered_audit_log_is_walked_in_order(
    filters: dict[str, Any], db: Database, queries: Queries
) -> None:
    audit_log.search(db, page=PAGE, **filters)
    assert sortings(db, queries) == []
    queries.clear()
    audit_log.search(db, page=PAGE, subject="guest-1", **filters)
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


UNFILTERED: dict[str, Callable[[Database], object]] = {
    "conversations": lambda db: conversations.search(db, reader="staff-1", page=PAGE),
    "guests": lambda db: guests.search(db, page=PAGE),
    "tasks": lambda db: tasks.search(db, page=PAGE),
    "knowledge": lambda db: knowledge.search(db, page=PAGE),
    "templates": lambda db: templates.search(db, page=PAGE),
    "automations": lambda db: automations.search(db, page=PAGE),
    "staff": lambda db: staff.search(db, page=PAGE),
    "messages": lambda db: messages.search(db, "conv-1", page=PAGE),
    "messages, newest first": lambda db: messages.search(db, "conv-1", order="desc", page=PAGE),
    "messages with words": lambda db: messages.search(db, "conv-1", search="pool", page=PAGE),
    "events": lambda db: event_feed.after(db, 7, 100),
    "the audit log": lambda db: audit_log.search(db, page=PAGE),
    "the audit log by cursor": lambda db: audit_log.after(db, 7, 100),
}


def test_a_report_reads_its_days_alone(db: Database, queries: Queries) -> None:
    reports.overview(db)
    assert whole_readings(db, queries) == []


@pytest.mark.parametrize("name", UNFILTERED)
def test_a_whole_list_is_walked_in_order(name: str, db: Database, queries: Queries) -> None:
    guest = builders.make_guest(db)["id"]
    conversations.create(db, id="conv-1", guest_id=guest, channel="web")
    builders.make_entry(db)
    queries.clear()
    UNFILTERED[name](db)
    assert queries
    assert sortings(db, queries) == []


SINCE = [{"created_since": "2026"}, {"updated_since": "2026"}]
SORTED: dict[str, list[dict[str, Any]]] = {
    "guests": [
        *({"sort": sort} for sort in ("name", "-createdAt", "-updatedAt", "-lastMessageAt")),
        {"email": "a@b.example"},
        {"phone": "+34600111222"},
    ],
    "conversations": [{"waiting": True}, {"waiting": True, "status": "open"}, {"sort": "waiting"}],
    "tasks": [{"sort": "dueAt"}, {"sort": "-createdAt"}, {"room": "302"}, {"conversation_id": "c"}],
    "knowledge": [],
    "stays": [
        *({"sort": sort} for sort in ("arrival", "-arrival", "room")),
        {"sort": "arrival", "arrival_from": "2026-05-01", "arrival_to": "2026-05-01"},
        {"status": ["in_house"]},
        {"guest_id": "g"},
        {"on": "2026-05-01"},
        {"departure_from": "2026-05-01", "departure_to": "2026-05-01"},
    ],
}
STORES: dict[str, Any] = {
    "guests": guests,
    "conversations": conversations,
    "tasks": tasks,
    "knowledge": knowledge,
    "stays": stays,
}
ORDERED = [(name, asked) for name, every in SORTED.items() for asked in [*every, *SINCE]]
# In an order that its filter has no index for, what is found is sorted: few match.
SORT_FEW = {
    "room",
    "conversation_id",
    "email",
    "phone",
    "waiting",
    "created_since",
    "updated_since",
    "guest_id",
    "on",
    "departure_from",
}


@pytest.mark.parametrize(("name", "asked"), ORDERED, ids=str)
def test_a_list_in_another_order_or_since_a_time(
    name: str, asked: dict[str, Any], db: Database, queries: Queries
) -> None:
    builders.make_entry(db)
    builders.make_conversation(db)
    queries.clear()
    STORES[name].search(db, page=PAGE, **asked)
    assert queries
    whole = [(line, sql) for line, sql in whole_readings(db, queries) if "INDEX" not in line]
    if SORT_FEW & asked.keys():
        assert whole == []
    else:  # read in order, no further than the page
        assert [sql for _, sql in whole if "LIMIT" not in sql] == []
        assert [sql for _, sql in sortings(db, queries) if "json_each(:seqs)" not in sql] == []


WALKED: list[tuple[str, dict[str, Any]]] = [
    *((name, asked) for name in STORES for asked in [{}, *SINCE]),
    ("guests", {"tag": ["vip"], "search": "jo"}),
    ("conversations", {"status": "open", "channel": "web", "unread": True}),
    ("conversations", {"search": "towels"}),
    ("conversations", {"waiting": True}),
    ("conversations", {"scheduled": True}),
    ("conversations", {"snoozed": True}),
    ("tasks", {"status": ["open"], "department": "housekeeping", "overdue": True}),
    ("tasks", {"search": "towels"}),
    ("stays", {"status": ["booked"], "room": "302", "search": "smith 302"}),
    ("knowledge", {"category": "faq", "language": "en", "search": "pool"}),
]
FEW: list[tuple[str, dict[str, Any], str]] = [
    ("guests", {"email": "a@b.example"}, "email_key=?"),
    ("guests", {"phone": "+34600111222"}, "phone=?"),
    ("conversations", {"guest_id": "g"}, "conversations_of_guest"),
    ("tasks", {"guest_id": "g"}, "tasks_of_guest"),
    ("tasks", {"conversation_id": "c"}, "tasks_of_conversation"),
    ("tasks", {"room": "302"}, "tasks_by_room"),
]
both_orders = pytest.mark.parametrize("changed", [False, True], ids=["created", "changed"])


@both_orders
@pytest.mark.parametrize(("name", "asked"), WALKED, ids=str)
def test_a_cursor_is_a_place_in_an_index(
    name: str, asked: dict[str, Any], changed: bool, db: Database, queries: Queries
) -> None:
    """However far it is: what comes before it is not read, and nothing is sorted."""
    reader = {"reader": "s"} if name == "conversations" else {}
    STORES[name].search(db, page=Place(7, 20, changed), **reader, **asked)
    place = f"{name}_by_change (changed_seq>?" if changed else "INTEGER PRIMARY KEY (rowid>?"
    found = [line for sql, params in queries for line in plan(db, sql, params)]
    assert [line for line in found if line.startswith(f"SEARCH {name} ") and place in line]
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


@both_orders
@pytest.mark.parametrize(("name", "asked", "index"), FEW, ids=str)
def test_few_rows_are_found_by_their_index_from_a_cursor_too(
    name: str, asked: dict[str, Any], index: str, changed: bool, db: Database, queries: Queries
) -> None:
    STORES[name].search(db, page=Place(7, 20, changed), **asked)
    (sql, params) = next(query for query in queries if f"FROM {name} " in query[0])
    assert index in plan(db, sql, params)[0 if not changed else 2]
    assert whole_readings(db, queries) == []


@both_orders
def test_messages_from_a_cursor(changed: bool, db: Database, queries: Queries) -> None:
    talk = builders.make_conversation(db)["id"]
    queries.clear()
    message_listing.search_all(db, page=Place(7, 20, changed))
    assert sortings(db, queries) == []
    messages.search(db, talk, page=Place(0, 20, changed))
    message_listing.search_all(db, page=Place(7, 20, changed), status="scheduled")
    message_listing.search_all(db, page=Place(7, 20, changed), status="failed")
    message_listing.search_all(db, page=Place(7, 20, changed), created_since="2026")
    assert whole_readings(db, queries) == []


@pytest.mark.parametrize("asked", [{}, {"status": "read"}, {"has_files": True}], ids=str)
def test_a_guests_messages_are_found_by_their_conversations(
    asked: dict[str, Any], db: Database, queries: Queries
) -> None:
    guest = builders.make_conversation(db)["guest_id"]
    queries.clear()
    guest_messages.search(db, guest, page=PAGE, **asked)
    (query,) = (one for one in queries if one[0].lstrip().startswith("SELECT seq FROM messages"))
    assert any("(conversation_id=?" in line for line in plan(db, *query))
    assert whole_readings(db, queries) == []


def test_the_number_of_a_change_is_the_end_of_an_index(db: Database) -> None:
    """What a trigger does in a write: it is not shown in the plan of the write."""
    for name in (
        "guests",
        "conversations",
        "messages",
        "stays",
        "tasks",
        "knowledge",
        "templates",
        "automations",
        "staff",
    ):
        newest = f"SELECT changed_seq FROM {name} WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1"
        trigger = db.value(f"SELECT sql FROM sqlite_schema WHERE name = '{name}_stamped'")
        assert newest in trigger
        (line,) = plan(db, newest, {})
        assert f"USING COVERING INDEX {name}_by_change" in line


@pytest.mark.parametrize("search", ["john", "jo", "jo smith", "5551234", "o'brien"])
def test_a_search_for_guests(search: str, db: Database, queries: Queries) -> None:
    for tag in ([], ["vip"]):
        guests.search(db, search=search, tag=tag, page=PAGE)
    assert whole_readings(db, queries) == []
    assert sortings(db, queries) == []


@pytest.mark.parametrize("search", ["towels", "jo", "two towels", "5551234"])
def test_a_search_for_conversations(search: str, db: Database, queries: Queries) -> None:
    conversations.search(db, reader="staff-1", search=search, page=PAGE)
    conversations.search(db, reader="staff-1", search=search, status="open", page=PAGE)
    assert [line for line, _ in whole_readings(db, queries) if "USING INDEX" not in line] == []


WEBHOOK_PAGE = {"webhook_id": "hook-1", "status": "failed", "limit": 20, "offset": 0}

DAILY: dict[str, Callable[[Database], object]] = {
    "a request's session": lambda db: sessions.session(db, "session-1"),
    "where one is signed in": lambda db: devices.search(db, "staff-1", "session-1", page=PAGE),
    "ending one of them": lambda db: db.run(
        devices.END, {"id": "session-1", "staff_id": "staff-1", "now": "9"}
    ),
    "a second factor": lambda db: totp.get(db, "staff-1"),
    "a recovery code": lambda db: db.run(
        totp.USE_RECOVERY_CODE, {"staff_id": "staff-1", "code_hash": "x"}
    ),
    "ending all sessions": lambda db: sessions.end_sessions(db, "staff-1"),
    "a sign-in": lambda db: db.one(sessions.ACCOUNT, {"email_key": "a@b.c"}),
    "a visitor's token": lambda db: db.one(webchat.BY_TOKEN, {"token_hash": "x"}),
    "a guest by an external id": lambda db: guests.search(db, external_id="pms:1", page=PAGE),
    "a task by an external id": lambda db: tasks.search(db, external_id="wo-1", page=PAGE),
    "an entry by an external id": lambda db: knowledge.search(db, external_id="k-1", page=PAGE),
    "moving the names of a guest": lambda db: external_ids.move(
        db, ["pms:1"], "guest-1", "guest-2"
    ),
    "whether an external id was erased": lambda db: erased.check(db, "guests", "pms:1"),
    "who is known by an address": lambda db: guests.known_by(db, "email", "a@b.c"),
    "a guest's address": lambda db: identities.last_used(db, "guest-1", "web"),
    "what came before": lambda db: messages.by_event_key(db, "web:x", "1"),
    "a guest's latest conversation": lambda db: conversations.newest_of(db, "guest-1", "web"),
    "what is due": outbox.due,
    "a claim": lambda db: outbox.claim(db, "worker-1", "web"),
    "whether there is anything to claim": lambda db: outbox.ready(db, "web"),
    "leases that ran out": lambda db: outbox.expire(db, ["web"]),
    "whether a guest may be written to": lambda db: sendability.blocker(
        db, "guest-1", "whatsapp", "text"
    ),
    "what a provider said before": lambda db: receipts.record_accepted(
        db, "sms:1", "SM1", "msg-1", 0
    ),
    "how far a message is": lambda db: receipts.refresh(db, "msg-1"),
    "forgetting receipts": receipts.delete_expired,
    "unknown_sends to look into": lambda db: reconciliation.due(db, 4),
    "how an account is": lambda db: accounts.get(db, "sms:1"),
    "whether it came before": lambda db: db.value(
        inbound_keys.EXISTS, {"account": "sms:1", "event_key": "SM1"}
    ),
    "a message by the provider's name": lambda db: db.value(
        threads.RECEIVED_MESSAGE, {"account": "sms:1", "provider_id": "SM1"}
    ),
    "where to answer": lambda db: identities.last_used(db, "guest-1", "sms"),
    "an unproven address": lambda db: identities.prove(
        db, "guest-1", "email", Address("a@x.example", "a@x.example"), written_at="9"
    ),
    "what is snoozed and due": snoozing.wake_due,
    "snoozed conversations": lambda db: conversations.search(
        db, reader="staff-1", snoozed=True, page=PAGE
    ),
    "what is scheduled and due": scheduling.leave_due,
    "what a guest's message cancels": lambda db: scheduled.cancel_by_reply(db, "guest-1"),
    "conversations with something scheduled": lambda db: conversations.search(
        db, reader="staff-1", scheduled=True, page=PAGE
    ),
    "a late mail": lambda db: delivery.set_delayed(db, "msg-1", {"since": "9"}),
    "a returned mail": lambda db: delivery.set_bounce(db, "msg-1", {"code": "5.1.1"}),
    "what to answer": lambda db: db.one(
        outgoing.LAST_INBOUND, {"conversation_id": "conv-1", "account": "sms:1"}
    ),
    "the edges of events": events.edges,
    "forgetting the audit log": audit.delete_expired,
    "forgetting events": lambda db: events.delete_expired(db, before="2026"),
    "forgetting sessions": sessions.delete_expired,
    "forgetting chats": webchat.delete_expired,
    "files of messages": lambda db: attachments.of_messages(db, ["msg-1", "msg-2"]),
    "files to send": lambda db: attachments.to_send(db, "msg-1"),
    "a visitor's file": lambda db: db.one(attachments.OF_STREAM, {"id": "x", "stream_id": "y"}),
    "who a web message is for": lambda db: web_streams.visitor(db, "conv-1"),
    "whom the web chat reaches": lambda db: db.all(
        web_streams.OF_GUEST, {"guest_id": "guest-1", "now": "9"}
    ),
    "files to fetch": media_download.claim_due,
    "taking files to fetch": lambda db: db.all(
        media_download.CLAIM, {"now": "9", "limit": 4, "until": "9"}
    ),
    "files given up": lambda db: db.all(media_download.GIVE_UP, {"now": "9", "before": "0"}),
    "room for a file": lambda db: db.value(media_download.USED, {"message_id": "msg-1"}),
    "uploads nobody sent": cleanup.cleanup,
    "files somebody names": lambda db: db.all(cleanup.NAMED, {"files": '["a"]'}),
    "forgetting merges": merge.delete_expired,
    "what webhooks are due": deliveries.due_webhooks,
    "whether there is something to push": recipients.has_news,
    "what is to be pushed": lambda db: db.all(recipients.EVENTS, {"after": 7, "limit": 9}),
    "late tasks to push": lambda db: db.all(recipients.OVERDUE, {"after": "2", "now": "9"}),
    "whether a push is due": push_queue.is_due,
    "a guest's push": lambda db: db.one(payload.GUEST, {"id": "conv-1", "message_id": "msg-1"}),
    "a mention's push": lambda db: db.one(payload.MENTION, {"id": "conv-1", "staff_id": "staff-1"}),
    "what a webhook is due": lambda db: deliveries.due(db, "hook-1", 4, [7]),
    "a webhook's deliveries": lambda db: db.all(deliveries.PAGE, WEBHOOK_PAGE),
    "all of a webhook's deliveries": lambda db: db.all(deliveries.PAGE_OF_ALL, WEBHOOK_PAGE),
    "how many deliveries": lambda db: db.value(
        deliveries.COUNT, {"webhook_id": "hook-1", "statuses": '["failed"]'}
    ),
    "deliveries once more": lambda db: db.run(
        deliveries.ALL_AGAIN, {"webhook_id": "hook-1", "status": "failed", "since": "2", "now": "9"}
    ),
    "forgetting deliveries": deliveries.delete_expired,
}


@pytest.mark.parametrize("name", DAILY)
def test_what_happens_all_day_reads_no_whole_table(
    name: str, db: Database, queries: Queries
) -> None:
    db.run("PRAGMA foreign_keys = OFF")
    DAILY[name](db)
    assert queries
    assert whole_readings(db, queries) == []


def test_a_visitors_poll_reads_no_whole_table(db: Database, queries: Queries) -> None:
    session, token = builders.make_visitor(db)
    webchat.receive(db, session, content="Hola", client_message_id="1")
    webchat.messages_after(db, session, after=0, limit=50)
    webchat.mark_read(db, session, 1)
    webchat.recognise(db, token)
    assert whole_readings(db, queries) == []


def test_single_things_are_found_by_their_id(db: Database, queries: Queries) -> None:
    conversation = builders.make_conversation(db)
    task = builders.make_task(db, conversation_id=conversation["id"])
    stay = builders.make_stay(db)
    entry = builders.make_entry(db)
    member = builders.make_member(db)
    queries.clear()
    conversations.get(db, conversation["id"], reader=member["id"])
    guests.get(db, conversation["guest_id"])
    tasks.get(db, task["id"])
    stays.get(db, stay["id"])
    knowledge.get(db, entry["id"])
    staff.get(db, member["id"])
    # Of the guest and of the conversation the stay is looked up as well, of the guest whether anybody has opted out.
    assert len(queries) == 9
    assert whole_readings(db, queries) == []


def test_a_key_is_found_by_its_token_and_ended_tokens_by_their_end(
    db: Database, queries: Queries
) -> None:
    key = api_keys.create(db, name="PMS", scopes=["guests:read"])
    queries.clear()
    api_keys.of_token(db, token_format.hash_of(key["token"]))
    api_keys.rotate(db, key["id"], grace_hours=1)
    api_keys.delete_expired(db)
    assert len(queries) > 5
    assert whole_readings(db, queries) == []


def test_who_may_be_the_same_is_found_by_indexes(db: Database, queries: Queries) -> None:
    guest = builders.make_guest(db, name="Ana", phone="+34600111222", email="ana@x.example")
    queries.clear()
    duplicates.search(db, guest["id"])
    assert len(queries) > 5
    assert whole_readings(db, queries) == []


def test_a_merge_its_undo_and_an_erasure_read_no_whole_table(
    db: Database, queries: Queries
) -> None:
    kept, other = (builders.make_guest(db)["id"] for _ in range(2))
    queries.clear()
    made = merge.merge(db, kept, other)
    merge.undo(db, kept, made["id"])
    assert whole_readings(db, queries) == []
    queries.clear()
    erasure.erase(db, kept)
    # Kept answers are read for the name; they are a day's.
    assert {line.split()[1] for line, _ in whole_readings(db, queries)} <= {"idempotency"}
