"""What comes in becomes guests, conversations, messages and receipts: each once, and to the right person."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from jack.channels.mail.reply_tokens import reply_token
from jack.channels.results import Accepted, Broken, Retry, Unknown
from jack.channels.types import (
    Account,
    Address,
    AddressChanged,
    DeliveryReceipt,
    Edit,
    InboundMessage,
    Media,
    Reaction,
    Unreadable,
)
from jack.core import clock as time
from jack.core.db import Database
from jack.core.paging import Page
from jack.core.reader import Row
from jack.messaging import edits, inbound
from jack.messaging.edits import DELETED_TEXT
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import (
    delivery,
    inbound_keys,
    messages,
    opt_outs,
    read_marks,
    sendability,
)
from jack.resources.conversations import store as conversations
from jack.resources.guests import consents, identities
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.quarantine import store as quarantine
from jack.resources.settings import store as settings
from jack.worker import cleanup
from tests.builders import make_guest, make_member
from tests.conftest import Clock
from tests.sweeps.hotel import META as CONNECTED

PAGE = Page(1, 20)
WHATSAPP = Account("whatsapp", "whatsapp:1", {})
SMS = Account("sms", "sms:AC1", {})
EMAIL = Account("email", "email:front@hotel.example", {})
PHONE = Address("+525512345678", "5215512345678")
USER_ID = Address("MX.1349", "MX.1349")
ANA = Address("ana@guest.example", "Ana@Guest.example")
EVE = Address("eve@guest.example", "eve@guest.example")


def receive(
    db: Database, text: str = "Hola", *, key: str = "", by: Account = WHATSAPP, **more: Any
) -> Row:
    """A message that has come in."""
    key = key or f"key-{db.value('SELECT count(*) FROM inbound')}"
    fields = {"people": (PHONE,), "at": db.now()} | more
    inbound.store_events(
        db, by, [InboundMessage(event_key=key, text=text, **fields)], secret="secret"
    )
    found = messages.by_event_key(db, by.name, key)
    assert found is not None
    return found


def mail(db: Database, text: str = "Hola", **more: Any) -> Row:
    return receive(db, text, by=EMAIL, **{"people": (ANA,)} | more)


def guest_of(db: Database, message: Row) -> Row:
    conversation = conversations.get(db, message["conversation_id"])
    return guests.get(db, conversation["guest_id"])


def count(db: Database, table: str) -> int:
    return int(db.value(f"SELECT count(*) FROM {table}"))


def texts(db: Database, conversation_id: str) -> list[str]:
    rows = db.all(
        "SELECT content FROM messages WHERE conversation_id = :id ORDER BY seq",
        {"id": conversation_id},
    )
    return [row["content"] for row in rows]


# ------------------------------------------------------------------------------------------------ who


def test_somebody_new_becomes_a_guest_with_a_number_and_a_name(db: Database) -> None:
    guest = guest_of(db, receive(db, name="Ana"))
    assert (guest["name"], guest["phone"], guest["email"]) == ("Ana", "+525512345678", None)
    assert identities.last_used(db, guest["id"], "whatsapp") == {
        "address": "+525512345678",
        "verbatim": "5215512345678",
    }


def test_an_argentine_mobile_keeps_its_nine_in_the_profile(db: Database) -> None:
    address = Address("+541123456789", "5491123456789")
    guest = guest_of(db, receive(db, people=(address,)))
    assert guest["phone"] == "+5491123456789"
    assert guest_of(db, receive(db, people=(address,)))["id"] == guest["id"]
    assert (
        guest_of(db, receive(db, by=SMS, people=(Address("+5491123456789", "+5491123456789"),)))[
            "id"
        ]
        == guest["id"]
    )


def test_what_is_delivered_again_after_three_days_is_the_same_message(
    db: Database, clock: Clock
) -> None:
    events = [
        InboundMessage("wamid.1", (PHONE,), "Hola", db.now()),
        InboundMessage("wamid.2", (PHONE,), "Sí", db.now(), echo=True),
        Edit("wamid.3", "wamid.1", "Hola!", db.now()),
        Edit("wamid.4", "wamid.2", None, db.now()),
    ]
    inbound.store_events(db, WHATSAPP, events)
    before = db.all("SELECT * FROM messages"), db.all("SELECT * FROM inbound")
    clock.move(3 * 86_400)
    cleanup.delete_expired(db)
    for _ in range(2):
        inbound.store_events(db, WHATSAPP, events)
    assert (db.all("SELECT * FROM messages"), db.all("SELECT * FROM inbound")) == before


def test_a_guest_without_then_with_a_phone_is_one_guest(db: Database) -> None:
    first = guest_of(db, receive(db, people=(USER_ID,), name="Ana"))
    assert first["phone"] is None
    second = guest_of(db, receive(db, people=(USER_ID, PHONE)))
    third = guest_of(db, receive(db, people=(PHONE,)))
    assert {first["id"], second["id"], third["id"]} == {first["id"]}
    assert count(db, "guests") == count(db, "conversations") == 1


def test_a_number_learnt_later_joins_the_profile(db: Database) -> None:
    first = guest_of(db, receive(db, people=(USER_ID,), name="Ana"))
    assert guest_of(db, receive(db, people=(USER_ID, PHONE)))["phone"] == "+525512345678"
    (changed,) = db.column("SELECT changed FROM events WHERE type = 'guest.updated'")
    assert changed == '["phone"]'
    by_sms = Address("+525512345678", "+525512345678")
    assert guest_of(db, receive(db, by=SMS, people=(by_sms,)))["id"] == first["id"]


def test_a_number_that_comes_with_a_new_user_id_joins_the_profile(db: Database) -> None:
    first = guest_of(db, receive(db, people=(USER_ID,), name="Ana"))
    event = AddressChanged("wamid.M", (USER_ID,), (Address("MX.2", "MX.2"), PHONE), db.now())
    inbound.store_events(db, WHATSAPP, [event])
    assert guests.get(db, first["id"])["phone"] == "+525512345678"


def test_a_number_in_a_profile_is_not_replaced_by_one_learnt_later(db: Database) -> None:
    first = guest_of(db, receive(db, people=(USER_ID,), name="Ana"))
    guests.change(db, first["id"], phone="+15551234567")
    assert guest_of(db, receive(db, people=(USER_ID, PHONE)))["phone"] == "+15551234567"


def test_another_guest_s_number_stays_theirs(db: Database) -> None:
    first = guest_of(db, receive(db, people=(USER_ID,), name="Ana"))
    other = make_guest(db, phone="+525512345678")
    assert guest_of(db, receive(db, people=(USER_ID, PHONE)))["id"] == first["id"]
    found = [guests.get(db, one["id"])["phone"] for one in (first, other)]
    assert found == [None, "+525512345678"]


def test_an_address_that_is_proven_later_joins_the_profile(db: Database) -> None:
    asked = mail(db, unproven=True, name="Ana")
    assert guest_of(db, asked)["email"] is None
    token = reply_token("secret", asked["conversation_id"])
    assert guest_of(db, mail(db, token=token))["email"] == "Ana@Guest.example"


def test_whoever_gives_a_profile_number_is_that_guest(db: Database) -> None:
    """A number as staff typed it, in the form that WhatsApp does not use."""
    known = make_guest(db, name="Ana Ruiz", phone="+5215512345678")
    assert guest_of(db, receive(db, name="anita"))["id"] == known["id"]
    assert guests.get(db, known["id"])["name"] == "Ana Ruiz"


def test_the_same_number_by_sms_is_the_same_guest(db: Database) -> None:
    by_sms = receive(db, by=SMS, people=(Address("+525512345678", "+525512345678"),))
    by_whatsapp = receive(db)
    assert guest_of(db, by_sms)["id"] == guest_of(db, by_whatsapp)["id"]
    assert by_sms["conversation_id"] != by_whatsapp["conversation_id"]


def test_a_similar_number_is_somebody_else(db: Database) -> None:
    make_guest(db, phone="+5255123456")
    receive(db)
    assert count(db, "guests") == 2


def test_two_known_guests_stay_two(db: Database) -> None:
    """One message names addresses of both: the surest decides, and nothing is merged."""
    first = guest_of(db, receive(db, people=(USER_ID,)))
    second = guest_of(db, receive(db, people=(PHONE,)))
    assert first["id"] != second["id"]
    assert guest_of(db, receive(db, people=(USER_ID, PHONE)))["id"] == first["id"]
    assert guests.known_by(db, "whatsapp", PHONE.key) == second["id"]


def test_a_name_takes_the_place_of_a_number_only(db: Database) -> None:
    nameless = guest_of(db, receive(db))
    assert nameless["name"] == "+525512345678"
    assert guest_of(db, receive(db, name="Ana"))["name"] == "Ana"
    assert guest_of(db, receive(db, name="Bea"))["name"] == "Ana"


def test_an_address_they_wrote_from_stays_theirs_when_the_profile_changes(db: Database) -> None:
    guest = guest_of(db, receive(db))
    guests.change(db, guest["id"], phone="+525500000000")
    assert guest_of(db, receive(db))["id"] == guest["id"]


def test_who_has_moved_is_known_by_the_new_address_only(db: Database) -> None:
    message = receive(db)
    new = Address("+525599999999", "5215599999999")
    inbound.store_events(db, WHATSAPP, [AddressChanged("moved-1", (PHONE,), (new,), db.now())] * 2)
    assert guest_of(db, receive(db, people=(new,)))["id"] == guest_of(db, message)["id"]
    assert guests.known_by(db, "whatsapp", PHONE.key) is None
    assert texts(db, message["conversation_id"]).count(inbound.ADDRESS_CHANGED) == 1


# ------------------------------------------------------------------------------------------------ once


def test_the_same_event_again_is_nothing_new_even_after_days(db: Database, clock: Clock) -> None:
    first = receive(db, key="wamid.1")
    clock.move(3 * 86_400)
    assert receive(db, "Hola", key="wamid.1")["id"] == first["id"]
    conversation = conversations.get(db, first["conversation_id"])
    assert (count(db, "messages"), conversation["inbound_count"]) == (1, 1)


def test_the_same_key_of_another_account_is_something_else(db: Database) -> None:
    receive(db, key="1")
    receive(db, key="1", by=SMS, people=(Address("+1555", "+1555"),))
    assert count(db, "messages") == 2


def test_all_events_of_a_request_are_stored_or_none(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(opt_outs, "stop", fail)
    one = InboundMessage(event_key="1", people=(PHONE,), text="Hola", at=db.now())
    two = InboundMessage(event_key="2", people=(PHONE,), text="STOP", at=db.now(), consent="stop")
    with pytest.raises(RuntimeError):
        inbound.store_events(db, WHATSAPP, [one, two])
    assert count(db, "messages") == count(db, "guests") == count(db, "inbound") == 0


def test_a_place_is_kept_with_what_was_read(db: Database) -> None:
    event = InboundMessage(event_key="<1@x>", people=(ANA,), text="Hola", at=db.now())
    inbound.store_events(db, EMAIL, [event], place={"uidvalidity": 1, "uid": 7})
    assert db.value("SELECT place FROM channel_accounts") == '{"uidvalidity":1,"uid":7}'


# ------------------------------------------------------------------------------------------------ what


def test_what_is_no_text_is_stored_as_what_it_is(db: Database) -> None:
    place = {"location": {"latitude": 1.5, "longitude": 2.5, "name": None, "address": None}}
    message = receive(db, "HQ", type="location", details=place)
    assert (message["type"], message["details"]) == ("location", place)


def test_what_took_days_says_when_it_was_written(db: Database) -> None:
    at = time.later(db.now(), days=-3)
    assert receive(db, at=at)["details"] == {"writtenAt": at}
    assert receive(db)["details"] is None


def test_a_file_is_expected(db: Database) -> None:
    (file,) = receive(db, "", type="image", media=(Media(source="6546", mime="image/jpeg"),))[
        "attachments"
    ]
    assert (file["status"], file["mime"]) == ("pending", "image/jpeg")


def test_an_edited_message_says_so(db: Database) -> None:
    first = receive(db, "Hola", key="wamid.1")
    change = Edit("wamid.2", "wamid.1", "Hola!", db.now())
    inbound.store_events(db, WHATSAPP, [change, change])
    row = messages.get(db, first["id"])
    before = [{"at": db.now(), "content": "Hola"}]
    assert (row["content"], row["details"]) == ("Hola!", {"edited": db.now(), "edits": before})
    assert conversations.get(db, row["conversation_id"])["preview"] == "Hola!"


def test_a_message_taken_back_is_gone(db: Database) -> None:
    first = receive(db, "my secret", key="wamid.1")
    inbound.store_events(db, WHATSAPP, [Edit("wamid.2", "wamid.1", None, db.now())])
    row = messages.get(db, first["id"])
    assert (row["content"], row["details"]) == (DELETED_TEXT["inbound"], {"revoked": db.now()})


def test_an_edit_that_comes_late_brings_nothing_back(db: Database) -> None:
    first = receive(db, "my secret", key="wamid.1")
    gone = Edit("wamid.2", "wamid.1", None, db.now())
    edit = Edit("wamid.3", "wamid.1", "my secrets", time.later(db.now(), seconds=-5))
    inbound.store_events(db, WHATSAPP, [gone, edit])
    row = messages.get(db, first["id"])
    assert (row["content"], row["details"]) == (DELETED_TEXT["inbound"], {"revoked": db.now()})
    assert conversations.get(db, row["conversation_id"])["preview"] == DELETED_TEXT["inbound"]
    assert count(db, "inbound") == 3


def test_of_two_edits_the_later_one_counts_and_all_that_stood_before_is_kept(db: Database) -> None:
    first = receive(db, "1", key="wamid.1")
    later, earlier = db.now(), time.later(db.now(), seconds=-5)
    events = [Edit("e2", "wamid.1", "3", later), Edit("e1", "wamid.1", "2", earlier)]
    inbound.store_events(db, WHATSAPP, events)
    row = messages.get(db, first["id"])
    before = [{"at": earlier, "content": "1"}, {"at": later, "content": "2"}]
    assert (row["content"], row["details"]) == ("3", {"edited": later, "edits": before})


def test_of_many_edits_the_first_and_the_latest_are_kept(db: Database) -> None:
    first = receive(db, "0", key="wamid.1")
    at = [time.later(db.now(), seconds=number) for number in range(30)]
    told = [Edit(f"e{n}", "wamid.1", str(n + 1), when) for n, when in enumerate(at)]
    inbound.store_events(db, WHATSAPP, told)
    kept = (messages.get(db, first["id"])["details"] or {})["edits"]
    assert isinstance(kept, list)
    assert [one["content"] for one in kept] == ["0", *map(str, range(11, 30))]


@pytest.fixture
def reader(db: Database) -> str:
    return str(make_member(db)["id"])


def answered(db: Database, reader: str, *, closed: bool = False) -> tuple[Row, str]:
    """A message that has been answered, and its conversation."""
    settings.put(db, "channels.whatsapp", CONNECTED)
    first = receive(db, "Two towels", key="wamid.1")
    conversation = first["conversation_id"]
    messages.send(db, conversation, content="At once", by=reader)
    if closed:
        conversations.change(db, conversation, status="closed")
    return first, conversation


@pytest.mark.parametrize("closed", [True, False])
def test_an_edit_after_the_answer_waits_for_another(
    db: Database, reader: str, clock: Clock, closed: bool
) -> None:
    first, conversation = answered(db, reader, closed=closed)
    clock.move(60)
    inbound.store_events(db, WHATSAPP, [Edit("e1", "wamid.1", "Three towels", db.now())])
    row = conversations.get(db, conversation, reader=reader)
    assert (row["status"], row["waiting_since"], row["unread"]) == ("open", db.now(), 1)
    assert row["preview"] == "Three towels"
    assert conversations.search(db, reader=reader, unread=True, page=PAGE).total == 1
    told = db.all("SELECT type, actor_id, changed FROM events ORDER BY seq DESC LIMIT 2")
    assert [event["type"] for event in told] == [
        "conversation.reopened" if closed else "conversation.updated",
        "conversation.message.updated",
    ]
    assert {event["actor_id"] for event in told} == {row["guest_id"]}
    assert "waitingSince" in told[0]["changed"]
    assert [said for said, sql in INVARIANTS.items() if db.value(sql)] == []
    assert messages.get(db, first["id"])["content"] == "Three towels"


def test_an_edit_before_the_answer_waits_already(db: Database, reader: str, clock: Clock) -> None:
    first = receive(db, "Two towels", key="wamid.1")
    read_marks.mark_read(db, first["conversation_id"], by=reader)
    since = db.now()
    clock.move(60)
    inbound.store_events(db, WHATSAPP, [Edit("e1", "wamid.1", "Three towels", db.now())])
    row = conversations.get(db, first["conversation_id"], reader=reader)
    assert (row["waiting_since"], row["unread"]) == (since, 0)


def test_what_changes_nothing_and_what_is_taken_back_waits_for_nobody(
    db: Database, reader: str, clock: Clock
) -> None:
    _, conversation = answered(db, reader, closed=True)
    clock.move(60)
    same = Edit("e1", "wamid.1", "Two towels", db.now())
    inbound.store_events(db, WHATSAPP, [same, Edit("e2", "wamid.1", None, db.now())])
    row = conversations.get(db, conversation, reader=reader)
    assert (row["status"], row["waiting_since"], row["unread"]) == ("closed", None, 0)


def test_an_edit_waits_until_it_is_answered(db: Database, reader: str, clock: Clock) -> None:
    """Also when that answer fails, and when the conversation was closed meanwhile."""
    _, conversation = answered(db, reader)
    clock.move(60)
    edited = db.now()
    inbound.store_events(db, WHATSAPP, [Edit("e1", "wamid.1", "Three towels", edited)])
    clock.move(60)
    second = messages.send(db, conversation, content="Three", by=reader)
    assert conversations.get(db, conversation)["waiting_since"] is None
    delivery.advance(db, second["id"], "failed", error="No.")
    assert conversations.get(db, conversation)["waiting_since"] == edited
    conversations.change(db, conversation, status="closed")
    assert conversations.change(db, conversation, status="open")["waiting_since"] == edited


def test_what_the_hotel_edits_on_its_phone_waits_for_nobody(db: Database, reader: str) -> None:
    _, conversation = answered(db, reader)
    echo = InboundMessage(event_key="wamid.E", people=(PHONE,), text="Si", at=db.now(), echo=True)
    inbound.store_events(db, WHATSAPP, [echo, Edit("e1", "wamid.E", "Sí", db.now())])
    assert conversations.get(db, conversation)["waiting_since"] is None


def test_nothing_a_message_brought_stays_when_it_is_taken_back(db: Database) -> None:
    place = {"location": {"latitude": 1.0, "longitude": 2.0, "name": None, "address": None}}
    receive(db, "Home", key="wamid.0", type="location", details=place)
    picture = Media(name="me.jpg", content=b"\xff\xd8\xff my face")
    receive(db, "", key="wamid.1", type="image", media=(picture, Media(source="6546")))
    gone = [Edit(f"gone.{n}", f"wamid.{n}", None, db.now()) for n in (0, 1)]
    inbound.store_events(db, WHATSAPP, gone)
    rows = db.all("SELECT type, content, details FROM messages")
    deleted = {"type": "text", "content": DELETED_TEXT["inbound"]}
    assert rows == [deleted | {"details": f'{{"revoked":"{db.now()}"}}'}] * 2
    assert count(db, "attachments") == 0
    assert [path for path in (db.path.parent / "attachments").rglob("*") if path.is_file()] == []


def test_what_is_taken_back_before_it_comes_says_nothing(db: Database) -> None:
    """As if both had come in their order: the guest has written, and it is gone."""
    gone = Edit("wamid.2", "wamid.1", None, db.now())
    inbound.store_events(db, WHATSAPP, [gone, gone, Edit("wamid.3", "wamid.1", None, db.now())])
    assert count(db, "messages") == 0
    row = receive(db, "my secret", key="wamid.1", type="image", media=(Media(source="6546"),))
    assert (row["content"], row["type"]) == (DELETED_TEXT["inbound"], "text")
    assert (row["details"], row["attachments"]) == ({"revoked": db.now()}, [])
    assert sendability.blocker(db, guest_of(db, row)["id"], "whatsapp", "text") is None


def test_an_edit_that_comes_before_its_message_is_the_message(db: Database) -> None:
    edited, now = InboundMessage("wamid.1", (PHONE,), "Hola!", db.now()), db.now()
    inbound.store_events(db, WHATSAPP, [Edit("wamid.2", "wamid.1", "Hola!", now, edited)])
    row = receive(db, "Hola", key="wamid.1")
    before = [{"at": now, "content": "Hola"}]
    row = messages.get(db, row["id"])
    assert (row["content"], row["details"]) == ("Hola!", {"edited": now, "edits": before})
    assert count(db, "messages") == 1
    inbound.store_events(db, WHATSAPP, [Edit("wamid.3", "wamid.1", None, now)])
    assert messages.get(db, row["id"])["content"] == DELETED_TEXT["inbound"]


def test_an_edit_brings_nothing_back_that_was_taken_back_before_it_came(db: Database) -> None:
    edited = InboundMessage("wamid.1", (PHONE,), "secret!", db.now())
    gone = Edit("wamid.2", "wamid.1", None, db.now())
    inbound.store_events(db, WHATSAPP, [gone, Edit("wamid.3", "wamid.1", "x", db.now(), edited)])
    assert db.all("SELECT content FROM messages") == [{"content": DELETED_TEXT["inbound"]}]


def test_what_the_hotel_takes_back_elsewhere_is_never_sent(db: Database) -> None:
    echo = InboundMessage(event_key="wamid.E", people=(PHONE,), text="Sí", at=db.now(), echo=True)
    inbound.store_events(db, WHATSAPP, [echo, Edit("wamid.2", "wamid.E", None, db.now())])
    inbound.store_events(
        db, WHATSAPP, [DeliveryReceipt("wamid.E", "failed", db.now(), means=Retry("Later."))]
    )
    row = db.row("SELECT content, status FROM messages")
    assert row == {"content": DELETED_TEXT["outbound"], "status": "failed"}
    assert count(db, "outbox") == 0


def test_what_changes_nothing_we_have_leaves_nothing(db: Database) -> None:
    inbound.store_events(db, WHATSAPP, [Edit("wamid.2", "wamid.none", "x", db.now())])
    assert (count(db, "inbound"), count(db, "messages")) == (0, 0)


def test_no_key_of_whatsapps_outlives_its_guest(db: Database) -> None:
    """Their numbers are in these keys, in base64."""
    edited = InboundMessage("wamid.3", (PHONE,), "Hola!", db.now())
    events = [
        Edit("wamid.2", "wamid.1", None, db.now()),
        InboundMessage("wamid.1", (PHONE,), "Hola", db.now()),
        Edit("wamid.4", "wamid.3", "Hola!", db.now(), edited),
        AddressChanged("wamid.5", (PHONE,), (Address("+525587654321", "5215587654321"),), db.now()),
        Edit("wamid.6", "wamid.0", None, db.now()),
        Reaction("wamid.7", "wamid.1", "👍", db.now(), (PHONE,)),
        Reaction("wamid.8", "wamid.none", "👍", db.now(), (PHONE,)),
    ]
    inbound.store_events(db, WHATSAPP, events)
    erasure.erase(db, str(db.value("SELECT id FROM guests")))
    files = [path for path in db.path.parent.rglob("*") if path.is_file()]
    assert not any(b"wamid." in path.read_bytes() for path in files)


def test_start_counts_whichever_name_whatsapp_has_for_them(db: Database) -> None:
    guest = guest_of(db, receive(db, "BAJA", people=(USER_ID, PHONE), consent="stop"))["id"]
    assert sendability.blocker(db, guest, "whatsapp", "text") is not None
    receive(db, "ALTA", people=(USER_ID,), consent="start")
    assert sendability.blocker(db, guest, "whatsapp", "text") is None


def test_a_wish_to_hear_no_more_goes_along_to_another_number(db: Database) -> None:
    new = Address("+525587654321", "5215587654321")
    guest = guest_of(db, receive(db, "BAJA", consent="stop"))["id"]
    inbound.store_events(db, WHATSAPP, [AddressChanged("moved-1", (PHONE,), (new,), db.now())])
    blocker = sendability.blocker(db, guest, "whatsapp", "template")
    assert blocker is not None
    assert blocker.reason == "opted_out"
    opt_outs.start(db, "whatsapp", [new.key])  # the old number is somebody else's now
    assert count(db, "opt_outs") == 0


def test_it_goes_along_though_they_have_been_erased(db: Database) -> None:
    new = Address("+525587654321", "5215587654321")
    erasure.erase(db, guest_of(db, receive(db, "BAJA", consent="stop"))["id"])
    inbound.store_events(db, WHATSAPP, [AddressChanged("moved-1", (PHONE,), (new,), db.now())])
    guest_again = guest_of(db, receive(db, people=(new,)))["id"]
    assert sendability.blocker(db, guest_again, "whatsapp", "template") is not None


def test_what_cannot_be_read_is_put_aside_whole(db: Database) -> None:
    inbound.store_events(db, EMAIL, [Unreadable("7", "It has no end.", b"From: x")] * 2)
    row = db.row("SELECT reason, file FROM quarantine")
    assert row["reason"] == "It has no end."
    assert (db.path.parent / "quarantine" / row["file"]).read_bytes() == b"From: x"
    assert len(list((db.path.parent / "quarantine").iterdir())) == 1


def test_quarantine_lasts_thirty_days(db: Database, clock: Clock) -> None:
    inbound.store_events(db, EMAIL, [Unreadable("7", "It has no end.", b"From: x")])
    inbound.store_events(db, EMAIL, [Unreadable("8", "The server does not hand it over.", b"")])
    clock.move(30 * 86_400)
    assert quarantine.delete_expired(db) == 0
    clock.move(1)
    assert quarantine.delete_expired(db) == 2
    assert list((db.path.parent / "quarantine").iterdir()) == []


def test_a_file_that_two_mails_are_put_aside_in_stays_as_long_as_one_of_them(
    db: Database, clock: Clock
) -> None:
    inbound.store_events(db, EMAIL, [Unreadable("7", "It has no end.", b"From: x")])
    clock.move(86_400)
    inbound.store_events(db, EMAIL, [Unreadable("8", "It has no end.", b"From: x")])
    clock.move(29 * 86_400 + 1)
    assert quarantine.delete_expired(db) == 1
    (kept,) = (db.path.parent / "quarantine").iterdir()
    assert kept.read_bytes() == b"From: x"


def test_files_that_no_row_names_go_as_well(db: Database) -> None:
    """A restore brings other rows, and leaves the files."""
    mails = [Unreadable(str(n), "It has no end.", b"From: %d" % n) for n in range(3)]
    inbound.store_events(db, EMAIL, mails)
    first, second, third = sorted((db.path.parent / "quarantine").iterdir())
    db.run("DELETE FROM quarantine WHERE file <> :file", {"file": third.name})
    for path in (first, third):
        os.utime(path, (db.time() - 86_401,) * 2)
    assert quarantine.delete_expired(db) == 0
    assert [path.exists() for path in (first, second, third)] == [False, True, True]


def test_the_quarantine_does_not_fill_the_disk(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MAX_TOTAL_BYTES", 15)
    events = [Unreadable(str(n), "It names no sender.", b"To: me%d\n\n" % n) for n in range(2)]
    inbound.store_events(db, EMAIL, events[:1])
    inbound.store_events(db, EMAIL, events[1:])
    assert len(list((db.path.parent / "quarantine").iterdir())) == 1
    rows = db.all("SELECT file IS NULL AS lost FROM quarantine ORDER BY seq")
    assert rows == [{"lost": 0}, {"lost": 1}]


@pytest.mark.parametrize(
    ("raw", "own"),
    [
        (b"From: <ANA@guest.example>", True),
        (b"ana@guest.example. Yours", True),
        (b"<p>=3Cana@guest.example=3E", True),
        (b"From: juana@guest.example", False),
        (b"From: maria-ana@guest.example", False),
        (b"From: ana@guest.example.org", False),
        (b"From: ana@guest.example-hotel.com", False),
    ],
)
def test_an_erasure_takes_no_mail_of_somebody_with_a_longer_address(
    db: Database, raw: bytes, own: bool
) -> None:
    guest = guest_of(db, mail(db))
    inbound.store_events(db, EMAIL, [Unreadable("7", "It has no end.", raw)])
    erasure.erase(db, guest["id"])
    assert count(db, "quarantine") == (0 if own else 1)


def test_an_erasure_takes_mail_with_the_domain_in_its_other_form(db: Database) -> None:
    guest = make_guest(db, email="ana@müller.de")
    events = [Unreadable("7", "It has no end.", b"From: ana@xn--mller-kva.de")]
    inbound.store_events(db, EMAIL, events)
    erasure.erase(db, guest["id"])
    assert count(db, "quarantine") == 0


def test_quarantine_keeps_nothing_of_a_guest_who_is_erased(db: Database) -> None:
    guest = guest_of(db, mail(db))
    events = [
        Unreadable("7", "It has no end.", b"From: Ana <ANA@guest.example>\n\n\xff"),
        Unreadable("8", "It has no end.", b"From: Eve <eve@guest.example>\n\n"),
        Unreadable("9", "The server does not hand it over.", b""),
    ]
    inbound.store_events(db, EMAIL, events)
    erasure.erase(db, guest["id"])
    (kept,) = (db.path.parent / "quarantine").iterdir()
    assert b"eve@" in kept.read_bytes()
    rows = db.all("SELECT event_key FROM quarantine ORDER BY seq")
    assert [row["event_key"] for row in rows] == ["8", "9"]


def test_what_the_hotel_wrote_elsewhere_is_shown_and_never_sent(db: Database) -> None:
    received = receive(db)
    echo = InboundMessage(event_key="wamid.E", people=(PHONE,), text="Sí", at=db.now(), echo=True)
    inbound.store_events(db, WHATSAPP, [echo, echo])
    row = messages.get(db, db.value("SELECT message_id FROM provider_messages"))
    assert (row["direction"], row["status"], row["author"]["type"]) == ("outbound", "sent", "staff")
    assert row["conversation_id"] == received["conversation_id"]
    assert (count(db, "outbox"), count(db, "messages")) == (0, 2)
    assert conversations.get(db, row["conversation_id"])["waiting_since"] is None
    inbound.store_events(db, WHATSAPP, [DeliveryReceipt("wamid.E", "read", db.now())])
    assert messages.get(db, row["id"])["status"] == "read"


def test_an_echo_is_no_word_of_the_guests(db: Database) -> None:
    """It opens no window."""
    echo = InboundMessage(event_key="wamid.E", people=(PHONE,), text="Sí", at=db.now(), echo=True)
    inbound.store_events(db, WHATSAPP, [echo])
    assert (
        db.value("SELECT last_inbound_at FROM guest_identities WHERE channel = 'whatsapp'") is None
    )


# ------------------------------------------------------------------------------------------------ order


def in_order(db: Database, conversation_id: str) -> list[str]:
    """What a conversation's messages say, in the order in which they are listed, both ways."""
    pages = [
        messages.search(db, conversation_id, order=order, page=Page(1, 50)).rows
        for order in ("asc", "desc")
    ]
    first, last = ([row["content"] for row in rows] for rows in pages)
    assert first == last[::-1]
    return first


