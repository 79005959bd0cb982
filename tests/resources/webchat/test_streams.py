"""A visitor who has proven nothing is shown what was said in their own chat, whoever staff take them for."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from typing import TYPE_CHECKING

import pytest

from jack.channels.types import Media
from jack.core.errors import Conflict, NotFound
from jack.messaging.outgoing import SigningContext, assemble
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts.connection import connected
from jack.resources.conversations import messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.resources.webchat import read_receipts, store
from tests.builders import make_guest, make_member, make_visitor
from tests.resources.attachments.samples import PNG

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.reader import Row
    from tests.conftest import Clock

SECRET = "a secret of the hotel's own site"
EMAIL = "ana@guest.example"
_keys = itertools.count(1)


class Visitor:
    """Somebody in the web chat."""

    def __init__(self, db: Database, first: str, **who: str) -> None:
        self.db = db
        self.session, _ = make_visitor(db, **who)
        self.first = self.say(first)
        self.conversation = str(self.first["conversation_id"])
        self.first_guest = self.guest

    def say(self, content: str) -> Row:
        key = str(next(_keys))
        return store.receive(self.db, self.session, content=content, client_message_id=key)[0]

    @property
    def guest(self) -> str:
        found: str = self.db.value(
            "SELECT guest_id FROM webchat_sessions WHERE id = :id", {"id": self.session}
        )
        return found

    def reads(self) -> list[str]:
        rows, _ = store.messages_after(self.db, self.session, after=0, limit=100)
        return [row["content"] for row in rows]


@pytest.fixture
def ana(db: Database) -> Visitor:
    return Visitor(db, "My passport is X1234567", name="Ana Real")


@pytest.fixture
def stranger(db: Database) -> Visitor:
    """Claims Ana's name and e-mail."""
    return Visitor(db, "It is me, from my new phone", name="Ana Real", email=EMAIL)


@pytest.fixture
def by(db: Database) -> str:
    return str(make_member(db)["id"])


def answered(db: Database, conversation: str, content: str, by: str) -> str:
    return str(messages.send(db, conversation, content=content, by=by)["id"])


@pytest.mark.parametrize("kept", ["ana", "stranger"])
def test_a_wrong_merge_shows_nobody_the_others_words(
    kept: str, db: Database, ana: Visitor, stranger: Visitor, by: str
) -> None:
    answered(db, ana.conversation, "The door code is 4711", by)
    one, other = (ana, stranger) if kept == "ana" else (stranger, ana)
    merge.merge(db, one.guest, other.guest)
    assert ana.guest == stranger.guest
    assert stranger.reads() == ["It is me, from my new phone"]
    assert ana.reads() == ["My passport is X1234567", "The door code is 4711"]
    # What is said afterwards stays apart as well, by guests and by staff.
    assert stranger.say("And?")["conversation_id"] == stranger.conversation
    assert ana.say("Thanks")["conversation_id"] == ana.conversation
    answered(db, stranger.conversation, "Who are you?", by)
    answered(db, ana.conversation, "Room 12 is ready", by)
    assert stranger.reads() == ["It is me, from my new phone", "And?", "Who are you?"]
    assert ana.reads()[2:] == ["Thanks", "Room 12 is ready"]


def test_nor_do_merges_of_merges_and_their_undoing(
    db: Database, ana: Visitor, stranger: Visitor
) -> None:
    third, known = Visitor(db, "Third", name="Ana"), make_guest(db, name="Ana", email=EMAIL)
    first = merge.merge(db, ana.guest, stranger.guest)
    merge.merge(db, third.guest, ana.guest)
    merge.merge(db, known["id"], third.guest)
    assert {ana.guest, stranger.guest, third.guest} == {known["id"]}
    assert stranger.reads() == ["It is me, from my new phone"]
    assert (ana.reads(), third.reads()) == (["My passport is X1234567"], ["Third"])
    with pytest.raises(NotFound):
        merge.undo(db, known["id"], first["id"])
    stranger.say("More")
    assert stranger.reads() == ["It is me, from my new phone", "More"]
    assert ana.reads() == ["My passport is X1234567"]


