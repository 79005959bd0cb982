"""The rules of the web chat: one guest and one conversation, proof before a link, true delivery statuses."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from jack.core.errors import Conflict, Unauthorized
from jack.core.paging import Page
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.resources.webchat import store
from tests.builders import make_guest, make_member, make_visitor

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.reader import Row
    from tests.conftest import Clock

SECRET = "a secret of the hotel's own site"


def send(db: Database, session: str, content: str = "Hola", key: str = "1") -> Row:
    return store.receive(db, session, content=content, client_message_id=key)[0]


def conversation_of(db: Database, session: str) -> Row:
    guest = db.value("SELECT guest_id FROM webchat_sessions WHERE id = :id", {"id": session})
    found = conversations.newest_of(db, guest, "web")
    assert found is not None
    return conversations.get(db, found)


def prove(email: str) -> str:
    return hmac.new(SECRET.encode(), email.encode(), hashlib.sha256).hexdigest()


def test_a_first_message_makes_guest_conversation_message_and_events(db: Database) -> None:
    session, _ = make_visitor(db, name="Ana", language="es")
    send(db, session)
    conversation = conversation_of(db, session)
    assert conversation["guest"]["name"] == "Ana"
    assert conversation["status"] == "open"
    assert conversation["waiting_since"] == db.now()
    types = [row["type"] for row in db.all("SELECT type FROM events ORDER BY seq")]
    assert types == ["guest.created", "conversation.created", "conversation.message.created"]


def test_a_session_alone_makes_no_guest(db: Database) -> None:
    make_visitor(db, name="Ana")
    assert db.value("SELECT count(*) FROM guests") == 0


def test_the_same_client_message_id_is_the_same_message(db: Database) -> None:
    session, _ = make_visitor(db)
    first, new = store.receive(db, session, content="Hola", client_message_id="x")
    again, newer = store.receive(db, session, content="Hola", client_message_id="x")
    assert (new, newer) == (True, False)
    assert again["id"] == first["id"]
    assert db.value("SELECT count(*) FROM messages") == 1


def test_two_visitors_may_use_the_same_client_message_id(db: Database) -> None:
    assert send(db, make_visitor(db)[0])["id"] != send(db, make_visitor(db)[0])["id"]


def test_an_email_without_proof_is_a_note_and_links_nobody(db: Database) -> None:
    known = make_guest(db, email="ana@sol.mx")
    session, _ = make_visitor(db, name="Ana", email="ana@sol.mx")
    send(db, session)
    conversation = conversation_of(db, session)
    assert conversation["guest_id"] != known["id"]
    assert guests.get(db, conversation["guest_id"])["email"] is None
    notes = [
        row
        for row in messages.search(db, conversation["id"], page=Page()).rows
        if row["type"] == "note"
    ]
    assert ["ana@sol.mx" in note["content"] for note in notes] == [True]


@pytest.mark.parametrize("proof", [None, "0" * 64, prove("other@sol.mx"), "ñ" * 64])
def test_a_wrong_proof_proves_nothing(db: Database, proof: str | None) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    known = make_guest(db, email="ana@sol.mx")
    session, _ = make_visitor(db, email="ana@sol.mx", email_proof=proof)
    send(db, session)
    assert conversation_of(db, session)["guest_id"] != known["id"]


def test_nothing_is_proven_without_a_secret(db: Database) -> None:
    proof = hmac.new(b"", b"ana@sol.mx", hashlib.sha256).hexdigest()
    known = make_guest(db, email="ana@sol.mx")
    session, _ = make_visitor(db, email="ana@sol.mx", email_proof=proof)
    send(db, session)
    assert conversation_of(db, session)["guest_id"] != known["id"]


def test_a_proven_email_links_to_the_guest_who_has_it(db: Database) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    known = make_guest(db, email="Ana@Sol.mx")
    session, _ = make_visitor(db, email="ana@sol.mx", email_proof=prove("ana@sol.mx"))
    send(db, session)
    assert conversation_of(db, session)["guest_id"] == known["id"]


def test_a_proven_email_nobody_has_becomes_the_new_guests(db: Database) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    session, _ = make_visitor(db, email="eva@sol.mx", email_proof=prove("eva@sol.mx"))
    send(db, session)
    assert guests.get(db, conversation_of(db, session)["guest_id"])["email"] == "eva@sol.mx"


@pytest.mark.parametrize("status", ["closed", "pending"])
def test_a_message_reopens_the_conversation(db: Database, status: str) -> None:
    session, _ = make_visitor(db)
    send(db, session)
    conversation = conversation_of(db, session)
    conversations.change(db, conversation["id"], status=status)
    send(db, session, key="2")
    assert conversations.get(db, conversation["id"])["status"] == "open"
    assert db.value("SELECT count(*) FROM conversations") == 1


def test_waiting_since_is_the_oldest_unanswered_message(db: Database, clock: Clock) -> None:
    session, _ = make_visitor(db)
    first = send(db, session)["created_at"]
    clock.move(60)
    send(db, session, key="2")
    conversation = conversation_of(db, session)
    assert conversation["waiting_since"] == first
    member = make_member(db)["id"]
    answered = messages.send(db, conversation["id"], content="Ya voy", by=member)["created_at"]
    clock.move(60)
    later = send(db, session, key="3")["created_at"]
    after = conversations.get(db, conversation["id"])
    assert (after["first_response_at"], after["waiting_since"]) == (answered, later)


def answered(db: Database) -> tuple[str, Row]:
    """A visitor's session and the staff's answer to them."""
    session, _ = make_visitor(db)
    send(db, session)
    member = make_member(db, name="Lucía Moreno")["id"]
    return session, messages.send(db, conversation_of(db, session)["id"], content="Sí", by=member)


def status_of(db: Database, message: Row) -> str:
    return str(messages.get(db, message["id"])["status"])


def test_what_a_visitor_fetches_is_delivered_and_what_they_read_is_read(db: Database) -> None:
    session, answer = answered(db)
    assert status_of(db, answer) == "queued"
    rows, cursor = store.messages_after(db, session, after=0, limit=50)
    assert [row["content"] for row in rows] == ["Hola", "Sí"]
    assert status_of(db, answer) == "delivered"
    assert store.mark_read(db, session, cursor) == cursor
    assert status_of(db, answer) == "read"


def test_what_was_not_fetched_cannot_be_read(db: Database) -> None:
    session, answer = answered(db)
    store.mark_read(db, session, 2**50)
    assert status_of(db, answer) == "queued"


def test_a_cursor_gives_what_came_after_it_and_nothing_twice(db: Database) -> None:
    session, _ = answered(db)
    first, cursor = store.messages_after(db, session, after=0, limit=1)
    second, cursor = store.messages_after(db, session, after=cursor, limit=1)
    third, end = store.messages_after(db, session, after=cursor, limit=1)
    assert [row["content"] for row in (*first, *second)] == ["Hola", "Sí"]
    assert (third, end) == ([], cursor)


def test_a_visitor_sees_first_names_and_no_notes(db: Database) -> None:
    session, answer = answered(db)
    messages.note(db, answer["conversation_id"], "Difficult guest", by=answer["author"]["id"])
    rows, _ = store.messages_after(db, session, after=0, limit=50)
    assert [row["author"]["name"] for row in rows] == [None, "Lucía"]
    assert "Difficult" not in str(rows)


def test_a_visitor_sees_only_their_own_chat(db: Database) -> None:
    answered(db)
    other, _ = make_visitor(db)
    assert store.messages_after(db, other, after=0, limit=50) == ([], 0)
    send(db, other, "Otra")
    assert [row["content"] for row in store.messages_after(db, other, after=0, limit=50)[0]] == [
        "Otra"
    ]


def test_a_switched_off_chat_takes_nothing(db: Database) -> None:
    session, _ = make_visitor(db)
    settings.put(db, "channels.web", {"enabled": False})
    with pytest.raises(Conflict, match="switched off"):
        send(db, session)
    with pytest.raises(Conflict, match="switched off"):
        store.create_session(db)


def test_use_prolongs_a_session_and_disuse_ends_it(db: Database, clock: Clock) -> None:
    _, token = make_visitor(db)
    for _ in range(3):
        clock.move(20 * 86_400)
        store.recognise(db, token)
    clock.move(31 * 86_400)
    with pytest.raises(Unauthorized, match="ended"):
        store.recognise(db, token)


def test_a_session_ends_with_its_guests_erasure(db: Database) -> None:
    session, token = make_visitor(db)
    send(db, session)
    erasure.erase(db, conversation_of(db, session)["guest_id"])
    with pytest.raises(Unauthorized):
        store.recognise(db, token)
    with pytest.raises(Unauthorized):
        send(db, session, key="2")


def test_the_database_does_not_know_the_token(db: Database) -> None:
    _, token = make_visitor(db)
    assert token not in str(db.all("SELECT * FROM webchat_sessions"))


def test_a_cursor_beyond_the_end_hides_nothing(db: Database) -> None:
    session, answer = answered(db)
    assert store.mark_read(db, session, 2**53) == 0
    rows, cursor = store.messages_after(db, session, after=2**53, limit=50)
    assert [row["content"] for row in rows] == ["Hola", "Sí"]
    assert store.messages_after(db, session, after=2**53, limit=50) == ([], cursor)
    assert status_of(db, answer) == "delivered"
    assert store.mark_read(db, session, 2**53) == cursor
    assert status_of(db, answer) == "read"


def test_an_erased_guests_other_chats_end_too(db: Database) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    proof = prove("eva@sol.mx")
    wrote, _ = make_visitor(db, name="Eva", email="eva@sol.mx", email_proof=proof)
    _, silent = make_visitor(db, name="Eva", email="Eva@sol.mx", email_proof=proof)
    send(db, wrote)
    erasure.erase(db, conversation_of(db, wrote)["guest_id"])
    with pytest.raises(Unauthorized):
        store.recognise(db, silent)