def came(db: Database, text: str, key: str, seconds: float) -> InboundMessage:
    """A message that was written so many seconds ago."""
    return InboundMessage(key, (PHONE,), text, time.later(db.now(), seconds=-seconds))


@pytest.mark.parametrize("together", [True, False])
def test_what_was_written_first_stands_first(db: Database, together: bool) -> None:
    late = [came(db, "for Saturday", "1", 20), came(db, "I want to book", "2", 30)]
    for events in [late] if together else [[one] for one in late]:
        inbound.store_events(db, WHATSAPP, events)
    talk = db.row("SELECT id, preview FROM conversations")
    assert in_order(db, talk["id"]) == ["I want to book", "for Saturday"]
    assert talk["preview"] == "for Saturday"


def test_what_was_written_in_the_same_second_stands_as_it_came(db: Database) -> None:
    inbound.store_events(
        db, WHATSAPP, [came(db, text, text, 5) for text in ("one", "two", "three")]
    )
    assert in_order(db, db.value("SELECT id FROM conversations")) == ["one", "two", "three"]


def test_nothing_old_slips_in_far_above(db: Database, clock: Clock) -> None:
    jane = make_member(db)["id"]
    first = receive(db, "Hello?")
    clock.move(121)
    messages.note(db, first["conversation_id"], "Called", by=jane)
    clock.move(60)
    messages.note(db, first["conversation_id"], "Called again", by=jane)
    inbound.store_events(db, WHATSAPP, [came(db, "three hours old", "late", 10_800)])
    old = messages.by_event_key(db, WHATSAPP.name, "late")
    assert old is not None
    assert in_order(db, first["conversation_id"]) == [
        *("Hello?", "three hours old", "Called", "Called again")
    ]
    assert old["written_at"] == time.later(old["created_at"], hours=-3)
    assert old["ordered_at"] == time.later(old["created_at"], minutes=-2)
    assert db.value("SELECT preview FROM conversations") == "three hours old"