def test_undoing_a_merge_gives_each_their_own_back(
    db: Database, ana: Visitor, stranger: Visitor
) -> None:
    before = ana.guest, stranger.guest
    made = merge.merge(db, *before)
    ana.say("Between")
    merge.undo(db, before[0], made["id"])
    assert (ana.guest, stranger.guest) == before
    assert ana.reads() == ["My passport is X1234567", "Between"]
    assert stranger.reads() == ["It is me, from my new phone"]


def test_files_receipts_and_cursors_keep_to_the_chat(
    db: Database, ana: Visitor, stranger: Visitor, by: str
) -> None:
    attachments.create_received(db, ana.first["id"], "web:1", [Media(name="pass.png", content=PNG)])
    file = attachments.of_messages(db, [ana.first["id"]])[ana.first["id"]][0]["id"]
    code = answered(db, ana.conversation, "The door code is 4711", by)
    merge.merge(db, ana.guest, stranger.guest)
    assert store.attachment(db, ana.session, file)["id"] == file
    with pytest.raises(NotFound):
        store.attachment(db, stranger.session, file)
    # Nothing of the stranger's makes Ana's messages delivered or read, or their own ones seen.
    rows, cursor = store.messages_after(db, stranger.session, after=0, limit=100)
    store.mark_read(db, stranger.session, 10**6)
    assert messages.get(db, code)["status"] == "queued"
    assert cursor == rows[-1]["seq"]
    read_marks.mark_read(db, ana.conversation, by=by)
    assert read_receipts.up_to(db, stranger.session) is None
    assert read_receipts.up_to(db, ana.session) == ana.first["id"]


def test_a_message_is_for_the_visitor_of_its_conversation(
    db: Database, ana: Visitor, stranger: Visitor, by: str
) -> None:
    merge.merge(db, ana.guest, stranger.guest)
    account = connected(db, "web", "").account
    assert account is not None

    def to(message_id: str) -> str:
        made = assemble(db, {"message_id": message_id, "round": 0}, account, SigningContext())
        assert made is not None
        return made.to

    for one in (ana, stranger):
        assert to(answered(db, one.conversation, "Hello", by)) == one.session
    db.run(
        "UPDATE webchat_sessions SET expires_at = created_at WHERE id = :id", {"id": ana.session}
    )
    # Ana cannot come back: nobody else is told instead of her.
    assert to(answered(db, ana.conversation, "The door code is 4711", by)) == ""
    assert len(stranger.reads()) == 2


def test_a_new_conversation_says_which_visitor_it_is_for(
    db: Database, ana: Visitor, stranger: Visitor, by: str
) -> None:
    begun = conversations.create(db, guest_id=ana.guest, channel="web", by=by)
    answered(db, begun["id"], "Your room is ready", by)
    assert ana.reads() == ["My passport is X1234567", "Your room is ready"]
    merge.merge(db, ana.guest, stranger.guest)
    with pytest.raises(Conflict) as refused:
        conversations.create(db, guest_id=ana.guest, channel="web", by=by)
    assert refused.value.reason == "several_web_chats"


@pytest.mark.parametrize("stays", ["ana", "stranger"])
def test_no_new_conversation_goes_to_a_visitor_whom_a_merge_alone_has_made_the_guest(
    db: Database, stranger: Visitor, by: str, stays: str
) -> None:
    ana = str(make_guest(db, name="Ana", email=EMAIL)["id"])
    kept, other = (ana, stranger.guest) if stays == "ana" else (stranger.guest, ana)
    made = merge.merge(db, kept, other)
    with pytest.raises(Conflict) as refused:
        conversations.create(db, guest_id=kept, channel="web", by=by)
    assert refused.value.reason == "web_chat_unproven"
    answered(db, stranger.conversation, "Who are you?", by)
    assert stranger.reads()[-1] == "Who are you?"
    merge.undo(db, kept, made["id"])
    conversations.create(db, guest_id=stranger.guest, channel="web", by=by)


