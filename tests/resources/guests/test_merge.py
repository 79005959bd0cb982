"""Two profiles made one, and two again: everything moves, comes back, and nothing else does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.integrity import problems
from jack.core.paging import Page
from jack.core.reader import Row
from jack.resources.conversations import messages, opt_outs, sendability
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge, store
from jack.resources.privacy import erasure
from jack.resources.tasks import store as tasks
from jack.resources.webchat import store as webchat
from tests.builders import make_guest, make_member, make_task, make_visitor
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

DAY = 86_400
TABLES = (
    "guests", "guest_identities", "guest_tags", "conversations", "messages", "tasks", "webchat_sessions", "merges",
)  # fmt: skip


class Pair:
    """Two guests with all a guest can have."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.kept = str(make_guest(db, name="Ana", email="ana@x.example", tags=["vip"])["id"])
        session, self.token = make_visitor(db, name="Ana L.")
        said, _ = webchat.receive(db, session, content="Hola", client_message_id="1")
        self.session, self.conversation = session, str(said["conversation_id"])
        self.other = str(conversations.get(db, self.conversation)["guest_id"])
        profile = {"phone": "+5215512345678", "notes": "Nuts!", "tags": ["VIP", "late"], "language": "es"}  # fmt: skip
        store.change(db, self.other, **profile)
        self.task = str(make_task(db, guest_id=self.other)["id"])
        self.own_task = str(make_task(db, guest_id=self.kept)["id"])

    def merge(self) -> Row:
        return merge.merge(self.db, self.kept, self.other)

    def undo(self, made: Row) -> Row:
        return merge.undo(self.db, self.kept, made["id"])

    def say(self, key: str) -> Row:
        """The visitor writes once more."""
        return webchat.receive(self.db, self.session, content="And?", client_message_id=key)[0]

    def author(self, message_id: str) -> str | None:
        return messages.get(self.db, message_id)["author"]["id"]


@pytest.fixture
def pair(db: Database) -> Pair:
    return Pair(db)


def everything(db: Database) -> dict[str, list[Row]]:
    """All rows but for when they were touched."""
    found = {}
    for name in TABLES:
        rows = db.all(f"SELECT * FROM {name}")
        for row in rows:
            row.pop("updated_at", None)
            row.pop("changed_seq", None)
        found[name] = sorted(rows, key=repr)
    return found


# ------------------------------------------------------------------------------------------------ merging


def test_all_that_is_the_others_moves_and_the_other_is_gone(db: Database, pair: Pair) -> None:
    made = pair.merge()
    guest = made["guest"]
    assert guest["id"] == pair.kept
    assert (guest["name"], guest["email"]) == ("Ana", "ana@x.example")
    assert (guest["phone"], guest["notes"]) == ("+5215512345678", "Nuts!")
    assert (guest["language"], guest["tags"]) == ("es", ["vip", "late"])
    assert conversations.get(db, pair.conversation)["guest"] == {"id": pair.kept, "name": "Ana"}
    assert {row["author_id"] for row in db.all("SELECT author_id FROM messages")} == {pair.kept}
    assert tasks.get(db, pair.task)["guest_id"] == pair.kept
    assert store.known_by(db, "sms", "+5215512345678") == pair.kept
    assert store.known_by(db, "web", pair.session) == pair.kept
    with pytest.raises(NotFound):
        store.get(db, pair.other)
    assert problems(db) == []
    found = store.search(db, search="5512345678", page=Page())
    assert [row["id"] for row in found.rows] == [pair.kept]


def test_the_visitor_goes_on_as_the_one_who_stayed(db: Database, pair: Pair) -> None:
    pair.merge()
    said = pair.say("2")
    assert said["conversation_id"] == pair.conversation
    assert pair.author(said["id"]) == pair.kept
    rows, _ = webchat.messages_after(db, pair.session, after=0, limit=50)
    assert len(rows) == 2