def test_nobody_writes_in_the_future(db: Database) -> None:
    inbound.store_events(db, WHATSAPP, [came(db, "Hola", "1", -3600)])
    row = messages.by_event_key(db, WHATSAPP.name, "1")
    assert row is not None
    assert (row["ordered_at"], row["written_at"]) == (row["created_at"], None)


def test_what_the_hotel_wrote_on_its_phone_stands_where_it_was_written(db: Database) -> None:
    echo = InboundMessage("2", (PHONE,), "Yes?", time.later(db.now(), seconds=-20), echo=True)
    inbound.store_events(db, WHATSAPP, [came(db, "A cot, please", "1", 10), echo])
    assert in_order(db, db.value("SELECT id FROM conversations")) == ["Yes?", "A cot, please"]


# ------------------------------------------------------------------------------------------------ consent


def test_a_stop_and_a_start_are_seen_in_the_conversation_and_of_the_guest(db: Database) -> None:
    address = Address("+525512345678", "+525512345678")
    stop = receive(db, "STOP", by=SMS, people=(address,), consent="stop")
    guest = guest_of(db, stop)["id"]
    assert stop["details"] == {"consent": "stop"}
    found = consents.of_guest(db, guest)
    assert found["sms"] == {"state": "withdrawn", "at": stop["created_at"], "source": "guest"}
    assert {found[one]["state"] for one in ("whatsapp", "email")} == {"unknown"}
    receive(db, "STOP", by=SMS, people=(address,), consent="stop")  # nothing new
    start = receive(db, "START", by=SMS, people=(address,), consent="start")
    assert start["details"] == {"consent": "start"}
    assert consents.of_guest(db, guest)["sms"]["state"] == "unknown"
    told = db.all("SELECT actor_id, changed FROM events WHERE type = 'guest.updated'")
    assert told == [{"actor_id": guest, "changed": '["consents"]'}] * 2


