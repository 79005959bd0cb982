"""Twilio's API and webhooks, for either channel: signatures, classes of errors, looking for what was sent, files."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jack.channels import http_client, sms, types, whatsapp
from jack.channels.http_client import Response
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Broken, Permanent, Result, Retry, Unknown
from jack.channels.steps import unreported
from jack.channels.twilio import errors as twilio_errors
from jack.channels.twilio.inbound import channel as channel_of
from jack.channels.twilio.signature import signature, verify
from jack.channels.types import (
    Account,
    Address,
    DeliveryReceipt,
    Event,
    Fetched,
    File,
    InboundMessage,
    Media,
    OutboundMessage,
    WebhookRequest,
)
from tests.channels.loopback import Provider, Reply, impatient, provider

TOKEN = "12345678901234567890123456789012"
SID = "AC00000000000000000000000000000001"
HOME = "https://jack.example.com"
NOW = "2026-05-28T20:26:40.000Z"
MESSAGE = OutboundMessage(
    id="msg-01", key="msg-01", guest_id="g", conversation_id="c", to="+525512345678", text="Hola"
)
PICTURE = File("pool.jpg", "image/jpeg", 1000, "/nowhere", "https://jack.example.com/f/1?s=x")


@pytest.fixture
def peer() -> Iterator[Provider]:
    with provider() as made:
        yield made


def by_sms(url: str = "https://api.twilio.com", **more: Any) -> Account:
    settings = {
        "accountSid": SID,
        "authToken": TOKEN,
        "from": "+525598765432",
        "baseUrl": url,
        **more,
    }
    account = sms.account(settings, HOME)
    assert account is not None
    return account


def by_whatsapp(url: str = "https://api.twilio.com", **more: Any) -> Account:
    settings = {
        "provider": "twilio",
        "accountSid": SID,
        "authToken": TOKEN,
        "from": "whatsapp:+14155238886",
        "baseUrl": url,
        **more,
    }
    account = whatsapp.account(settings, HOME)
    assert account is not None
    return account


def post(path: str, query: str, body: str | bytes, mark: str) -> WebhookRequest:
    raw = body.encode() if isinstance(body, str) else body
    return WebhookRequest("POST", path, query, {"X-Twilio-Signature": mark}, raw, NOW)


def signed(
    path: str, form: dict[str, str] | list[tuple[str, str]] | bytes, query: str = ""
) -> WebhookRequest:
    """A request signed as the documentation says: the URL, then each name and value in order."""
    raw = form if isinstance(form, bytes) else urlencode(form).encode()
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    listed = "".join(name + value for name, value in sorted(set(pairs)))
    url = HOME + path + (f"?{query}" if query else "")
    text = (url + listed).encode("latin-1").decode("utf-8", "surrogateescape")
    return post(path, query, raw, signature(TOKEN, text))


# ------------------------------------------------------------------------------------------------ the account


def test_accounts_are_named_by_account_and_for_whatsapp_by_sender() -> None:
    assert by_sms().name == f"sms:{SID}"
    assert by_whatsapp().name == f"whatsapp:{SID}:+14155238886"
    assert by_whatsapp(messagingServiceSid="MG1", **{"from": None}).name == f"whatsapp:{SID}:MG1"


@pytest.mark.parametrize("missing", ["accountSid", "authToken", "from"])
def test_an_account_with_something_missing_is_none(missing: str) -> None:
    assert sms.account({**by_sms().settings, missing: None}, HOME) is None
    assert whatsapp.account({**by_whatsapp().settings, missing: None}, HOME) is None


# ------------------------------------------------------------------------------------------------ signature

FORM = (
    "Body=Hola%2C+%C2%BFa+qu%C3%A9+hora+es+el+check-in%3F&From=whatsapp%3A%2B5215512345678&"
    "MessageSid=SM00000000000000000000000000000001&NumMedia=0&To=whatsapp%3A%2B14155238886&Empty="
)
STATUS = (
    "MessageSid=SM00000000000000000000000000000002&MessageStatus=delivered&To=%2B525512345678&"
    f"From=%2B525598765432&AccountSid={SID}&ApiVersion=2010-04-01&"
    "SmsSid=SM00000000000000000000000000000002&SmsStatus=delivered"
)
HASH = "bodySHA256=3d6fe7b6d232c5b1d6b2d71c77c799e2b988efabd14e0e447e7a80224946f428"
JSON = '{"a":1,"msg":"Hola ñ"}'
VECTORS = [
    post("/webhooks/twilio/whatsapp", "", FORM, "bQmig6T3tjwSPmXdLqP/cx9f6LE="),
    post("/webhooks/twilio/status", "m=msg_01", STATUS, "809RzGbeHJPjNZ1JllRPzhJynss="),
    post("/webhooks/twilio/events", HASH, JSON, "OpoOAIPpnpkRnidMe0aO0kWCSW8="),
]


@pytest.mark.parametrize("vector", VECTORS, ids=["form", "status", "json"])
def test_a_request_twilio_has_signed_is_accepted(vector: WebhookRequest) -> None:
    verify(TOKEN, HOME, vector)


def test_twilios_own_example_is_accepted() -> None:
    form = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    given = post("/myapp.php", "foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    verify("12345", "https://mycompany.com", given)


@pytest.mark.parametrize("vector", VECTORS, ids=["form", "status", "json"])
@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, body=one.body + b"&More=1"),
        lambda one: replace(one, path=one.path + "/"),
        lambda one: replace(one, query=one.query + "&x=1"),
        lambda one: replace(one, headers={}),
        lambda one: replace(one, headers={"X-Twilio-Signature": "ñ"}),
        lambda one: replace(one, headers={"X-Twilio-Signature": ""}),
    ],
)
def test_a_request_that_was_changed_is_refused(vector: WebhookRequest, change: Any) -> None:
    with pytest.raises(InvalidSignature):
        verify(TOKEN, HOME, change(vector))


@pytest.mark.parametrize("token", ["", "another"])
def test_another_token_or_none_lets_nobody_in(token: str) -> None:
    with pytest.raises(InvalidSignature):
        verify(token, HOME, VECTORS[0])
    unsigned = post("/x", "", "", signature("", HOME + "/x"))
    with pytest.raises(InvalidSignature):
        verify("", HOME, unsigned)


@pytest.mark.parametrize(
    ("configured", "signed_as"),
    [
        ("https://a.example", "https://a.example:443/x?y=1"),
        ("https://a.example", "https://a.example/x?y=1"),
        ("https://a.example:443", "https://a.example/x?y=1"),
        ("https://a.example:8443", "https://a.example:8443/x?y=1"),
        ("https://a.example:8443", "https://a.example/x?y=1"),
        ("https://s/", "https://s:443/x?y=1"),
        ("https://a.example/below", "https://a.example/below/x?y=1"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/x?y=1"),
        ("http://[::1]:5000", "http://[::1]:5000/x?y=1"),
    ],
)
def test_the_configured_address_counts_with_and_without_its_port(
    configured: str, signed_as: str
) -> None:
    verify(TOKEN, configured, post("/x", "y=1", "A=1", signature(TOKEN, signed_as + "A1")))


def test_another_host_than_the_configured_one_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        verify(TOKEN, HOME, post("/x", "", "A=1", signature(TOKEN, "https://evil.example/xA1")))


def test_values_are_signed_once_each_in_order_and_untrimmed() -> None:
    given = post("/x", "", "B=2&A=+z+&B=1&B=2&C=", signature(TOKEN, HOME + "/xA z B1B2C"))
    verify(TOKEN, HOME, given)


def test_bytes_that_are_not_utf8_are_signed_as_they_are() -> None:
    text = (HOME + "/xBody").encode() + b"\xff\xfe"
    given = post("/x", "", "Body=%FF%FE", signature(TOKEN, text.decode("utf-8", "surrogateescape")))
    verify(TOKEN, HOME, given)


# ------------------------------------------------------------------------------------------------ what answers mean

CLASSES = [
    *((code, Retry) for code in (20429, 30001, 30003, 30008, 63018)),
    *((code, Broken) for code in (20003, 21606, 21212, 30002, 30034, 63020)),
    *(
        (code, Permanent)
        for code in (21211, 21408, 21610, 21612, 21614, 21617, 30004, 30005, 30006)
    ),
    *((code, Permanent) for code in (30007, 30450, 63003, 63014, 63016, 63021)),
]


@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_a_code_has_its_class_now_and_later(code: int, kind: type) -> None:
    now = twilio_errors.result(Response(400, {"code": code, "message": "x", "status": 400}))
    later = twilio_errors.meaning(str(code), "x")
    assert type(now) is kind
    assert type(later) is kind
    assert f"(Twilio {code})" in now.error


@pytest.mark.parametrize(
    ("code", "reason"), [(21610, "opted_out"), (63016, "window_closed"), (21211, None)]
)
def test_some_refusals_are_told_from_others(code: int, reason: str | None) -> None:
    result = twilio_errors.meaning(code)
    assert isinstance(result, Permanent)
    assert result.reason == reason


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(429, {"code": 20429}), Retry),
        (Reply(429, b""), Retry),
        (Reply(500, {"code": 20500}), Unknown),
        (Reply(500, {"code": 21610}), Unknown),
        (Reply(503, b"<html>"), Unknown),
        (Reply(401, b""), Broken),
        (Reply(401, {"code": 424242}), Broken),
        (Reply(403, {"code": 21408}), Permanent),
        (Reply(404, {"code": 20404}), Broken),
        (Reply(404, b""), Broken),
        (Reply(302, b"", {"Location": "/x"}), Broken),
        (Reply(400, {"code": 424242, "message": "Odd"}), Permanent),
        (Reply(400, b""), Permanent),
        (Reply(201, b"not json"), Unknown),
        (Reply(201, {"status": "queued"}), Unknown),
        (Reply(200, {"sid": "SM1", "status": "accepted"}), Accepted),
        (Reply(201, {"sid": "SM1", "status": "failed", "error_code": 30005}), Permanent),
        (Reply(lost=True), Unknown),
    ],
)
def test_what_an_answer_means(peer: Provider, reply: Reply, kind: type[Result]) -> None:
    peer.replies = [reply]
    assert type(sms.send(by_sms(peer.url), MESSAGE)) is kind
    assert len(peer.requests) == 1


def test_too_many_requests_wait_as_long_as_twilio_says(peer: Provider) -> None:
    peer.replies = [Reply(429, {"code": 20429}, {"Retry-After": "3"})]
    result = sms.send(by_sms(peer.url), MESSAGE)
    assert isinstance(result, Retry)
    assert result.after == 3.0


def test_silence_is_unknown(peer: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    with impatient(monkeypatch):
        peer.held.clear()
        assert sms.send(by_sms(peer.url), MESSAGE) == Unknown(http_client.NO_RESPONSE)


def test_an_error_repeats_no_number(peer: Provider) -> None:
    says = "The 'To' number +525512345678 is not odd"
    peer.replies = [Reply(400, {"code": 424242, "message": says})]
    result = sms.send(by_sms(peer.url), MESSAGE)
    assert isinstance(result, Permanent)
    assert result.error == "The 'To' number … is not odd. (Twilio 424242)"


# ------------------------------------------------------------------------------------------------ looking for what was sent


def listed(
    sid: str, body: str = "Hola", made: str = "Thu, 28 May 2026 20:26:41 +0000", **more: Any
) -> dict[str, Any]:
    row = {
        "sid": sid,
        "body": body,
        "date_created": made,
        "direction": "outbound-api",
        "num_media": "0",
    }
    return {**row, "status": "delivered", **more}


def find(
    peer: Provider, *rows: Any, message: OutboundMessage = MESSAGE, known: tuple[str, ...] = ()
) -> Result:
    peer.replies = [Reply(200, {"messages": list(rows)})]
    return sms.lookup(by_sms(peer.url), message, NOW, known)


def test_a_message_that_was_sent_is_found_by_recipient_time_and_text(peer: Provider) -> None:
    assert find(peer, listed("SM2", "Other"), listed("SM1")) == Accepted("SM1")
    (request,) = peer.requests
    assert (request.method, request.path) == ("GET", f"/2010-04-01/Accounts/{SID}/Messages.json")
    assert request.query["To"] == ["+525512345678"]
    assert request.query["From"] == ["+525598765432"]
    assert request.query["DateSent>"] == ["2026-05-28"]


@pytest.mark.parametrize(
    "row",
    [
        listed("SM1", "Other"),
        listed("SM1", made="Thu, 28 May 2026 20:20:00 +0000"),
        listed("SM1", made="some day"),
        listed("SM1", direction="inbound"),
        listed("SM1", num_media="1"),
        {"sid": "SM1"},
        None,
    ],
)
def test_a_message_that_is_not_listed_stays_unknown(peer: Provider, row: Any) -> None:
    assert isinstance(find(peer, row), Unknown)


def test_one_that_is_known_to_be_another_is_not_taken(peer: Provider) -> None:
    rows = [listed("SM3"), listed("SM2"), listed("SM1")]
    assert find(peer, *rows, known=("SM1",)) == Accepted("SM2")
    assert isinstance(find(peer, *rows, known=("SM1", "SM2", "SM3")), Unknown)


def test_a_trial_accounts_preface_and_blanks_do_not_hide_a_message(peer: Provider) -> None:
    row = listed("SM1", "Sent from your Twilio trial account - Hola \n tú")
    assert find(peer, row, message=replace(MESSAGE, text="Hola\ntú")) == Accepted("SM1")


def test_a_message_that_was_refused_is_found_so(peer: Provider) -> None:
    found = find(peer, listed("SM1", status="failed", error_code=21610))
    assert isinstance(found, Permanent)
    assert found.reason == "opted_out"


def test_a_template_is_not_recognised_by_its_text(peer: Provider) -> None:
    template = replace(MESSAGE, template={"name": "HX1", "language": "es"})
    assert isinstance(find(peer, listed("SM1"), message=template), Unknown)


def test_the_list_is_turned_page_by_page(peer: Provider) -> None:
    following = f"/2010-04-01/Accounts/{SID}/Messages.json?Page=1"
    peer.replies = [
        Reply(200, {"messages": [listed("SM9", "Other")], "next_page_uri": following}),
        Reply(200, {"messages": [listed("SM1")], "next_page_uri": None}),
    ]
    assert sms.lookup(by_sms(peer.url), MESSAGE, NOW, ()) == Accepted("SM1")
    assert peer.requests[1].query == {"Page": ["1"]}


def test_the_list_leads_nowhere_else(peer: Provider) -> None:
    peer.replies = [Reply(200, {"messages": [], "next_page_uri": "@evil.example/x"})]
    assert isinstance(sms.lookup(by_sms(peer.url), MESSAGE, NOW, ()), Unknown)
    assert len(peer.requests) == 1


@pytest.mark.parametrize("reply", [Reply(500), Reply(429), Reply(lost=True), Reply(401)])
def test_a_list_that_is_not_to_be_had_now_is_asked_for_again(peer: Provider, reply: Reply) -> None:
    peer.replies = [reply]
    assert isinstance(sms.lookup(by_sms(peer.url), MESSAGE, NOW, ()), Retry)


# ------------------------------------------------------------------------------------------------ trying


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_trying_an_account_tries_the_auth_token(peer: Provider) -> None:
    peer.replies = [Reply(200, {"sid": SID, "status": "active"})]
    assert sms.test(by_sms(peer.url), unreported).works
    (request,) = peer.requests
    assert (request.method, request.path) == ("GET", f"/2010-04-01/Accounts/{SID}.json")
    assert request.headers["Authorization"] == basic(SID, TOKEN)


def test_trying_an_account_with_a_key_tries_both(peer: Provider) -> None:
    account = by_whatsapp(peer.url, apiKeySid="SK1", apiKeySecret="s3cret")
    peer.replies = [Reply(200, {"status": "active"}), Reply(401, {"code": 20003})]
    found = whatsapp.test(account, unreported)
    assert not found.works
    assert "API key" in found.message
    assert peer.requests[1].headers["Authorization"] == basic("SK1", "s3cret")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(401, {"code": 20003}), "credentials"),
        (Reply(200, {"status": "suspended"}), "suspended"),
        (Reply(500), "does not answer"),
        (Reply(lost=True), "does not answer"),
    ],
)
def test_trying_an_account_that_does_not_work_says_why(
    peer: Provider, reply: Reply, says: str
) -> None:
    peer.replies = [reply]
    found = sms.test(by_sms(peer.url), unreported)
    assert found == types.Tested(False, found.message)
    assert says in found.message


# ------------------------------------------------------------------------------------------------ files


def test_a_file_is_fetched_with_credentials_and_the_redirect_without(peer: Provider) -> None:
    peer.replies = [
        Reply(307, b"", {"Location": "/cdn/1"}),
        Reply(200, b"jpg", {"Content-Type": "image/jpeg"}),
    ]
    found = sms.fetch(by_sms(peer.url), Media(source=f"{peer.url}/media/1"), 10)
    assert found == Fetched(b"jpg", "image/jpeg")
    assert peer.requests[0].headers["Authorization"] == basic(SID, TOKEN)
    assert "Authorization" not in peer.requests[1].headers
    assert peer.requests[1].path == "/cdn/1"


def test_a_file_elsewhere_is_not_fetched(peer: Provider) -> None:
    found = sms.fetch(by_sms(), Media(source=f"{peer.url}/media/1"), 10)
    assert isinstance(found, Permanent)
    assert peer.requests == []


# ------------------------------------------------------------------------------------------------ no body makes it raise

NAMES = [
    "Body",
    "From",
    "To",
    "AccountSid",
    "MessageSid",
    "MessageStatus",
    "NumMedia",
    "MediaUrl0",
    "Latitude",
    "Longitude",
    "MessageType",
    "WaId",
    "ExternalUserId",
    "OptOutType",
    "ErrorCode",
    "ProfileName",
    "OriginalRepliedMessageSid",
    "ChannelPrefix",
    "NumSegments",
]


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.text(max_size=40) | st.sampled_from(["failed", SID, "+5255"])
    )
    | st.binary(max_size=100)
)
def test_no_signed_form_makes_reading_raise(form: dict[str, str] | bytes) -> None:
    if isinstance(form, dict):
        form = urlencode(form, errors="replace").encode()
    given = signed("/webhooks/twilio/sms", form, "m=msg_01")
    for channel, account in ((sms, by_sms()), (whatsapp, by_whatsapp())):
        events: list[Event] = channel.read(account, given)  # type: ignore[attr-defined]
        for event in events:
            assert isinstance(event, DeliveryReceipt | InboundMessage)
            if isinstance(event, InboundMessage):
                assert event.event_key
                assert isinstance(event.people[0], Address)
                event.text.encode()
        channel.other_accounts(account, given)  # type: ignore[attr-defined]


def test_a_form_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counting(body: str, **options: Any) -> list[tuple[str, str]]:
        parsed.append(body)
        return parse_qsl(body, **options)

    monkeypatch.setattr(types, "parse_qsl", counting)
    request = signed("/webhooks/twilio/sms", {"AccountSid": SID, "From": "+525512345678"})
    assert channel_of(request) == "sms"
    assert len(sms.read(by_sms(), request)) == 1
    assert sms.other_accounts(by_sms(), request) == []
    assert len(parsed) == 1


def test_of_fields_with_one_name_the_first_counts() -> None:
    request = signed("/webhooks/twilio/sms", [("A", "1"), ("B", ""), ("A", "2")])
    assert request.form == {"A": "1", "B": ""}
    assert request.form_fields == [("A", "1"), ("B", ""), ("A", "2")]