def test_what_both_have_stays_and_both_addresses_are_known(db: Database, pair: Pair) -> None:
    store.change(db, pair.other, email="other@x.example")
    store.change(db, pair.kept, phone="+34600111222", notes="Quiet room", language="en")
    guest = pair.merge()["guest"]
    assert (guest["email"], guest["phone"]) == ("ana@x.example", "+34600111222")
    assert (guest["notes"], guest["language"]) == ("Quiet room\n\nNuts!", "en")
    assert store.known_by(db, "email", "other@x.example") == pair.kept
    assert store.known_by(db, "whatsapp", "+525512345678") == pair.kept
    with pytest.raises(Conflict):
        make_guest(db, email="Other@x.example")


def test_notes_too_long_together_stay_as_they_are(db: Database, pair: Pair) -> None:
    store.change(db, pair.kept, notes="x" * 9_999)
    assert pair.merge()["guest"]["notes"] == "x" * 9_999


def test_events_of_a_merge_are_recorded(db: Database, pair: Pair) -> None:
    before = db.value("SELECT max(seq) FROM events")
    by = str(make_member(db)["id"])
    merge.merge(db, pair.kept, pair.other, by=by)
    rows = db.all("SELECT type, subject_id FROM events WHERE seq > :before AND actor_id = :by", {"before": before, "by": by})  # fmt: skip
    recorded = [(row["type"], row["subject_id"]) for row in rows]
    assert ("guest.merged", pair.kept) in recorded
    assert ("conversation.updated", pair.conversation) in recorded


@pytest.mark.parametrize("other", ["guest-none", "", "conv-1"])
def test_an_unknown_other_is_refused(other: str, db: Database, pair: Pair) -> None:
    before = everything(db)
    with pytest.raises(Invalid):
        merge.merge(db, pair.kept, other)
    with pytest.raises(Invalid):
        merge.merge(db, pair.kept, pair.kept)
    for one in (pair.other, "guest-none"):
        with pytest.raises(NotFound):
            merge.merge(db, "guest-none", one)
    assert everything(db) == before