def test_a_start_by_sms_is_for_the_number_it_comes_from(db: Database) -> None:
    one, other = (Address(number, number) for number in ("+525512345678", "+525587654321"))
    guest = guest_of(db, receive(db, "STOP", by=SMS, people=(one,), consent="stop"))["id"]
    guests.identify(db, guest, "sms", other.key)
    receive(db, "START", by=SMS, people=(other,), consent="start")
    assert consents.of_guest(db, guest)["sms"]["state"] == "withdrawn"


@pytest.mark.parametrize("wish", ["stop", "start", "help"])
def test_a_wish_is_recorded_for_the_address_it_came_from(db: Database, wish: str) -> None:
    address = Address("+15551234567", "+15551234567")
    receive(db, "STOP", by=SMS, people=(address,), consent="stop")
    receive(db, wish, by=SMS, people=(address,), consent=wish)
    assert count(db, "opt_outs") == (0 if wish == "start" else 1)


def test_a_wish_to_hear_no_more_outlives_its_guest(db: Database) -> None:
    """Erased, and writing again, they are not written to; and nothing says who they were."""
    address = Address("+15551234567", "+15551234567")
    erasure.erase(
        db, guest_of(db, receive(db, "STOP", by=SMS, people=(address,), consent="stop"))["id"]
    )
    files = [path for path in db.path.parent.rglob("*") if path.is_file()]
    assert not any(b"5551234567" in path.read_bytes() for path in files)
    again = make_guest(db, phone="+15551234567")["id"]
    blocker = sendability.blocker(db, again, "sms", "text")
    assert (blocker and blocker.reason, sendability.blocker(db, again, "email", "text")) == (
        "opted_out",
        None,
    )
    receive(db, "START", by=SMS, people=(address,), consent="start")
    assert sendability.blocker(db, again, "sms", "text") is None


