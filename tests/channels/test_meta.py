"""Meta's Cloud API: the requests to it, and what its responses mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from jack.channels import http_client, types, whatsapp
from jack.channels.http_client import Response
from jack.channels.meta import api as meta
from jack.channels.meta import errors as meta_errors
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Broken, Permanent, Result, Retry, Unknown
from jack.channels.steps import unreported
from jack.channels.types import Account, File, Media, OutboundMessage
from tests.channels.loopback import Provider, Reply, Request, impatient, provider

OK = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "525512345678", "wa_id": "5215512345678"}],
    "messages": [{"id": "wamid.OUT", "message_status": "accepted"}],
}
MESSAGE = OutboundMessage(
    id="msg-01",
    key="msg-01",
    guest_id="guest-1",
    conversation_id="conv-1",
    to="525512345678",
    text="Hola",
)
PICTURE = File(
    "pool.jpg", "image/jpeg", 1000, "/nowhere/pool.jpg", "https://jack.example.com/f/1?s=x"
)


@pytest.fixture
def peer() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def account(peer: Provider) -> Account:
    return made(peer.url)


def made(url: str, **more: Any) -> Account:
    settings = {
        "provider": "meta",
        "phoneNumberId": "106540352242922",
        "accessToken": "EAAtoken",
        "appSecret": "0123456789abcdef0123456789abcdef",
        "verifyToken": "only we know",
        "baseUrl": url,
        **more,
    }
    found = whatsapp.account(settings, "https://jack.example.com")
    assert found is not None
    return found


def error(code: int | None, status: int = 400, **more: Any) -> Reply:
    says = {"message": f"(#{code}) Something", "type": "OAuthException", "code": code, **more}
    return Reply(status, {"error": says})


# ------------------------------------------------------------------------------------------------ the account


def test_an_account_is_named_by_its_phone_number_id() -> None:
    account = made("https://graph.example.com")
    assert (account.channel, account.name) == ("whatsapp", "whatsapp:106540352242922")


@pytest.mark.parametrize("missing", ["phoneNumberId", "accessToken", "appSecret", "verifyToken"])
def test_an_account_with_something_missing_is_none(missing: str) -> None:
    settings = {**made("x").settings, missing: ""}
    assert whatsapp.account(settings, "") is None


def test_the_challenge_is_answered_as_it_is() -> None:
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": "only we know",
        "hub.challenge": "1158201444",
    }
    assert whatsapp.challenge(made("x"), query) == "1158201444"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.verify_token": "ñ\udcff", "hub.challenge": "1"},
        {"hub.mode": "unsubscribe", "hub.verify_token": "only we know", "hub.challenge": "1"},
    ],
)
def test_a_challenge_with_another_token_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        whatsapp.challenge(made("x"), query)


# ------------------------------------------------------------------------------------------------ sending


def test_a_text_goes_to_the_number_with_our_id(peer: Provider, account: Account) -> None:
    peer.replies = [Reply(200, OK)]
    assert whatsapp.send(account, MESSAGE) == Accepted("wamid.OUT")
    (request,) = peer.requests
    assert (request.method, request.path) == ("POST", "/v25.0/106540352242922/messages")
    assert request.headers["Authorization"] == "Bearer EAAtoken"
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "525512345678",
        "type": "text",
        "text": {"body": "Hola", "preview_url": False},
        "biz_opaque_callback_data": "msg-01",
    }


@pytest.mark.parametrize(
    ("to", "field", "sent"),
    [
        ("5215512345678", "to", "5215512345678"),
        ("whatsapp:+5215512345678", "to", "5215512345678"),
        ("+525512345678", "to", "525512345678"),
        ("MX.1349", "recipient", "MX.1349"),
        ("MX.ENT.118", "recipient", "MX.ENT.118"),
    ],
)
def test_a_guest_is_written_to_by_number_or_user_id(
    peer: Provider, account: Account, to: str, field: str, sent: str
) -> None:
    peer.replies = [Reply(200, OK)]
    whatsapp.send(account, replace(MESSAGE, to=to))
    assert peer.requests[0].json[field] == sent
    assert {"to", "recipient"} & peer.requests[0].json.keys() == {field}


def test_a_setting_puts_user_ids_into_another_field(peer: Provider) -> None:
    peer.replies = [Reply(200, OK)]
    whatsapp.send(made(peer.url, userIdField="to"), replace(MESSAGE, to="MX.1349"))
    assert peer.requests[0].json["to"] == "MX.1349"


@pytest.mark.parametrize(
    ("parameters", "components"),
    [
        (None, None),
        ([], None),
        (["Ana", 2], [{"type": "text", "text": "Ana"}, {"type": "text", "text": "2"}]),
        ({"guest": "Ana"}, [{"type": "text", "parameter_name": "guest", "text": "Ana"}]),
    ],
)
def test_a_template_takes_parameters_by_place_or_name(
    peer: Provider, account: Account, parameters: Any, components: Any
) -> None:
    peer.replies = [Reply(200, OK)]
    template = {"name": "checkin_reminder", "language": "es_MX", "parameters": parameters}
    whatsapp.send(account, replace(MESSAGE, type="template", text="", template=template))
    wanted: dict[str, Any] = {"name": "checkin_reminder", "language": {"code": "es_MX"}}
    if components:
        wanted["components"] = [{"type": "body", "parameters": components}]
    assert peer.requests[0].json["type"] == "template"
    assert peer.requests[0].json["template"] == wanted


@pytest.mark.parametrize(
    ("mime", "text", "kind", "named"),
    [
        ("image/jpeg", "The pool", "image", {"caption": "The pool"}),
        ("image/gif", "", "document", {"filename": "pool.jpg"}),
        ("application/pdf", "Menu", "document", {"caption": "Menu", "filename": "pool.jpg"}),
        ("audio/ogg; codecs=opus", "", "audio", {}),
        ("audio/ogg", "", "document", {"filename": "pool.jpg"}),
        ("video/mp4", "Tour", "video", {"caption": "Tour"}),
    ],
)
def test_a_file_goes_as_a_link(
    peer: Provider, account: Account, mime: str, text: str, kind: str, named: dict[str, str]
) -> None:
    peer.replies = [Reply(200, OK)]
    whatsapp.send(account, replace(MESSAGE, text=text, files=(replace(PICTURE, mime=mime),)))
    assert peer.requests[0].json["type"] == kind
    assert peer.requests[0].json[kind] == {"link": PICTURE.url, **named}


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ((PICTURE, PICTURE), ""),
        ((PICTURE,), "x" * 1025),
        ((replace(PICTURE, mime="audio/ogg; codecs=opus"),), "x"),
    ],
)
def test_what_does_not_go_in_one_message_is_never_sent_in_half(
    peer: Provider, account: Account, files: tuple[File, ...], text: str
) -> None:
    assert isinstance(whatsapp.send(account, replace(MESSAGE, text=text, files=files)), Permanent)
    assert peer.requests == []


def test_a_test_number_gets_one_more_try_with_the_short_form(
    peer: Provider, account: Account
) -> None:
    peer.replies = [error(131030), Reply(200, OK)]
    assert whatsapp.send(account, replace(MESSAGE, to="5491123456789")) == Accepted("wamid.OUT")
    assert [request.json["to"] for request in peer.requests] == ["5491123456789", "541123456789"]


@pytest.mark.parametrize("to", ["5491123456789", "14155238886"])
def test_the_short_form_is_tried_once_and_only_where_there_is_one(
    peer: Provider, account: Account, to: str
) -> None:
    peer.always = lambda request: error(131030)
    assert isinstance(whatsapp.send(account, replace(MESSAGE, to=to)), Permanent)
    assert len(peer.requests) == (2 if to.startswith("549") else 1)


# ------------------------------------------------------------------------------------------------ what answers mean

RETRY = [1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057]
BROKEN = [0, 3, 10, 190, 200, 250, 299, 368, 131005, 131031, 131042, 131045, 131048]
PERMANENT = [
    100,
    130472,
    130497,
    131008,
    131009,
    131021,
    131026,
    131030,
    131037,
    131047,
    131050,
    131051,
] + [131053, 131062, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016]
CLASSES = (
    [(code, Retry) for code in RETRY]
    + [(code, Broken) for code in BROKEN]
    + [(code, Permanent) for code in PERMANENT]
    + [(131049, Retry)]
)


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_the_code_decides_whatever_the_status(code: int, kind: type, status: int) -> None:
    answer = Response(status, {"error": {"code": code, "message": f"(#{code}) x"}})
    result = meta_errors.result(answer)
    assert type(result) is kind
    assert f"(WhatsApp {code})" in result.error


@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_a_code_means_the_same_when_it_comes_later(code: int, kind: type) -> None:
    assert type(meta_errors.meaning({"code": code, "title": "x"})) is kind


def test_advertising_is_put_off_for_a_day() -> None:
    assert meta_errors.meaning({"code": 131049}) == Retry(
        meta_errors.message({"code": 131049}), 86400
    )


def test_too_much_for_one_guest_backs_off_four_times_as_long_each_time() -> None:
    result = meta_errors.meaning({"code": 131056})
    assert isinstance(result, Retry)
    assert (result.after, result.factor) == (None, 4.0)


def test_a_closed_window_is_told_from_other_refusals() -> None:
    result = meta_errors.meaning({"code": 131047})
    assert isinstance(result, Permanent)
    assert result.reason == "window_closed"
    assert "template" in result.error


def test_a_phone_number_id_that_is_not_there_breaks_the_account() -> None:
    answer = Response(400, {"error": {"code": 100, "error_subcode": 33}})
    assert isinstance(meta_errors.result(answer), Broken)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(429, b"", {"Retry-After": "7"}), Retry),
        (error(80007, 429), Retry),
        (error(999999, 429), Retry),
        (error(131048, 429), Broken),
        (Reply(502, b"<html>"), Unknown),
        (error(999999, 500), Unknown),
        (error(999999, 400), Permanent),
        (Reply(400, b"?"), Permanent),
        (Reply(401, b""), Broken),
        (Reply(404, b"not here"), Broken),
        (Reply(302, b"", {"Location": "/elsewhere"}), Broken),
        (Reply(200, b"not json"), Unknown),
        (Reply(200, {"messages": []}), Unknown),
        (Reply(200, {"messages": [7]}), Unknown),
        (Reply(200, b"[" * 100_000), Unknown),
        (Reply(lost=True), Unknown),
    ],
)
def test_an_answer_without_a_known_code(
    peer: Provider, account: Account, reply: Reply, kind: type[Result]
) -> None:
    peer.replies = [reply]
    assert type(whatsapp.send(account, MESSAGE)) is kind
    assert len(peer.requests) == 1


@pytest.mark.parametrize(("given", "after"), [("7", 7.0), ("99999999", 86400.0), ("soon", None)])
def test_how_long_to_wait_is_taken_from_the_answer(
    peer: Provider, account: Account, given: str, after: float | None
) -> None:
    peer.replies = [replace(error(130429, 429), headers={"Retry-After": given})]
    result = whatsapp.send(account, MESSAGE)
    assert isinstance(result, Retry)
    assert result.after == after


@pytest.mark.parametrize("status", [400, 429])
def test_a_code_that_waits_takes_its_time_from_the_answer(
    peer: Provider, account: Account, status: int
) -> None:
    peer.replies = [replace(error(131056, status), headers={"Retry-After": "9"})]
    result = whatsapp.send(account, MESSAGE)
    assert isinstance(result, Retry)
    assert (result.after, result.factor) == (9.0, 4.0)


def test_advertising_is_put_off_for_a_day_whatever_the_answer_says(
    peer: Provider, account: Account
) -> None:
    peer.replies = [replace(error(131049, 429), headers={"Retry-After": "9"})]
    result = whatsapp.send(account, MESSAGE)
    assert isinstance(result, Retry)
    assert result.after == 86400


def test_a_date_to_wait_for_is_understood(peer: Provider, account: Account) -> None:
    peer.replies = [Reply(429, b"", {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"})]
    result = whatsapp.send(account, MESSAGE)
    assert isinstance(result, Retry)
    assert result.after == 86400.0


def test_nobody_listening_is_a_retry() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert whatsapp.send(made(url), MESSAGE) == Retry(http_client.UNREACHABLE)


def test_a_name_that_does_not_resolve_is_a_retry() -> None:
    assert whatsapp.send(made("https://graph.invalid"), MESSAGE) == Retry(http_client.UNREACHABLE)


def test_a_failed_tls_handshake_is_a_retry(peer: Provider) -> None:
    secure = made(peer.url.replace("http:", "https:"))
    assert whatsapp.send(secure, MESSAGE) == Retry(http_client.UNREACHABLE)
    assert peer.requests == []


def test_silence_after_the_request_is_unknown(
    peer: Provider, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with impatient(monkeypatch):
        peer.held.clear()
        assert whatsapp.send(account, MESSAGE) == Unknown(http_client.NO_RESPONSE)


def test_an_answer_without_end_is_unknown(
    peer: Provider, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MAX_RESPONSE", 1000)
    peer.replies = [Reply(200, b" " * 5000)]
    assert whatsapp.send(account, MESSAGE) == Unknown(http_client.NO_RESPONSE)


@pytest.mark.parametrize(
    "settings", [{"accessToken": "a\nb"}, {"accessToken": "ñ"}, {"baseUrl": "nowhere"}]
)
def test_settings_no_request_can_carry_break_the_account(
    peer: Provider, settings: dict[str, str]
) -> None:
    assert isinstance(whatsapp.send(made(peer.url, **settings), MESSAGE), Broken)


def test_an_error_repeats_no_token_and_no_number(peer: Provider, account: Account) -> None:
    secret = "EAAGm0PX4ZCpsBAKZCZCtoken0123456789"
    says = f"Malformed access token {secret} for +52 1 55 1234 5678 at https://graph.example.com/x"
    peer.replies = [Reply(400, {"error": {"code": 999, "message": says}})]
    result = whatsapp.send(account, MESSAGE)
    assert isinstance(result, Permanent)
    assert secret not in result.error
    assert "1234" not in result.error
    assert "https:" not in result.error
    assert "Malformed access token" in result.error


def test_meta_cannot_be_asked_what_became_of_a_message(peer: Provider, account: Account) -> None:
    result = whatsapp.lookup(account, MESSAGE, "2026-05-28T20:26:40.000Z", ())
    assert isinstance(result, Unknown)
    assert peer.requests == []


# ------------------------------------------------------------------------------------------------ trying


def test_trying_an_account_names_its_number(peer: Provider, account: Account) -> None:
    peer.replies = [
        Reply(200, {"display_phone_number": "+52 55 9876 5432", "verified_name": "Sol"})
    ]
    found = whatsapp.test(account, unreported)
    assert found == types.Tested(True, "WhatsApp accepts the token for +52 55 9876 5432 (Sol).")
    (request,) = peer.requests
    assert (request.method, request.path) == ("GET", "/v25.0/106540352242922")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(190, 401), "expired"),
        (error(100, 400, error_subcode=33), "phone number id"),
        (Reply(lost=True), "does not answer"),
        (Reply(503, b""), "does not answer"),
    ],
)
def test_trying_an_account_that_does_not_work_says_why(
    peer: Provider, account: Account, reply: Reply, says: str
) -> None:
    peer.replies = [reply]
    found = whatsapp.test(account, unreported)
    assert not found.works
    assert says in found.message


# ------------------------------------------------------------------------------------------------ files


def test_a_file_is_fetched_by_its_id(peer: Provider, account: Account) -> None:
    def tell(request: Request) -> Reply:
        if request.path == "/v25.0/6546":
            return Reply(200, {"url": f"{peer.url}/file", "file_size": 3, "id": "6546"})
        return Reply(200, b"jpg", {"Content-Type": "image/jpeg; q=1"})

    peer.always = tell
    found = whatsapp.fetch(account, Media(source="6546"), 100)
    assert not isinstance(found, Accepted | Retry | Permanent | Broken | Unknown)
    assert (found.content, found.mime) == (b"jpg", "image/jpeg")
    assert [request.headers["Authorization"] for request in peer.requests] == [
        "Bearer EAAtoken"
    ] * 2


def test_a_file_that_says_to_be_too_large_is_not_fetched(peer: Provider, account: Account) -> None:
    peer.replies = [Reply(200, {"url": f"{peer.url}/file", "file_size": "101"})]
    assert isinstance(whatsapp.fetch(account, Media(source="6546"), 100), Permanent)
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(100, 400), Permanent),
        (error(190, 401), Broken),
        (Reply(500, b""), Retry),
        (Reply(lost=True), Retry),
        (Reply(200, {"nothing": 1}), Permanent),
        (Reply(200, {"url": "https://evil.example.com/file"}), Permanent),
    ],
)
def test_a_file_that_is_not_given_out(
    peer: Provider, account: Account, reply: Reply, kind: type[Result]
) -> None:
    peer.replies = [reply]
    assert type(whatsapp.fetch(account, Media(source="6546"), 100)) is kind


def test_meta_is_asked_where_the_settings_say_and_else_at_facebook() -> None:
    settings = {**made("x").settings, "baseUrl": None, "apiVersion": None}
    account = whatsapp.account(settings, "")
    assert account is not None
    assert meta._url(account, "1", "messages") == "https://graph.facebook.com/v25.0/1/messages"
