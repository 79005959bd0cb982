"""WhatsApp: every kind of message and status Meta tells of, and everything else that may stand in a signed body."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jack.channels import whatsapp
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Broken, Permanent, Retry
from jack.channels.types import (
    Account,
    Address,
    AddressChanged,
    DeliveryReceipt,
    Edit,
    Event,
    File,
    InboundMessage,
    Media,
    OutboundMessage,
    Reaction,
    WebhookRequest,
)

SECRET = "0123456789abcdef0123456789abcdef"
NUMBER_ID = "106540352242922"
NOW = "2026-05-28T20:26:40.000Z"
AT = "1780000000"  # the same moment
ACCOUNT = Account(
    "whatsapp",
    f"whatsapp:{NUMBER_ID}",
    {"provider": "meta", "appSecret": SECRET, "phoneNumberId": NUMBER_ID},
    "https://jack.example.com",
)
ANA = {"profile": {"name": "Ana"}, "wa_id": "5215512345678", "user_id": "MX.1349"}
PHONE = Address("+525512345678", "5215512345678")
USER = Address("MX.1349", "MX.1349")


def signed(body: bytes, secret: str = SECRET) -> WebhookRequest:
    mark = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return WebhookRequest(
        "POST", "/webhooks/whatsapp", "", {"X-Hub-Signature-256": mark}, body, NOW
    )


def change(field: str = "messages", number: Any = NUMBER_ID, **value: Any) -> dict[str, Any]:
    return {
        "field": field,
        "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "525598765432", "phone_number_id": number},
            **value,
        },
    }


def body(*changes: Any) -> bytes:
    entry = [{"id": "WABA", "changes": list(changes)}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def read(*changes: Any) -> list[Event]:
    return whatsapp.read(ACCOUNT, signed(body(*changes)))


def message(**value: Any) -> dict[str, Any]:
    sent = {"from": "5215512345678", "from_user_id": "MX.1349", "id": "wamid.IN", "timestamp": AT}
    return {**sent, **value}


def received(*, beside: Any = (ANA,), **value: Any) -> InboundMessage:
    (event,) = read(change(contacts=list(beside), messages=[message(**value)]))
    assert isinstance(event, InboundMessage)
    return event


# ------------------------------------------------------------------------------------------------ signature


def test_the_signature_is_over_the_raw_bytes() -> None:
    raw = (
        b'{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":'
        b'[{"value":{"messaging_product":"whatsapp"},"field":"messages"}]}]}'
    )
    assert len(raw) == 147
    mark = "sha256=de21a2177b29cddea94fd9cc8fc6aaf3ac8de9a51840fce81816379578c9215c"
    post = WebhookRequest("POST", "/webhooks/whatsapp", "", {"x-hub-signature-256": mark}, raw)
    assert whatsapp.read(ACCOUNT, post) == []


def test_a_body_that_was_written_anew_is_refused() -> None:
    raw = rb'{"body":"Habitaci\u00f3n \ud83d\ude42"}'
    mark = "sha256=d90ce2ce359cda9dadd431c03153d4b655a9ab30cce070a614c5cf7b15ed24d7"
    post = WebhookRequest("POST", "/webhooks/whatsapp", "", {"X-Hub-Signature-256": mark}, raw)
    assert whatsapp.read(ACCOUNT, post) == []
    anew = json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode()
    assert json.loads(anew) == json.loads(raw)
    with pytest.raises(InvalidSignature):
        whatsapp.read(ACCOUNT, replace(post, body=anew))


@pytest.mark.parametrize("mark", ["", "sha256=", "sha256=00", "ñ", "sha1=" + "0" * 40])
def test_a_request_without_the_right_signature_is_refused(mark: str) -> None:
    post = WebhookRequest("POST", "/webhooks/whatsapp", "", {"X-Hub-Signature-256": mark}, body())
    with pytest.raises(InvalidSignature):
        whatsapp.read(ACCOUNT, post)
    with pytest.raises(InvalidSignature):
        whatsapp.read(ACCOUNT, replace(post, headers={}))


def test_an_empty_secret_lets_nobody_in() -> None:
    nobody = replace(ACCOUNT, settings={**ACCOUNT.settings, "appSecret": ""})
    with pytest.raises(InvalidSignature):
        whatsapp.read(nobody, signed(body(), secret=""))


# ------------------------------------------------------------------------------------------------ people


def test_a_text_comes_with_who_when_and_what() -> None:
    assert received(type="text", text={"body": "Hola"}) == InboundMessage(
        event_key="wamid.IN", people=(USER, PHONE), text="Hola", at=NOW, name="Ana"
    )


@pytest.mark.parametrize(
    ("sent", "contact", "people"),
    [
        ({"from": None}, {"user_id": "MX.1349"}, (USER,)),
        ({"from_user_id": None}, {"wa_id": "5215512345678"}, (PHONE,)),
        ({"from_user_id": None}, ANA, (USER, PHONE)),
        (
            {"from_parent_user_id": "MX.ENT.118"},
            ANA,
            (USER, PHONE, Address("MX.ENT.118", "MX.ENT.118")),
        ),
        (
            {},
            {**ANA, "parent_user_id": "MX.ENT.118"},
            (USER, PHONE, Address("MX.ENT.118", "MX.ENT.118")),
        ),
        ({"from": None, "from_user_id": None}, {"user_id": "MX.1349"}, (USER,)),
    ],
)
def test_a_guest_is_known_by_user_id_first_then_by_number(
    sent: dict[str, Any], contact: dict[str, Any], people: tuple[Address, ...]
) -> None:
    found = received(beside=[contact], type="text", text={"body": "Hola"}, **sent)
    assert found.people == people


def test_a_name_is_taken_from_the_right_contact() -> None:
    other = {"profile": {"name": "Luis"}, "wa_id": "34600000000", "user_id": "ES.1"}
    assert received(beside=[other, ANA], type="text", text={"body": "x"}).name == "Ana"
    assert received(beside=[other], type="text", text={"body": "x"}).name is None


def test_a_username_stands_in_for_a_name() -> None:
    contact = {**ANA, "profile": {"username": "ana"}}
    assert received(beside=[contact], type="text", text={"body": "x"}).name == "@ana"


def test_a_message_from_nobody_is_skipped_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    nobody = {"id": "wamid.1", "type": "text", "text": {"body": "secret words"}}
    events = read(change(messages=[nobody, 7, message(type="text", text={"body": "Hola"})]))
    assert [event.event_key for event in events if isinstance(event, InboundMessage)] == [
        "wamid.IN"
    ]
    assert len(caplog.messages) == 2
    assert "secret" not in caplog.text


# ------------------------------------------------------------------------------------------------ kinds of messages

IMAGE = {"mime_type": "image/jpeg", "sha256": "…", "id": "6546"}
PLACE = {"latitude": 37.46, "longitude": -122.21, "name": "HQ", "address": "1 Hacker Way"}
CARD = {"name": {"formatted_name": "Luis Sol"}, "phones": [{"phone": "+52 55 1"}, {"wa_id": "1"}]}
CHOSEN = {"id": "late", "title": "Late", "description": "After 14:00"}
FORM = {"name": "flow", "body": "Sent", "response_json": '{"beds":2}'}
ITEM = {"product_retailer_id": "towel", "quantity": 2, "item_price": 5, "currency": "MXN"}
ORDERED = {"product": "towel", "quantity": 2.0, "price": 5.0, "currency": "MXN"}


@pytest.mark.parametrize(
    ("value", "type", "text", "media", "details"),
    [
        (
            {"type": "image", "image": {**IMAGE, "caption": "x"}},
            "image",
            "x",
            (Media(None, "image/jpeg", "6546"),),
            {},
        ),
        (
            {"type": "sticker", "sticker": {"mime_type": "image/webp", "id": 12}},
            "image",
            "",
            (Media(None, "image/webp", "12"),),
            {},
        ),
        (
            {"type": "video", "video": {"mime_type": "video/mp4", "id": "1"}},
            "file",
            "",
            (Media(None, "video/mp4", "1"),),
            {},
        ),
        (
            {
                "type": "audio",
                "audio": {"mime_type": "audio/ogg; codecs=opus", "id": "1", "voice": True},
            },
            "file",
            "",
            (Media(None, "audio/ogg; codecs=opus", "1"),),
            {"voice": True},
        ),
        (
            {
                "type": "document",
                "document": {"id": "1", "filename": "a\nb.pdf", "caption": "Bill"},
            },
            "file",
            "Bill",
            (Media("a b.pdf", None, "1"),),
            {},
        ),
        (
            {"type": "image", "image": {"url": "https://lookaside.fbsbx.com/x"}},
            "image",
            "",
            (Media(None, None, "https://lookaside.fbsbx.com/x"),),
            {},
        ),
        (
            {"type": "location", "location": PLACE},
            "location",
            "HQ, 1 Hacker Way",
            (),
            {"location": PLACE},
        ),
        (
            {"type": "location", "location": {"latitude": "1.5", "longitude": 2}},
            "location",
            "1.5, 2.0",
            (),
            {"location": {"latitude": 1.5, "longitude": 2.0, "name": None, "address": None}},
        ),
        (
            {"type": "contacts", "contacts": [CARD, {}]},
            "text",
            "Luis Sol, +52 55 1",
            (),
            {
                "contacts": [
                    {"name": "Luis Sol", "phones": ["+52 55 1"]},
                    {"name": None, "phones": []},
                ]
            },
        ),
        (
            {"type": "button", "button": {"text": "Yes", "payload": "yes-1"}},
            "text",
            "Yes",
            (),
            {"choice": {"id": "yes-1", "title": "Yes"}},
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "button_reply",
                    "button_reply": {"id": "1", "title": "Yes"},
                },
            },
            "text",
            "Yes",
            (),
            {"choice": {"id": "1", "title": "Yes"}},
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": CHOSEN}},
            "text",
            "Late",
            (),
            {"choice": CHOSEN},
        ),
        (
            {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": FORM}},
            "text",
            "Sent",
            (),
            {"form": '{"beds":2}'},
        ),
        (
            {
                "type": "order",
                "order": {"catalog_id": "c", "text": "Please", "product_items": [ITEM]},
            },
            "text",
            "2 × towel\nPlease",
            (),
            {"order": {"catalog": "c", "items": [ORDERED]}},
        ),
    ],
)
def test_every_kind_of_message_says_what_it_says(
    value: dict[str, Any], type: str, text: str, media: Any, details: Any
) -> None:
    found = received(**value)
    assert (found.type, found.text, found.media, found.details) == (type, text, media, details)


@pytest.mark.parametrize(
    ("reaction", "emoji"), [({"emoji": "👨‍👩‍👧"}, "👨‍👩‍👧"), ({"emoji": ""}, None), ({}, None)]
)
def test_a_reaction_stands_on_a_message(reaction: dict[str, str], emoji: str | None) -> None:
    told = message(type="reaction", reaction={"message_id": "wamid.OUT", **reaction})
    (event,) = read(change(messages=[told]))
    assert isinstance(event, Reaction)
    assert (event.event_key, event.provider_id, event.emoji) == ("wamid.IN", "wamid.OUT", emoji)
    assert (event.at, event.echo, bool(event.people)) == (NOW, False, True)


def test_a_reaction_from_the_hotels_phone_is_the_hotels() -> None:
    reaction = {"message_id": "wamid.IN", "emoji": "👍"}
    echo = {**message(type="reaction", reaction=reaction), "to": "5215512345678"}
    (event,) = read(change("smb_message_echoes", message_echoes=[echo]))
    assert isinstance(event, Reaction)
    assert (event.provider_id, event.emoji, event.echo) == ("wamid.IN", "👍", True)


def test_who_opens_the_chat_has_written_nothing() -> None:
    """`request_welcome`: a conversation is opened for the first time; beside it, a message is still one."""
    welcome = message(type="request_welcome", id="wamid.WELCOME")
    assert read(change(contacts=[ANA], messages=[welcome])) == []
    said = message(type="text", text={"body": "Hola"})
    (event,) = read(change(contacts=[ANA], messages=[welcome, said]))
    assert isinstance(event, InboundMessage)
    assert event.text == "Hola"


def test_an_unsupported_message_is_kept_with_what_is_known_of_it() -> None:
    errors = [{"code": 131051, "title": "Message type unknown"}]
    found = received(type="unsupported", errors=errors, unsupported={"type": "poll_creation"})
    assert found.type == "unsupported"
    assert found.text == "A message of a kind that cannot be shown here (poll_creation)."
    assert found.details == {"unsupported": {"kind": "poll_creation", "code": "131051"}}


@pytest.mark.parametrize(
    "value",
    [
        {"type": "hologram", "hologram": {"depth": 3}},
        {"type": None},
        {"type": ["text"]},
        {},
        {"type": "text"},
        {"type": "text", "text": "Hola"},
        {"type": "text", "text": {"body": 7}},
        {"type": "text", "text": {"body": "\x00\ud800"}},
        {"type": "image", "image": {"caption": "no id"}},
        {"type": "location", "location": {"latitude": 91, "longitude": 0}},
        {"type": "location", "location": {"latitude": float("nan"), "longitude": 0}},
        {"type": "location", "location": {"latitude": True, "longitude": {}}},
        {"type": "contacts", "contacts": []},
        {"type": "button", "button": {}},
        {"type": "interactive", "interactive": {"type": "new_reply"}},
        {"type": "reaction", "reaction": {"emoji": "😮"}},
        {"type": "order", "order": {"product_items": []}},
        {"type": "edit", "edit": {"message": {"type": "text", "text": {"body": "y"}}}},
        {"type": "edit", "edit": {"original_message_id": "wamid.X", "message": {"type": "?"}}},
        {"type": "revoke", "revoke": {}},
        {"type": "system", "system": {"type": "user_identity_changed"}},
        {"type": "system", "system": {"type": "user_changed_number"}},
    ],
)
def test_what_is_unknown_or_broken_is_kept_as_unsupported(value: dict[str, Any]) -> None:
    found = received(**value)
    assert found.type == "unsupported"
    assert found.text
    assert found.event_key == "wamid.IN"


def test_what_cannot_be_stored_is_taken_out_of_a_text() -> None:
    assert received(type="text", text={"body": "a\x00b\r\nc\ud83dd\x1b"}).text == "ab\ncd"


def test_an_answer_names_what_it_answers() -> None:
    context = {"id": "wamid.OUT", "from": "525598765432", "forwarded": True}
    found = received(type="text", text={"body": "Sí"}, context=context)
    assert found.in_reply_to == ("wamid.OUT",)
    assert found.details == {"forwarded": True}


def test_a_message_from_an_advertisement_says_from_which() -> None:
    referral = {"headline": "Sun", "source_url": "https://fb.me/x", "source_id": "1", "body": 3}
    found = received(type="text", text={"body": "Hola"}, referral=referral)
    shown = {"headline": "Sun", "url": "https://fb.me/x", "sourceId": "1"}
    assert found.details == {"referral": shown}


def test_an_advertisement_is_kept_whole() -> None:
    referral = {
        "source_url": "https://fb.me/x",
        "source_id": "120208",
        "source_type": "ad",
        "headline": "Spring offer",
        "body": "Three nights for two. " * 20,
        "media_type": "image",
        "image_url": "https://scontent.example/" + "i" * 900,
        "video_url": None,
        "thumbnail_url": "https://scontent.example/t",
        "ctwa_clid": "ARAk" * 60,
        "welcome_message": {"text": "How can we help?"},
    }
    found = received(type="text", text={"body": "Hola"}, referral=referral)
    assert found.details["referral"] == {
        "url": "https://fb.me/x",
        "sourceId": "120208",
        "source": "ad",
        "headline": "Spring offer",
        "body": referral["body"].strip(),
        "mediaType": "image",
        "imageUrl": referral["image_url"],
        "thumbnailUrl": "https://scontent.example/t",
        "clickId": referral["ctwa_clid"],
        "welcomeMessage": "How can we help?",
    }


@pytest.mark.parametrize("referral", ["ad", [], {}, {"welcome_message": ["x"]}, {"body": {"a": 1}}])
def test_what_is_no_advertisement_is_left_out(referral: Any) -> None:
    found = received(type="text", text={"body": "Hola"}, referral=referral)
    assert found.details == {}


@pytest.mark.parametrize(
    "stamp", [None, "", "soon", "-1", "9" * 30, "99999999999", {}, "1780000001"]
)
def test_a_time_that_is_missing_or_to_come_is_now(stamp: Any) -> None:
    assert received(timestamp=stamp, type="text", text={"body": "x"}).at == NOW


def test_a_message_redelivered_after_days_keeps_its_time() -> None:
    assert (
        received(timestamp="1779740800", type="text", text={"body": "x"}).at
        == "2026-05-25T20:26:40.000Z"
    )


def test_a_message_without_an_id_has_the_same_key_each_time() -> None:
    keys = [received(id=None, type="text", text={"body": text}).event_key for text in "aab"]
    assert keys[0] == keys[1] != keys[2]


# ------------------------------------------------------------------------------------------------ edits, moves, echoes


def test_an_edit_says_of_what_and_what_now() -> None:
    edit = {"original_message_id": "wamid.X", "message": {"type": "text", "text": {"body": "y"}}}
    (event,) = read(change(contacts=[ANA], messages=[message(type="edit", edit=edit)]))
    whole = InboundMessage("wamid.X", (USER, PHONE), "y", NOW, name="Ana")
    assert event == Edit("wamid.IN", "wamid.X", "y", NOW, whole)


def test_an_edited_caption_is_an_edit() -> None:
    image = {"type": "image", "image": {**IMAGE, "caption": "new"}}
    edit = {"original_message_id": "wamid.X", "message": image}
    (event,) = read(change(messages=[message(type="edit", edit=edit)]))
    assert isinstance(event, Edit)
    assert (event.text, event.whole and event.whole.type) == ("new", "image")
    assert [one.source for one in event.whole.media] == [IMAGE["id"]]


def test_a_message_taken_back_has_no_text_any_more() -> None:
    revoke = {"original_message_id": "wamid.X"}
    (event,) = read(change(messages=[message(type="revoke", revoke=revoke)]))
    assert event == Edit("wamid.IN", "wamid.X", None, NOW)


def test_a_changed_number_moves_a_guest() -> None:
    system = {"body": "…", "type": "user_changed_number", "wa_id": "34600000000"}
    sent = {"from": "5215512345678", "id": "wamid.IN", "timestamp": AT}
    (event,) = read(change(messages=[{**sent, "type": "system", "system": system}]))
    assert event == AddressChanged(
        "wamid.IN", (PHONE,), (Address("+34600000000", "34600000000"),), NOW
    )


def test_a_changed_number_brings_a_new_user_id() -> None:
    system = {
        "type": "user_changed_number",
        "wa_id": "34600000000",
        "user_id": "ES.2",
        "previous_user_id": "MX.1349",
    }
    sent = message(type="system", system=system, from_user_id="ES.2")
    (event,) = read(change(messages=[sent]))
    new = (Address("ES.2", "ES.2"), Address("+34600000000", "34600000000"))
    assert event == AddressChanged("wamid.IN", (USER, PHONE), new, NOW)


@pytest.mark.parametrize(
    "sent",
    [
        {"from_user_id": "MX.1349", "system": {"user_id": "MX.2"}},
        {"system": {"user_id": "MX.2", "previous_user_id": "MX.1349"}},
        {"from_user_id": "MX.2", "system": {"user_id": "MX.2", "previous_user_id": "MX.1349"}},
    ],
)
def test_a_changed_user_id_moves_a_guest_without_a_number(sent: dict[str, Any]) -> None:
    system = {"type": "user_changed_user_id", **sent.pop("system")}
    item = {"id": "wamid.IN", "timestamp": AT, "type": "system", "system": system, **sent}
    assert read(change(messages=[item])) == [
        AddressChanged("wamid.IN", (USER,), (Address("MX.2", "MX.2"),), NOW)
    ]


def test_an_echo_is_the_hotels_own_word_to_a_guest() -> None:
    echo = {
        "from": "525598765432",
        "to": "5215512345678",
        "to_user_id": "MX.1349",
        "id": "wamid.ECHO",
        "timestamp": AT,
        "type": "text",
        "text": {"body": "Con gusto"},
    }
    (event,) = read(change("smb_message_echoes", message_echoes=[echo]))
    assert event == InboundMessage("wamid.ECHO", (USER, PHONE), "Con gusto", NOW, echo=True)


# ------------------------------------------------------------------------------------------------ statuses


@pytest.mark.parametrize(
    ("value", "status"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("played", "read")],
)
def test_a_status_brings_back_our_own_id(value: str, status: str) -> None:
    item = {
        "id": "wamid.OUT",
        "status": value,
        "timestamp": AT,
        "biz_opaque_callback_data": "msg-01",
    }
    assert read(change(statuses=[item])) == [
        DeliveryReceipt("wamid.OUT", status, NOW, message_id="msg-01")  # type: ignore[arg-type]
    ]


def test_a_failure_says_why_in_plain_words() -> None:
    errors = [{"code": 131047, "title": "Re-engagement message", "error_data": {"details": "…"}}]
    item = {"id": "wamid.OUT", "status": "failed", "timestamp": AT, "errors": errors}
    (event,) = read(change(statuses=[item]))
    says = "The guest last wrote more than 24 hours ago: only a template can be sent. (WhatsApp 131047)"
    means = Permanent(says, "window_closed")
    assert event == DeliveryReceipt("wamid.OUT", "failed", NOW, error=says, means=means)


@pytest.mark.parametrize(("code", "kind"), [(131042, Broken), (130429, Retry), (424242, Permanent)])
def test_a_failure_says_what_it_means_for_sending(code: int, kind: type) -> None:
    item = {"id": "wamid.OUT", "status": "failed", "errors": [{"code": code, "title": "Odd thing"}]}
    (event,) = read(change(statuses=[item]))
    assert isinstance(event, DeliveryReceipt)
    assert type(event.means) is kind


def test_a_failure_without_an_error_is_one_all_the_same() -> None:
    (event,) = read(change(statuses=[{"id": "wamid.OUT", "status": "failed"}]))
    assert isinstance(event, DeliveryReceipt)
    assert (event.status, event.error) == ("failed", "WhatsApp could not deliver it.")


def test_a_status_nobody_knows_is_skipped_by_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    good = {"id": "wamid.2", "status": "sent", "timestamp": AT}
    items = [{"id": "wamid.1", "status": "teleported"}, {"status": "sent"}, None, good]
    events = read(change(statuses=items))
    assert [event.provider_id for event in events if isinstance(event, DeliveryReceipt)] == [
        "wamid.2"
    ]
    assert "teleported" in caplog.text


def test_a_strange_id_is_not_taken_for_one_of_ours() -> None:
    item = {"id": "wamid.OUT", "status": "sent", "biz_opaque_callback_data": "'; DROP TABLE"}
    (event,) = read(change(statuses=[item]))
    assert isinstance(event, DeliveryReceipt)
    assert event.message_id is None


# ------------------------------------------------------------------------------------------------ batches


def test_everything_in_a_batch_is_told_in_its_order() -> None:
    entries = [
        {
            "id": f"WABA{entry}",
            "changes": [
                change(
                    contacts=[ANA],
                    messages=[
                        message(id=f"in-{entry}-{turn}-{n}", type="text", text={"body": "x"})
                        for n in range(2)
                    ],
                    statuses=[
                        {"id": f"out-{entry}-{turn}-{n}", "status": "read"} for n in range(20)
                    ],
                )
                for turn in range(2)
            ],
        }
        for entry in range(2)
    ]
    events = whatsapp.read(ACCOUNT, signed(json.dumps({"entry": entries}).encode()))
    names = [
        one.event_key if isinstance(one, InboundMessage) else one.provider_id for one in events
    ]  # type: ignore[union-attr]
    assert names == [
        name
        for entry in range(2)
        for turn in range(2)
        for name in (
            *(f"in-{entry}-{turn}-{n}" for n in range(2)),
            *(f"out-{entry}-{turn}-{n}" for n in range(20)),
        )
    ]


def test_another_numbers_messages_are_not_ours_but_named() -> None:
    hers = message(type="text", text={"body": "x"})
    post = signed(
        body(change(number="999", messages=[hers]), change(messages=[hers]), change(number=None))
    )
    assert len(whatsapp.read(ACCOUNT, post)) == 1
    assert whatsapp.other_accounts(ACCOUNT, post) == ["whatsapp:999"]


def test_a_number_id_written_as_a_number_is_ours() -> None:
    hers = message(type="text", text={"body": "x"})
    assert len(read(change(number=int(NUMBER_ID), messages=[hers]))) == 1


def test_other_fields_are_acknowledged_and_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    assert read(change("account_update", event="VERIFIED_ACCOUNT")) == []
    assert "account_update" in caplog.text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"entry":' + b"9" * 5000 + b"}",
        b'{"entry":{}}',
    ],
)
def test_a_signed_body_that_is_nonsense_is_acknowledged(raw: bytes) -> None:
    assert whatsapp.read(ACCOUNT, signed(raw)) == []
    assert whatsapp.other_accounts(ACCOUNT, signed(raw)) == []


def test_nesting_as_deep_as_can_be_read_is_no_harm() -> None:
    for depth in range(500, 1000):
        deep = '{"entry":[{"changes":[{"value":{"metadata":{"phone_number_id":"%s"},"messages":[%s]}}]}]}'
        inner = '{"from":"5215512345678","x":' + "[" * depth + "]" * depth + "}"
        whatsapp.read(ACCOUNT, signed((deep % (NUMBER_ID, inner)).encode()))


NAMES = st.sampled_from(
    [
        "id",
        "from",
        "from_user_id",
        "to",
        "to_user_id",
        "timestamp",
        "type",
        "text",
        "body",
        "image",
        "caption",
        "location",
        "latitude",
        "longitude",
        "contacts",
        "name",
        "formatted_name",
        "phones",
        "phone",
        "button",
        "payload",
        "interactive",
        "button_reply",
        "list_reply",
        "nfm_reply",
        "title",
        "reaction",
        "message_id",
        "emoji",
        "order",
        "product_items",
        "quantity",
        "system",
        "wa_id",
        "user_id",
        "previous_user_id",
        "edit",
        "revoke",
        "original_message_id",
        "message",
        "errors",
        "code",
        "status",
        "biz_opaque_callback_data",
        "context",
        "referral",
        "profile",
        "unsupported",
        "metadata",
        "phone_number_id",
        "url",
        "filename",
        "mime_type",
    ]
)
VALUES = st.sampled_from(
    [
        "text",
        "image",
        "sticker",
        "audio",
        "video",
        "document",
        "location",
        "contacts",
        "button",
        "interactive",
        "reaction",
        "order",
        "unsupported",
        "system",
        "edit",
        "revoke",
        "nfm_reply",
        "button_reply",
        "user_changed_number",
        "user_changed_user_id",
        "sent",
        "failed",
        "read",
        "5215512345678",
        "MX.1349",
        "MX.ENT.118",
        "1780000000",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=25,
)
ITEMS = st.fixed_dictionaries(
    {"from": st.just("5215512345678"), "type": VALUES},
    optional=dict.fromkeys(
        [
            "id",
            "timestamp",
            "text",
            "image",
            "video",
            "document",
            "sticker",
            "audio",
            "location",
            "contacts",
            "button",
            "interactive",
            "reaction",
            "order",
            "errors",
            "unsupported",
            "system",
            "edit",
            "revoke",
            "context",
            "referral",
            "status",
            "from_user_id",
        ],
        ANYTHING,
    ),
)
LISTS = st.lists(ITEMS | ANYTHING, max_size=3) | ANYTHING


@given(messages=LISTS, contacts=LISTS, statuses=LISTS, echoes=LISTS)
def test_no_signed_body_makes_reading_raise(
    messages: Any, contacts: Any, statuses: Any, echoes: Any
) -> None:
    value = {"messages": messages, "contacts": contacts, "statuses": statuses}
    events = read(change(**value), change("smb_message_echoes", message_echoes=echoes))
    for event in events:
        if isinstance(event, InboundMessage):
            assert event.people
            assert event.event_key
            assert "\x00" not in event.text
            event.text.encode()
            json.dumps(event.details, allow_nan=False).encode()
    sent = messages if isinstance(messages, list) else []
    somebodys = [
        one for one in sent if isinstance(one, dict) and one.get("from") == "5215512345678"
    ]
    assert len(events) >= len(somebodys)  # a message of somebody is never dropped


@given(raw=st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_no_signed_bytes_make_reading_raise(raw: bytes) -> None:
    whatsapp.read(ACCOUNT, signed(raw))
    whatsapp.other_accounts(ACCOUNT, signed(raw))


# ------------------------------------------------------------------------------------------------ pieces

PICTURE = File("pool.jpg", "image/jpeg", 1000, "/nowhere", "https://jack.example.com/f/1")
VOICE = replace(PICTURE, name="a.ogg", mime="audio/ogg")
MESSAGE = OutboundMessage(
    id="msg-01", key="msg-01", guest_id="g", conversation_id="c", to="52551", text=""
)
BY_TWILIO = Account("whatsapp", "whatsapp:AC:1", {"provider": "twilio"})


@pytest.mark.parametrize(
    ("account", "text", "files", "shapes"),
    [
        (ACCOUNT, "Hola", (), [(4, 0)]),
        (ACCOUNT, "x" * 4096, (), [(4096, 0)]),
        (ACCOUNT, "x" * 4097, (), [(4096, 0), (1, 0)]),
        (BY_TWILIO, "x" * 4096, (), [(1500, 0), (1500, 0), (1096, 0)]),
        (ACCOUNT, "The pool", (PICTURE,), [(8, 1)]),
        (ACCOUNT, "", (PICTURE, VOICE), [(0, 1), (0, 1)]),
        (ACCOUNT, "Listen", (VOICE,), [(6, 0), (0, 1)]),
        (ACCOUNT, "x" * 1025, (PICTURE,), [(1025, 0), (0, 1)]),
    ],
)
def test_a_message_goes_in_pieces_the_provider_takes(
    account: Account, text: str, files: tuple[File, ...], shapes: list[tuple[int, int]]
) -> None:
    pieces = whatsapp.split(account, replace(MESSAGE, text=text, files=files))
    assert [(len(piece.text), len(piece.files)) for piece in pieces] == shapes
    assert [file for piece in pieces for file in piece.files] == list(files)
    assert {piece.id for piece in pieces} == {"msg-01"}


def test_a_template_is_one_piece() -> None:
    template = replace(MESSAGE, text="x" * 9000, template={"name": "n", "language": "es"})
    assert whatsapp.split(ACCOUNT, template) == [template]


def test_parts_are_what_meta_takes() -> None:
    parts = whatsapp.split(ACCOUNT, replace(MESSAGE, text="x" * 5000))
    assert [len(part.text) for part in parts] == [4096, 904]
    assert [part.text for part in whatsapp.split(ACCOUNT, replace(MESSAGE, text=""))] == [""]


def test_a_body_is_parsed_once() -> None:
    request = signed(json.dumps({"entry": []}).encode())
    first = request.json
    assert whatsapp.read(ACCOUNT, request) == []
    assert whatsapp.other_accounts(ACCOUNT, request) == []
    assert request.json is first


def test_a_body_that_is_not_json_is_logged_and_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    request = signed(b"{")
    assert whatsapp.read(ACCOUNT, request) == []
    assert whatsapp.other_accounts(ACCOUNT, request) == []
    assert caplog.text.count("a body that is not JSON") == 1