# ------------------------------------------------------------------------------------------------ e-mail


def test_mail_by_whom_is_known_goes_on_where_they_left_off(db: Database) -> None:
    first = mail(db, subject="A room")
    conversation = conversations.get(db, first["conversation_id"])
    assert (conversation["subject"], guest_of(db, first)["email"]) == (
        "A room",
        "Ana@Guest.example",
    )
    assert mail(db)["conversation_id"] == conversation["id"]
    conversations.change(db, conversation["id"], status="closed")
    assert mail(db)["conversation_id"] != conversation["id"]


@pytest.mark.parametrize("how", ["token", "answers", "references"])
def test_an_answer_finds_its_conversation(db: Database, how: str) -> None:
    first = mail(db, key="<1@guest> 0123")
    conversations.change(db, first["conversation_id"], status="closed")
    other = mail(db, key="<2@guest> 4567")
    assert other["conversation_id"] != first["conversation_id"]
    fields: dict[str, Any] = {
        "token": {"token": reply_token("secret", first["conversation_id"])},
        "answers": {"in_reply_to": ("<1@guest>",)},
        "references": {"in_reply_to": ("<nobody@x>", "<1@guest>")},
    }[how]
    assert mail(db, **fields)["conversation_id"] == first["conversation_id"]
    assert conversations.get(db, first["conversation_id"])["status"] == "open"