def test_a_new_conversation_goes_to_who_has_proven_their_email_merged_or_not(
    db: Database, by: str
) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    proven = Visitor(db, "Hello", email=EMAIL, email_proof=proof(EMAIL))
    merge.merge(db, proven.guest, str(make_guest(db, name="Ana")["id"]))
    begun = conversations.create(db, guest_id=proven.guest, channel="web", by=by)
    answered(db, begun["id"], "Your room is ready", by)
    assert proven.reads()[-1] == "Your room is ready"


def proof(email: str) -> str:
    return hmac.new(SECRET.encode(), email.encode(), hashlib.sha256).hexdigest()


def test_who_proves_an_email_sees_what_was_said_under_it_and_no_more(
    db: Database, stranger: Visitor
) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    phone = Visitor(db, "From my phone", email=EMAIL, email_proof=proof(EMAIL))
    merge.merge(db, phone.guest, stranger.guest)
    laptop = Visitor(db, "From my laptop", email=EMAIL, email_proof=proof(EMAIL))
    assert laptop.guest == phone.guest == stranger.guest
    assert laptop.reads() == phone.reads() == ["From my phone", "From my laptop"]
    assert stranger.reads() == ["It is me, from my new phone"]


def test_proof_of_one_email_is_no_proof_of_another(db: Database) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    bea = "bea@guest.example"
    first = Visitor(db, "I am Ana", email=EMAIL, email_proof=proof(EMAIL))
    second = Visitor(db, "I am Bea", email=bea, email_proof=proof(bea))
    merge.merge(db, first.guest, second.guest)
    assert (first.reads(), second.reads()) == (["I am Ana"], ["I am Bea"])


def test_a_profile_that_is_given_the_email_of_a_proven_guest_shows_them_nothing_else(
    db: Database, ana: Visitor
) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    guests.change(db, ana.guest, email=EMAIL)
    proven = Visitor(db, "Hello", email=EMAIL, email_proof=proof(EMAIL))
    assert proven.guest == ana.guest
    assert proven.conversation != ana.conversation
    assert (proven.reads(), ana.reads()) == (["Hello"], ["My passport is X1234567"])


def test_an_erasure_leaves_nothing_of_the_streams_of_both(
    db: Database, ana: Visitor, stranger: Visitor
) -> None:
    merge.merge(db, ana.guest, stranger.guest)
    erasure.erase(db, ana.guest)
    assert db.all("SELECT * FROM webchat_streams") == []
    assert db.all("SELECT * FROM webchat_sessions") == []
    assert db.column("SELECT DISTINCT stream_id FROM conversations") == [None]


def test_an_erased_guest_who_proves_their_email_again_begins_anew(db: Database) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    before = Visitor(db, "Before", email=EMAIL, email_proof=proof(EMAIL))
    erasure.erase(db, before.guest)
    after = Visitor(db, "After", email=EMAIL, email_proof=proof(EMAIL))
    assert after.reads() == ["After"]


def test_no_email_outlives_the_last_that_was_said_under_it(db: Database, clock: Clock) -> None:
    settings.put(db, "channels.web", {"enabled": True, "identitySecret": SECRET})
    one = Visitor(db, "Kept", email=EMAIL, email_proof=proof(EMAIL))
    bea = "bea@guest.example"
    two = Visitor(db, "Nothing is left of it", email=bea, email_proof=proof(bea))
    db.run("UPDATE conversations SET stream_id = NULL WHERE id = :id", {"id": two.conversation})
    clock.move(86_400 * 60)
    assert store.delete_expired(db) == 2
    assert db.column("SELECT email_key FROM webchat_streams") == [EMAIL]
    again = Visitor(db, "Back", email=EMAIL, email_proof=proof(EMAIL))
    assert again.reads() == ["Kept", "Back"]
    db.run("UPDATE conversations SET stream_id = NULL")
    db.run("DELETE FROM webchat_sessions")
    erasure.erase(db, one.first_guest)
    assert db.column("SELECT email_key FROM webchat_streams") == []
