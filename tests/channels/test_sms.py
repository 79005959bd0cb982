"""SMS and WhatsApp by Twilio: what a guest wrote, what became of ours, and what is sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from jack.channels import sms, whatsapp
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Broken, Permanent, Retry
from jack.channels.twilio.inbound import channel
from jack.channels.twilio.signature import signature
from jack.channels.types import (
    Account,
    Address,
    DeliveryReceipt,
    File,
    InboundMessage,
    Media,
    OutboundMessage,
    WebhookRequest,
)
from tests.channels.loopback import Provider, Reply, provider

TOKEN = "12345678901234567890123456789012"
SID = "AC00000000000000000000000000000001"
HOME = "https://jack.example.com"
NOW = "2026-05-28T20:26:40.000Z"
KEYS = {"accountSid": SID, "authToken": TOKEN}
BSUID = "CO.4480491918930694"

SMS = {
    "ToCountry": "MX",
    "SmsMessageSid": "SM1",
    "NumMedia": "0",
    "SmsStatus": "received",
    "Body": "Hola",
    "MessageSid": "SM1",
    "AccountSid": SID,
    "From": "+525512345678",
    "To": "+525598765432",
    "NumSegments": "1",
    "ApiVersion": "2010-04-01",
}
WHATSAPP = {
    "ExternalUserId": f"whatsapp:{BSUID}",
    "SmsMessageSid": "SM1",
    "NumMedia": "0",
    "ProfileName": "David",
    "MessageType": "text",
    "WaId": "573003255454",
    "SmsStatus": "received",
    "Body": "Hola",
    "To": "whatsapp:+14155238886",
    "NumSegments": "1",
    "MessageSid": "SM1",
    "AccountSid": SID,
    "ChannelMetadata": '{"type":"whatsapp"}',
    "From": "whatsapp:+573003255454",
}
DAVID = (
    Address(BSUID, f"whatsapp:{BSUID}"),
    Address("+573003255454", "whatsapp:+573003255454"),
)


def made(channel: Any, url: str = "https://api.twilio.com", **more: Any) -> Account:
    sender = {"from": "+525598765432"} if channel is sms else {"from": "+14155238886"}
    account = channel.account(
        {"provider": "twilio", **KEYS, **sender, "baseUrl": url, **more}, HOME
    )
    assert isinstance(account, Account)
    return account


def signed(
    form: dict[str, str], path: str = "/webhooks/twilio/sms", query: str = ""
) -> WebhookRequest:
    listed = "".join(name + form[name] for name in sorted(form))
    mark = signature(TOKEN, HOME + path + (f"?{query}" if query else "") + listed)
    return WebhookRequest(
        "POST", path, query, {"x-twilio-signature": mark}, urlencode(form).encode(), NOW
    )


def by_sms(**given: str) -> InboundMessage:
    (event,) = sms.read(made(sms), signed({**SMS, **given}))
    assert isinstance(event, InboundMessage)
    return event


def by_whatsapp(leave: tuple[str, ...] = (), **given: str) -> InboundMessage:
    form = {name: value for name, value in {**WHATSAPP, **given}.items() if name not in leave}
    (event,) = whatsapp.read(made(whatsapp), signed(form, "/webhooks/twilio/whatsapp"))
    assert isinstance(event, InboundMessage)
    return event


# ------------------------------------------------------------------------------------------------ in, by SMS


def test_an_sms_comes_with_who_and_what() -> None:
    assert by_sms() == InboundMessage(
        event_key="SM1",
        people=(Address("+525512345678", "+525512345678"),),
        text="Hola",
        at=NOW,
        details={"sms": {"segments": 1}},
    )


def test_an_sms_without_the_right_signature_is_refused() -> None:
    post = signed(SMS)
    with pytest.raises(InvalidSignature):
        sms.read(made(sms), replace(post, body=post.body + b"&Body=More"))
    with pytest.raises(InvalidSignature):
        sms.read(replace(made(sms), public_url="https://other.example"), post)


def test_an_mms_brings_its_files() -> None:
    files = {
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/1",
        "MediaContentType0": "image/JPEG",
        "MediaUrl1": "https://api.twilio.com/2",
        "MediaContentType1": "image/png",
    }
    found = by_sms(Body="", **files)
    assert (found.type, found.text) == ("image", "")
    assert found.media == (
        Media(None, "image/jpeg", "https://api.twilio.com/1"),
        Media(None, "image/png", "https://api.twilio.com/2"),
    )
    assert by_sms(**{**files, "MediaContentType1": "application/pdf"}).type == "file"
    assert by_sms(**{**files, "NumMedia": "nine"}).media == found.media


def test_a_message_that_calls_itself_received_is_no_status() -> None:
    assert by_sms(MessageStatus="received").text == "Hola"


def test_an_empty_sms_is_kept() -> None:
    found = by_sms(Body="")
    assert (found.type, found.text) == (
        "unsupported",
        "A message of a kind that cannot be shown here (empty).",
    )


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        ({"Body": "STOP"}, "stop"),
        ({"Body": " baja "}, "stop"),
        ({"Body": "ARRÊT"}, "stop"),
        ({"Body": "Start"}, "start"),
        ({"Body": "help"}, "help"),
        ({"Body": "bastante", "OptOutType": "STOP"}, "stop"),
        ({"Body": "STOP", "OptOutType": "START"}, "start"),
        ({"Body": "When does the bus stop?"}, None),
        ({"OptOutType": "MAYBE"}, None),
    ],
)
def test_a_guest_may_want_no_more_sms(given: dict[str, str], wish: str | None) -> None:
    found = by_sms(**given)
    assert found.consent == wish
    assert found.text == given.get("Body", "Hola").strip()


@pytest.mark.parametrize(
    ("sender", "key"),
    [("32665", "32665"), ("HOTELBANK", "hotelbank"), ("+5215512345678", "+5215512345678")],
)
def test_a_sender_need_not_have_a_number(sender: str, key: str) -> None:
    assert by_sms(From=sender).people == (Address(key, sender),)


def test_an_sms_without_a_sender_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    assert sms.read(made(sms), signed({**SMS, "From": ""})) == []
    assert "nobody" in caplog.text or "anybody" in caplog.text
    assert "Hola" not in caplog.text


def test_a_message_without_an_id_has_the_same_key_each_time() -> None:
    nameless = dict.fromkeys(("MessageSid", "SmsMessageSid"), "")
    keys = [by_sms(Body=text, **nameless).event_key for text in "aab"]
    assert keys[0] == keys[1] != keys[2]


# ------------------------------------------------------------------------------------------------ in, by WhatsApp


def test_a_whatsapp_message_comes_with_user_id_and_number() -> None:
    assert by_whatsapp() == InboundMessage("SM1", DAVID, "Hola", NOW, name="David")


@pytest.mark.parametrize(
    ("leave", "given", "people"),
    [
        (("ExternalUserId",), {}, DAVID[1:]),
        (("WaId",), {"From": f"whatsapp:{BSUID}"}, DAVID[:1]),
        (("ExternalUserId",), {"From": f"whatsapp:{BSUID}"}, DAVID),
        (
            (),
            {"ParentExternalUserId": "whatsapp:CO.ENT.7"},
            (*DAVID, Address("CO.ENT.7", "whatsapp:CO.ENT.7")),
        ),
    ],
)
def test_a_guest_may_have_a_number_or_not(
    leave: tuple[str, ...], given: dict[str, str], people: tuple[Address, ...]
) -> None:
    assert by_whatsapp(leave, **given).people == people


@pytest.mark.parametrize(
    ("given", "type", "text", "details"),
    [
        (
            {"MessageType": "location", "Body": "", "Latitude": "25.01", "Longitude": "-77.39"},
            "location",
            "25.01, -77.39",
            {"location": {"latitude": 25.01, "longitude": -77.39, "name": None, "address": None}},
        ),
        (
            {"Body": "", "Latitude": "1", "Longitude": "2", "Label": "Pier", "Address": "1 Sea St"},
            "location",
            "Pier, 1 Sea St",
            {
                "location": {
                    "latitude": 1.0,
                    "longitude": 2.0,
                    "name": "Pier",
                    "address": "1 Sea St",
                }
            },
        ),
        (
            {
                "MessageType": "interactive",
                "Body": "Yes",
                "ButtonText": "Yes",
                "ButtonPayload": "y1",
            },
            "text",
            "Yes",
            {"choice": {"id": "y1", "title": "Yes"}},
        ),
        (
            {"MessageType": "button", "Body": "", "ButtonText": "Yes"},
            "text",
            "Yes",
            {"choice": {"id": None, "title": "Yes"}},
        ),
        ({"Forwarded": "true"}, "text", "Hola", {"forwarded": True}),
        ({"ReferralNumMedia": "0", "ReferralBody": ""}, "text", "Hola", {}),
        (
            {
                "ReferralNumMedia": "1",
                "ReferralHeadline": "Spring offer",
                "ReferralBody": "Three nights for two",
                "ReferralSourceUrl": "https://fb.me/x",
                "ReferralSourceType": "ad",
                "ReferralSourceId": "120208",
                "ReferralMediaUrl": "https://api.twilio.com/m",
                "ReferralMediaContentType": "image/jpeg",
                "ReferralMediaId": "ME1",
                "ReferralCtwaClid": "ARAk",
            },
            "text",
            "Hola",
            {
                "referral": {
                    "headline": "Spring offer",
                    "body": "Three nights for two",
                    "url": "https://fb.me/x",
                    "source": "ad",
                    "sourceId": "120208",
                    "clickId": "ARAk",
                    "mediaType": "image/jpeg",
                    "mediaId": "ME1",
                    "mediaUrl": "https://api.twilio.com/m",
                }
            },
        ),
        (
            {"MessageType": "reaction", "Body": ""},
            "unsupported",
            "A message of a kind that cannot be shown here (reaction).",
            {"unsupported": {"kind": "reaction"}},
        ),
        (
            {"MessageType": "location", "Body": "", "Latitude": "nan", "Longitude": "2"},
            "unsupported",
            "A message of a kind that cannot be shown here (location).",
            {"unsupported": {"kind": "location"}},
        ),
    ],
)
def test_every_kind_of_message_says_what_it_says(
    given: dict[str, str], type: str, text: str, details: Any
) -> None:
    found = by_whatsapp(**given)
    assert (found.type, found.text, found.details) == (type, text, details)


def test_a_contact_comes_as_a_file() -> None:
    card = {"MediaUrl0": "https://api.twilio.com/1", "MediaContentType0": "text/vcard"}
    found = by_whatsapp(MessageType="contacts", Body="", NumMedia="1", **card)
    assert (found.type, found.media) == ("file", (Media(None, "text/vcard", card["MediaUrl0"]),))


def test_an_answer_names_what_it_answers() -> None:
    assert by_whatsapp(OriginalRepliedMessageSid="SM9").in_reply_to == ("SM9",)


def test_stop_is_an_ordinary_word_on_whatsapp_unless_twilio_says_so() -> None:
    assert by_whatsapp(Body="STOP").consent is None
    assert by_whatsapp(Body="STOP", OptOutType="STOP").consent == "stop"


def test_a_username_stands_in_for_a_name() -> None:
    assert by_whatsapp(("ProfileName",), ProfileUsername="david").name == "@david"


# ------------------------------------------------------------------------------------------------ whose


def test_another_accounts_message_is_not_ours_but_named() -> None:
    post = signed({**SMS, "AccountSid": "AC9"})
    assert sms.read(made(sms), post) == []
    assert sms.other_accounts(made(sms), post) == ["sms:AC9"]
    assert sms.other_accounts(made(sms), signed(SMS)) == []


def test_another_whatsapp_sender_of_the_account_is_not_ours() -> None:
    post = signed({**WHATSAPP, "To": "whatsapp:+5215598765432"})
    assert whatsapp.read(made(whatsapp), post) == []
    assert whatsapp.other_accounts(made(whatsapp), post) == [f"whatsapp:{SID}:+5215598765432"]
    mexican = made(whatsapp, **{"from": "whatsapp:+525598765432"})
    assert len(whatsapp.read(mexican, post)) == 1


def test_any_sender_of_a_messaging_service_is_ours() -> None:
    for sender in (None, "whatsapp:+34600000000"):
        account = made(whatsapp, messagingServiceSid="MG1", **{"from": sender})
        assert len(whatsapp.read(account, signed(WHATSAPP))) == 1


# ------------------------------------------------------------------------------------------------ statuses

TOLD = {
    "MessageSid": "SM2",
    "SmsSid": "SM2",
    "To": "+525512345678",
    "From": "+525598765432",
    "AccountSid": SID,
    "ApiVersion": "2010-04-01",
}


def receipts(**given: str) -> list[Any]:
    return list(
        sms.read(made(sms), signed({**TOLD, **given}, "/webhooks/twilio/status", "m=msg_01"))
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("accepted", "queued"),
        ("scheduled", "queued"),
        ("queued", "queued"),
        ("sending", "queued"),
        ("sent", "sent"),
        ("partially_delivered", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
    ],
)
def test_a_status_brings_back_our_own_id(given: str, status: Any) -> None:
    assert receipts(MessageStatus=given) == [
        DeliveryReceipt("SM2", status, NOW, message_id="msg_01")
    ]


@pytest.mark.parametrize("given", ["undelivered", "failed", "canceled"])
def test_a_failure_says_why(given: str) -> None:
    (event,) = receipts(MessageStatus=given, ErrorCode="30006")
    says = "The guest's number is a landline, or cannot be reached by SMS. (Twilio 30006)"
    assert event == DeliveryReceipt("SM2", "failed", NOW, says, "msg_01", means=Permanent(says))


def test_an_opt_out_is_told_as_one() -> None:
    (event,) = receipts(MessageStatus="failed", ErrorCode="21610")
    assert event.opted_out
    assert not receipts(MessageStatus="failed", ErrorCode="30006")[0].opted_out


@pytest.mark.parametrize(("code", "kind"), [("30003", Retry), ("30034", Broken), ("", Permanent)])
def test_a_failure_says_what_it_means_for_sending(code: str, kind: type) -> None:
    (event,) = receipts(MessageStatus="failed", ErrorCode=code)
    assert type(event.means) is kind


def test_a_status_nobody_knows_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jack.channels")
    assert receipts(MessageStatus="teleported") == []
    assert "teleported" in caplog.text
    assert receipts(MessageStatus="sent", MessageSid="", SmsSid="") == []


def test_a_status_without_our_id_is_one_all_the_same() -> None:
    (event,) = sms.read(
        made(sms), signed({**TOLD, "MessageStatus": "sent"}, "/webhooks/twilio/status")
    )
    assert event == DeliveryReceipt("SM2", "sent", NOW)


def test_a_whatsapp_status_is_read_for_whatsapp() -> None:
    form = {
        **TOLD,
        "MessageStatus": "read",
        "EventType": "READ",
        "From": "whatsapp:+14155238886",
        "To": "whatsapp:+573003255454",
        "ChannelPrefix": "whatsapp",
    }
    post = signed(form, "/webhooks/twilio/status", "m=msg_01")
    assert channel(post) == "whatsapp"
    assert whatsapp.read(made(whatsapp), post) == [
        DeliveryReceipt("SM2", "read", NOW, message_id="msg_01")
    ]
    assert channel(signed(TOLD)) == "sms"


# ------------------------------------------------------------------------------------------------ out

MESSAGE = OutboundMessage(
    id="msg-01", key="k", guest_id="g", conversation_id="c", to="+525512345678", text="Habitación 7"
)
PICTURE = File("pool.jpg", "image/jpeg", 1000, "/nowhere", "https://jack.example.com/f/1?s=x&y")
OK = {"sid": "SM1", "status": "queued", "error_code": None, "num_segments": "1"}


@pytest.fixture
def peer() -> Iterator[Provider]:
    with provider() as found:
        found.always = lambda request: Reply(201, OK)
        yield found


def test_an_sms_is_a_form_with_our_id_in_its_callback(peer: Provider) -> None:
    assert sms.send(made(sms, peer.url), MESSAGE) == Accepted("SM1")
    (request,) = peer.requests
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{SID}/Messages.json")
    assert request.form == {
        "To": ["+525512345678"],
        "From": ["+525598765432"],
        "Body": ["Habitación 7"],
        "StatusCallback": ["https://jack.example.com/webhooks/twilio/status?m=msg-01"],
    }


def test_a_messaging_service_sends_in_place_of_a_number(peer: Provider) -> None:
    sms.send(made(sms, peer.url, messagingServiceSid="MG1"), MESSAGE)
    assert peer.requests[0].form["MessagingServiceSid"] == ["MG1"]
    assert "From" not in peer.requests[0].form


def test_without_a_public_address_no_callback_is_asked_for(peer: Provider) -> None:
    sms.send(replace(made(sms, peer.url), public_url=""), MESSAGE)
    assert "StatusCallback" not in peer.requests[0].form


def test_files_go_as_links(peer: Provider) -> None:
    sms.send(made(sms, peer.url), replace(MESSAGE, text="", files=(PICTURE, PICTURE)))
    assert peer.requests[0].form["MediaUrl"] == [PICTURE.url, PICTURE.url]
    assert "Body" not in peer.requests[0].form


@pytest.mark.parametrize(
    ("to", "sent"),
    [
        ("whatsapp:+5215512345678", "whatsapp:+5215512345678"),
        ("5215512345678", "whatsapp:+5215512345678"),
        (f"whatsapp:{BSUID}", f"whatsapp:{BSUID}"),
        (BSUID, f"whatsapp:{BSUID}"),
    ],
)
def test_a_whatsapp_guest_is_written_to_with_the_prefix(peer: Provider, to: str, sent: str) -> None:
    assert whatsapp.send(made(whatsapp, peer.url), replace(MESSAGE, to=to)) == Accepted("SM1")
    assert peer.requests[0].form["To"] == [sent]
    assert peer.requests[0].form["From"] == ["whatsapp:+14155238886"]


@pytest.mark.parametrize(
    ("parameters", "variables"),
    [(["Ana", 2], {"1": "Ana", "2": "2"}), ({"guest": "Ana"}, {"guest": "Ana"}), ([], None)],
)
def test_a_template_goes_by_its_content_sid(
    peer: Provider, parameters: Any, variables: Any
) -> None:
    template = {"name": "HX12", "language": "es", "parameters": parameters}
    whatsapp.send(made(whatsapp, peer.url), replace(MESSAGE, template=template))
    form = peer.requests[0].form
    assert form["ContentSid"] == ["HX12"]
    assert "Body" not in form
    assert [json.loads(one) for one in form.get("ContentVariables", [])] == (
        [variables] if variables else []
    )


def test_a_template_by_name_alone_is_refused_at_home(peer: Provider) -> None:
    template = {"name": "checkin_reminder", "language": "es"}
    result = whatsapp.send(made(whatsapp, peer.url), replace(MESSAGE, template=template))
    assert isinstance(result, Permanent)
    assert "HX" in result.error
    assert peer.requests == []


def test_a_whatsapp_message_is_looked_for_with_the_prefix(peer: Provider) -> None:
    peer.replies = [Reply(200, {"messages": []})]
    whatsapp.lookup(made(whatsapp, peer.url), replace(MESSAGE, to="573003255454"), NOW, ())
    assert peer.requests[0].query["To"] == ["whatsapp:+573003255454"]
    assert peer.requests[0].query["From"] == ["whatsapp:+14155238886"]


@pytest.mark.parametrize(
    ("text", "files", "shapes"),
    [
        ("Hola", 0, [(4, 0)]),
        ("x" * 3100, 0, [(1500, 0), (1500, 0), (100, 0)]),
        ("x" * 1600, 1, [(1500, 1), (100, 0)]),
        ("", 12, [(0, 10), (0, 2)]),
    ],
)
def test_a_message_goes_in_pieces(text: str, files: int, shapes: list[tuple[int, int]]) -> None:
    pieces = sms.split(made(sms), replace(MESSAGE, text=text, files=(PICTURE,) * files))
    assert [(len(piece.text), len(piece.files)) for piece in pieces] == shapes


def test_more_files_than_twilio_takes_are_never_sent_in_half(peer: Provider) -> None:
    result = sms.send(made(sms, peer.url), replace(MESSAGE, files=(PICTURE,) * 11))
    assert isinstance(result, Permanent)
    assert peer.requests == []