def test_a_forged_token_leads_nowhere(db: Database) -> None:
    first = mail(db)
    conversations.change(db, first["conversation_id"], status="closed")
    forged = reply_token("another secret", first["conversation_id"])
    assert mail(db, token=forged)["conversation_id"] != first["conversation_id"]


def test_a_stranger_who_answers_somebody_elses_mail_is_kept_apart(db: Database) -> None:
    first = mail(db, key="<1@guest> 0123")
    token = reply_token("secret", first["conversation_id"])
    answer = mail(db, people=(EVE,), token=token, in_reply_to=("<1@guest>",))
    assert answer["conversation_id"] != first["conversation_id"]
    assert texts(db, answer["conversation_id"]) == ["Hola", inbound.OTHER_SENDER]
    assert texts(db, first["conversation_id"]) == ["Hola"]


# ------------------------------------------------------------------------------------------------ receipts


@pytest.fixture
def sent(db: Database) -> Row:
    """A message that waits to be sent."""
    received = receive(db)
    settings.put(db, "channels.whatsapp", {"enabled": True})
    return messages.send(db, received["conversation_id"], content="Sí", by=make_member(db)["id"])


def accept(db: Database, message: Row, *names: str) -> None:
    """The provider has accepted a message under these names, one a part."""
    from jack.messaging import outbox

    for name in names:
        (claimed,) = outbox.claim(db, "me", "whatsapp")
        outbox.set_parts(db, claimed, len(names))
        outbox.record_result(
            db, claimed, "me", Accepted(name), outbox.Sent("whatsapp:1", None, len(names))
        )