def test_two_who_are_merged_both_ways_at_once_become_one(db: Database, pair: Pair) -> None:
    barrier, done = threading.Barrier(6), []

    def go(kept: str, other: str) -> None:
        own = Database(db.path)
        barrier.wait()
        try:
            done.append(merge.merge(own, kept, other)["guest"]["id"])
        except (NotFound, Invalid) as error:
            done.append(type(error))
        own.close()

    ways = [(pair.kept, pair.other), (pair.other, pair.kept)] * 3
    threads = [threading.Thread(target=go, args=way, daemon=True) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 6
    (winner,) = [one for one in done if isinstance(one, str)]
    assert [row["id"] for row in db.all("SELECT id FROM guests")] == [winner]
    assert db.value("SELECT count(*) FROM merges") == 1
    assert problems(db) == []


# ------------------------------------------------------------------------------------------------ undoing


def test_an_undo_brings_back_exactly_what_was(db: Database, pair: Pair) -> None:
    db.run(
        "UPDATE guest_identities SET verbatim = 'whatsapp:x', last_inbound_at = created_at"
        " WHERE guest_id = :other",
        {"other": pair.other},
    )
    before = everything(db)
    made = pair.merge()
    assert everything(db) != before
    answer = pair.undo(made)
    assert everything(db) == before
    assert answer["guest"]["id"] == pair.kept
    assert answer["restored"]["id"] == pair.other
    assert problems(db) == []
    with pytest.raises(NotFound):
        pair.undo(made)


def test_a_wish_to_hear_no_more_goes_to_and_fro_with_its_address(db: Database, pair: Pair) -> None:
    def stopped() -> list[bool]:
        return [
            bool(sendability.blocker(db, one, "sms", "text")) for one in (pair.kept, pair.other)
        ]

    store.change(db, pair.kept, phone="+15557654321")
    store.change(db, pair.other, phone="+15551234567")
    opt_outs.stop(db, "sms", "+15551234567", "sms:AC1")
    assert stopped() == [False, True]
    made = pair.merge()
    assert stopped() == [True, False]
    pair.undo(made)
    assert stopped() == [False, True]
    merged = pair.merge()["guest"]["id"]
    erasure.erase(db, merged)
    again = make_guest(db, phone="+15551234567")["id"]
    assert sendability.blocker(db, again, "sms", "text") is not None


def test_with_both_emails_too(db: Database, pair: Pair) -> None:
    store.change(db, pair.other, email="other@x.example")
    store.change(db, pair.kept, email=None, notes="Quiet room")
    before = everything(db)
    made = pair.merge()
    assert made["guest"]["email"] == "other@x.example"
    pair.undo(made)
    assert everything(db) == before


def test_what_came_since_stays_with_the_one_who_stayed(db: Database, pair: Pair) -> None:
    made = pair.merge()
    later = conversations.create(db, guest_id=pair.kept, channel="sms")
    task = make_task(db, guest_id=pair.kept)
    store.identify(db, pair.kept, "sms", "+49111222333")
    store.change(db, pair.kept, notes="Staff wrote this since", tags=["vip", "late", "new"])
    answer = pair.undo(made)
    assert conversations.get(db, later["id"])["guest_id"] == pair.kept
    assert tasks.get(db, task["id"])["guest_id"] == pair.kept
    assert tasks.get(db, pair.own_task)["guest_id"] == pair.kept
    assert store.known_by(db, "sms", "+49111222333") == pair.kept
    assert answer["guest"]["notes"] == "Staff wrote this since"
    assert answer["guest"]["tags"] == ["vip", "new"]
    assert answer["guest"]["phone"] is None
    assert answer["restored"]["notes"] == "Nuts!"
    assert answer["restored"]["tags"] == ["VIP", "late"]


def test_a_conversation_goes_back_whole(db: Database, pair: Pair) -> None:
    made = pair.merge()
    since = pair.say("2")
    pair.undo(made)
    assert conversations.get(db, pair.conversation)["guest_id"] == pair.other
    assert pair.author(since["id"]) == pair.other
    assert pair.say("3")["conversation_id"] == pair.conversation


def test_what_somebody_else_has_by_now_stops_it(db: Database, pair: Pair) -> None:
    made = pair.merge()
    store.change(db, pair.kept, phone="+34600111222")
    third = make_guest(db, phone="+5215512345678")
    before = everything(db)
    with pytest.raises(Conflict, match=third["id"]):
        pair.undo(made)
    assert everything(db) == before
    store.change(db, third["id"], phone=None)
    assert pair.undo(made)["restored"]["phone"] == "+5215512345678"


def test_it_can_be_undone_for_thirty_days_and_is_forgotten_then(
    db: Database, pair: Pair, clock: Clock
) -> None:
    made = pair.merge()
    clock.move(30 * DAY - 1)
    merge.delete_expired(db)
    assert db.value("SELECT count(*) FROM merges") == 1
    clock.move(2)
    with pytest.raises(NotFound):
        pair.undo(made)
    merge.delete_expired(db)
    assert db.value("SELECT count(*) FROM merges") == 0


def test_merges_are_undone_one_inside_the_other(db: Database, pair: Pair) -> None:
    third = str(make_guest(db, name="Third")["id"])
    before = everything(db)
    inner = pair.merge()
    outer = merge.merge(db, third, pair.kept)
    assert conversations.get(db, pair.conversation)["guest_id"] == third
    with pytest.raises(NotFound):
        pair.undo(inner)  # the one who stayed is not there now
    merge.undo(db, third, outer["id"])
    pair.undo(inner)
    assert everything(db) == before


def test_a_place_in_time_given_away_is_not_taken_back(db: Database, pair: Pair) -> None:
    made = pair.merge()
    new = make_guest(db, name="New")
    assert pair.undo(made)["restored"]["id"] == pair.other
    assert store.get(db, new["id"])["name"] == "New"
    assert problems(db) == []


# ------------------------------------------------------------------------------------------------ erasing


@pytest.mark.parametrize("twice", [False, True])
def test_to_erase_the_one_who_stayed_erases_the_other_too(
    twice: bool, db: Database, tmp_path: Path
) -> None:
    words = ("quixworth", "+34600987654", "wombats", "xylophonist", "zebby@x.example")
    kept, other = make_guest(db, name="Ana"), make_guest(
        db, name="Zeb Quixworth", phone="+34600987654", notes="wombats", tags=["xylophonist"],
        email="zebby@x.example",
    )  # fmt: skip
    merge.merge(db, kept["id"], other["id"])
    last = kept["id"]
    if twice:
        last = str(make_guest(db, name="Bea")["id"])
        merge.merge(db, last, kept["id"])
    erasure.erase(db, last)
    assert db.value("SELECT count(*) FROM merges") == 0
    held = b"".join(path.read_bytes().lower() for path in db.path.parent.glob("jack.db*"))
    assert [word for word in words if word.encode() in held] == []


def test_another_guests_merge_is_kept(db: Database, pair: Pair) -> None:
    made = pair.merge()
    erasure.erase(db, make_guest(db)["id"])
    pair.undo(made)


# ------------------------------------------------------------------------------------------------ by the API


def test_managers_merge_and_undo(manager: Person) -> None:
    pair = Pair(manager.db)
    made = succeeded(manager.post(f"/guests/{pair.kept}/merge", {"guestId": pair.other}))
    assert made.keys() == {"mergeId", "guest", "undoUntil"}
    assert made["guest"] == succeeded(manager.get(f"/guests/{pair.kept}"))
    gone = refused(manager.get(f"/guests/{pair.other}"), 410, reason="merged")
    assert gone["mergedInto"] == pair.kept
    path = f"/guests/{pair.kept}/merges/{made['mergeId']}/undo"
    back = succeeded(manager.post(path))
    assert back["restored"] == succeeded(manager.get(f"/guests/{pair.other}"))
    refused(manager.post(path), 404)


def test_a_merge_is_done_once_for_its_key_and_only_on_what_was_read(manager: Person) -> None:
    pair, third = Pair(manager.db), make_guest(manager.db)
    path, body = f"/guests/{pair.kept}/merge", {"guestId": pair.other}
    refused(manager.post(path, body, headers={"If-Match": '"stale"'}), 412)
    tag = manager.get(f"/guests/{pair.kept}").headers["ETag"]
    headers = {"If-Match": tag, "Idempotency-Key": "k"}
    first, second = (manager.post(path, body, headers=headers) for _ in range(2))
    assert succeeded(first) == succeeded(second)
    refused(manager.post(path, {"guestId": third["id"]}, headers={"If-Match": tag}), 412)


def test_what_cannot_be_merged_is_said(manager: Person, member: Person) -> None:
    pair = Pair(manager.db)
    path = f"/guests/{pair.kept}/merge"
    wrong: list[Any] = [pair.kept, "guest-none", "x" * 65, "", None, 1, [pair.other]]
    for other in wrong:
        assert named(refused(manager.post(path, {"guestId": other}), 400)) == {"guestId"}
    refused(member.post(path, {"guestId": pair.other}), 403)
    refused(manager.post("/guests/guest-none/merge", {"guestId": pair.other}), 404)


def test_suggestions_are_answered(member: Person) -> None:
    first, second = (make_guest(member.db, name="John Smith") for _ in range(2))
    answer = member.get(f"/guests/{first['id']}/duplicates")
    (row,) = succeeded(answer)
    assert row["guest"] == succeeded(member.get(f"/guests/{second['id']}"))
    assert (row["score"], row["reasons"]) == (0.3, ["same_name"])
    assert answer.json["meta"] == {"total": 1}


def test_no_file_of_the_instance_has_an_erased_merge(admin: Person) -> None:
    """Nor do kept answers to the merge itself."""
    db = admin.db
    kept, other = make_guest(db, name="Ana"), make_guest(db, name="Zeb Quixworth")
    key = {"Idempotency-Key": "k"}
    made = admin.post(f"/guests/{kept['id']}/merge", {"guestId": other["id"]}, headers=key)
    undone = f"/guests/{kept['id']}/merges/{made.json['data']['mergeId']}/undo"
    succeeded(admin.post(undone, headers=key | {"Idempotency-Key": "l"}))
    made = admin.post(f"/guests/{kept['id']}/merge", {"guestId": other["id"]})
    succeeded(made)
    succeeded(admin.delete(f"/guests/{kept['id']}"))
    held = b"".join(p.read_bytes() for p in Path(db.path.parent).rglob("*") if p.is_file())
    assert b"Quixworth" not in held