def receipt(db: Database, name: str, status: Any, **more: Any) -> None:
    inbound.store_events(db, WHATSAPP, [DeliveryReceipt(name, status, db.now(), **more)])


def status(db: Database, message: Row) -> str:
    return str(messages.get(db, message["id"])["status"])


def test_receipts_in_any_order_only_move_up(db: Database, sent: Row) -> None:
    accept(db, sent, "wamid.1")
    for name in ("read", "delivered", "sent", "failed"):
        receipt(db, "wamid.1", name, error="late" if name == "failed" else None)
        assert status(db, sent) == "read"
    row = messages.get(db, sent["id"])
    assert {row["read_at"], row["delivered_at"], row["sent_at"]} == {db.now()}


def test_a_failure_before_delivery_counts_and_a_late_sent_does_not_undo_it(
    db: Database, sent: Row
) -> None:
    accept(db, sent, "wamid.1")
    receipt(db, "wamid.1", "failed", error="No such number.")
    receipt(db, "wamid.1", "sent")
    row = messages.get(db, sent["id"])
    assert (row["status"], row["error"]) == ("failed", "No such number.")
    assert conversations.get(db, row["conversation_id"])["waiting_since"] is not None


@pytest.mark.parametrize("ours", [True, False])
def test_a_status_before_the_answer_counts_when_it_is_there(
    db: Database, sent: Row, ours: bool
) -> None:
    receipt(db, "wamid.1", "delivered", message_id=sent["id"] if ours else None)
    assert status(db, sent) == "queued"
    accept(db, sent, "wamid.1")
    assert status(db, sent) == "delivered"


def test_a_message_in_parts_is_as_far_as_the_least_of_them(db: Database, sent: Row) -> None:
    accept(db, sent, "wamid.1", "wamid.2")
    assert status(db, sent) == "sent"
    receipt(db, "wamid.1", "read")
    assert status(db, sent) == "sent"
    receipt(db, "wamid.2", "delivered")
    assert status(db, sent) == "delivered"
    receipt(db, "wamid.2", "read")
    assert status(db, sent) == "read"


def test_a_receipt_with_our_id_settles_what_was_unknown(db: Database, sent: Row) -> None:
    from jack.messaging import outbox

    (claimed,) = outbox.claim(db, "me", "whatsapp")
    outbox.record_result(db, claimed, "me", Unknown("No answer."), outbox.Sent("whatsapp:1"))
    assert status(db, sent) == "unknown"
    receipt(db, "wamid.X", "sent", message_id=sent["id"])
    assert status(db, sent) == "sent"
    receipt(db, "wamid.X", "read")
    assert status(db, sent) == "read"


def test_a_receipt_of_another_channel_is_not_ours(db: Database, sent: Row) -> None:
    inbound.store_events(db, SMS, [DeliveryReceipt("SM1", "read", db.now(), message_id=sent["id"])])
    accept(db, sent, "wamid.1")
    assert status(db, sent) == "sent"


def test_a_receipt_nobody_knows_is_kept_a_month(db: Database, clock: Clock) -> None:
    from jack.messaging import receipts

    receipt(db, "wamid.none", "delivered")
    receipt(db, "wamid.none", "delivered")
    assert count(db, "receipts") == 1
    clock.move(29 * 86_400)
    assert receipts.delete_expired(db) == 0
    clock.move(2 * 86_400)
    assert receipts.delete_expired(db) == 1


def test_a_message_that_is_late_is_sent_and_says_so(db: Database, clock: Clock, sent: Row) -> None:
    accept(db, sent, "wamid.1")
    since = db.now()
    why = {
        "error": "The mailbox is full.",
        "report": (("code", "4.2.2"), ("cause", "mailbox_full")),
    }
    receipt(db, "wamid.1", "delayed", **why)
    clock.move(60)
    receipt(db, "wamid.1", "delayed", **why)
    assert status(db, sent) == "sent"
    delayed = {"since": since, "reason": "The mailbox is full.", "code": "4.2.2", "cause": "mailbox_full"}  # fmt: skip
    assert messages.get(db, sent["id"])["details"] == {"delayed": delayed}
    assert len(texts(db, sent["conversation_id"])) == 2
    changed = "SELECT count(*) FROM events WHERE changed = '[\"details\"]' AND subject_id = :id"
    assert db.value(changed, {"id": sent["id"]}) == 1


@pytest.mark.parametrize("early", [True, False])
def test_a_message_that_came_back_says_why(db: Database, sent: Row, *, early: bool) -> None:
    why = {"code": "5.1.1", "cause": "no_such_mailbox", "diagnosis": "550 unknown"}
    report = {"error": "The mailbox does not exist.", "report": tuple(why.items())}
    if early:
        receipt(db, "wamid.1", "failed", **report)
    accept(db, sent, "wamid.1")
    if not early:
        receipt(db, "wamid.1", "failed", **report)
    row = messages.get(db, sent["id"])
    assert (row["status"], row["error"]) == ("failed", "The mailbox does not exist.")
    assert row["details"] == {"bounce": why}
    delivery.resend(db, sent["id"], by=make_member(db)["id"])
    assert messages.get(db, sent["id"])["details"] is None


def test_what_has_arrived_is_not_late(db: Database, sent: Row) -> None:
    accept(db, sent, "wamid.1")
    receipt(db, "wamid.1", "delivered")
    receipt(db, "wamid.1", "delayed", error="Later.")
    assert messages.get(db, sent["id"])["details"] is None


def test_an_opt_out_the_provider_tells_of_is_recorded(db: Database, sent: Row) -> None:
    accept(db, sent, "wamid.1")
    receipt(db, "wamid.1", "failed", error="Unsubscribed.", opted_out=True)
    assert count(db, "opt_outs") == 1


def test_a_failure_that_may_pass_is_tried_once_more(db: Database, clock: Clock, sent: Row) -> None:

    for name, becomes in (("wamid.1", "queued"), ("wamid.2", "failed")):
        accept(db, sent, name)
        receipt(db, name, "failed", error="Unreachable.", means=Retry("Unreachable."))
        assert status(db, sent) == becomes
        clock.move(120)


def test_what_the_hotel_wrote_elsewhere_is_not_tried_once_more(db: Database) -> None:

    echo = InboundMessage(event_key="wamid.E", people=(PHONE,), text="Sí", at=db.now(), echo=True)
    inbound.store_events(db, WHATSAPP, [echo])
    receipt(db, "wamid.E", "failed", error="Unreachable.", means=Retry("Unreachable."))
    row = messages.get(db, db.value("SELECT message_id FROM provider_messages"))
    assert (row["status"], row["error"], count(db, "outbox")) == ("failed", "Unreachable.", 0)


def test_a_failure_before_the_answer_leaves_the_message_failed(db: Database, sent: Row) -> None:
    """Told while the message is with the provider: there is nothing to queue again yet."""
    from jack.messaging import outbox

    (claimed,) = outbox.claim(db, "me", "whatsapp")
    failure = {"error": "Unreachable.", "means": Retry("Unreachable."), "message_id": sent["id"]}
    receipt(db, "wamid.1", "failed", **failure)
    assert status(db, sent) == "sending"
    outbox.record_result(db, claimed, "me", Accepted("wamid.1"), outbox.Sent("whatsapp:1"))
    assert (status(db, sent), count(db, "outbox")) == ("failed", 0)


def test_an_account_a_receipt_finds_broken_is_paused(db: Database, sent: Row) -> None:
    from jack.resources.channel_accounts import store as accounts

    accept(db, sent, "wamid.1")
    receipt(db, "wamid.1", "failed", error="Pay first.", means=Broken("Pay first."))
    assert accounts.get(db, "whatsapp:1")["paused_because"] == "Pay first."


# ------------------------------------------------------------------------------------------------ each once


def test_a_key_is_claimed_once_for_each_account(db: Database) -> None:
    assert inbound_keys.claim(db, WHATSAPP.name, "wamid.1")
    assert not inbound_keys.claim(db, WHATSAPP.name, "wamid.1")
    assert inbound_keys.claim(db, SMS.name, "wamid.1")


def test_whether_a_text_came_before_is_asked_by_one_statement(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for verb in ("one", "all", "value", "run"):
        usual = getattr(db, verb)

        def noted(sql: str, params: Any = {}, usual: Any = usual) -> Any:  # noqa: B006
            asked.append(sql)
            return usual(sql, params)

        monkeypatch.setattr(db, verb, noted)
    events = [InboundMessage("wamid.1", (PHONE,), "Hola", db.now())]
    for _ in range(2):
        inbound.store_events(db, WHATSAPP, events)
    on_inbound = [sql for sql in asked if re.search(r"\b(FROM|INTO|UPDATE) inbound\b", sql)]
    first = [inbound_keys.CLAIM, edits.DELETED_AT, inbound_keys.LINK]
    # A repeat may be the message that an edit of it has overtaken.
    assert on_inbound == [*first, inbound_keys.CLAIM, inbound_keys.MESSAGE_OF]
    assert count(db, "messages") == 1
