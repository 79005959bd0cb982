"""The peer that stands for Twilio behaves as Twilio's documentation says it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.peers import signing
from tests.peers.faults import (
    ACCEPT_THEN_DROP,
    CUT,
    DUPLICATED,
    EARLY,
    REORDERED,
    SILENT,
    broken,
    failing,
    refused,
    throttled,
)
from tests.peers.hooks import LOST
from tests.peers.listener import Listener
from tests.peers.segments import segments
from tests.peers.twilio import TwilioPeer
from tests.peers.twilio_guests import Guest

# One client, since reading the certificates takes longer than any test; it keeps no connection open.
HTTP = httpx.Client(timeout=5, limits=httpx.Limits(max_keepalive_connections=0))
ANA = "+525512345678"
EVA = "whatsapp:+5215587654321"
STATUS = "https://jack.example.com/webhooks/twilio/status?m=msg_01"


@pytest.fixture
def jack() -> Listener:
    return Listener()


@pytest.fixture
def twilio(jack: Listener) -> Iterator[TwilioPeer]:
    with TwilioPeer(jack) as peer:
        yield peer


@pytest.fixture
def ana(twilio: TwilioPeer) -> Guest:
    return twilio.guest(ANA)


@pytest.fixture
def eva(twilio: TwilioPeer, jack: Listener) -> Guest:
    """A guest with WhatsApp whose window is open."""
    guest = twilio.guest(EVA, "Eva")
    guest.says("Hola")
    jack.heard.clear()
    return guest


def auth(peer: TwilioPeer) -> tuple[str, str]:
    return (peer.account_sid, peer.token)


def send(peer: TwilioPeer, to: str = ANA, timeout: float = 5, **form: Any) -> httpx.Response:
    sender = peer.whatsapp if to.startswith("whatsapp:") else peer.number
    told = {"To": to, "From": sender, "Body": "¿Qué tal?", "StatusCallback": STATUS} | form
    kept = {name: value for name, value in told.items() if value is not None}
    answer = HTTP.post(
        f"{peer.account_url}/Messages.json", data=kept, auth=auth(peer), timeout=timeout
    )
    peer.settled()
    return answer


def told(jack: Listener) -> list[dict[str, str]]:
    return [dict(parse_qsl(hook.body.decode(), keep_blank_values=True)) for hook in jack.heard]


def statuses(jack: Listener) -> list[str]:
    return [one["MessageStatus"] for one in told(jack)]


# ------------------------------------------------------------------------------------------------ sending


def test_a_message_is_accepted_and_its_statuses_follow(
    twilio: TwilioPeer, jack: Listener, ana: Guest
) -> None:
    answer = send(twilio)
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["num_segments"]) == (201, "queued", "1")
    assert len(shown["sid"]) == 34
    assert statuses(jack) == ["sent", "delivered"]
    assert jack.heard[0].target == "/webhooks/twilio/status?m=msg_01"
    assert told(jack)[0]["MessageSid"] == shown["sid"] == ana.inbox[0].sid
    for hook in jack.heard:
        form = parse_qsl(hook.body.decode(), keep_blank_values=True)
        assert hook.headers["X-Twilio-Signature"] == signing.twilio(twilio.token, STATUS, form)


def test_nobody_asked_for_statuses(twilio: TwilioPeer, jack: Listener, ana: Guest) -> None:
    assert send(twilio, StatusCallback=None).status_code == 201
    assert jack.heard == []
    assert twilio.received[0].statuses == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12"}, 21211),
        ({"From": None}, 21603),
        ({"From": "+15550000000"}, 21606),
        ({"Body": None}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"MediaUrl": ["https://x.example/1"] * 11}, 21623),
        ({"ContentSid": "HXunknown"}, 21655),
    ],
)
def test_a_malformed_message_is_refused(
    twilio: TwilioPeer, form: dict[str, Any], code: int
) -> None:
    answer = send(twilio, **form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["more_info"].endswith(f"/{code}")
    assert twilio.received == []


def test_credentials_are_the_accounts_or_a_keys(twilio: TwilioPeer) -> None:
    url = f"{twilio.account_url}.json"
    key = next(iter(twilio.keys.items()))
    assert [HTTP.get(url, auth=one).status_code for one in (auth(twilio), key)] == [200, 200]
    answer = HTTP.get(url, auth=(twilio.account_sid, "another"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_a_messaging_service_picks_the_number(twilio: TwilioPeer) -> None:
    answer = send(twilio, From=None, MessagingServiceSid=twilio.service)
    assert (answer.json()["status"], answer.json()["from"]) == ("accepted", twilio.number)


def test_a_closed_window_is_told_later(twilio: TwilioPeer, jack: Listener, eva: Guest) -> None:
    twilio.clock.advance(86401)
    answer = send(twilio, EVA)
    assert answer.status_code == 201
    (status,) = told(jack)
    assert (status["MessageStatus"], status["ErrorCode"]) == ("failed", "63016")
    assert eva.inbox == []
    twilio.templates["HX1"] = "Hola {{1}}"
    assert send(twilio, EVA, ContentSid="HX1", ContentVariables='{"1":"Eva"}').status_code == 201
    assert len(eva.inbox) == 1


def test_stop_is_honoured_until_start(twilio: TwilioPeer, jack: Listener, ana: Guest) -> None:
    assert ana.says(" stop ").answer == 200
    assert "OptOutType" not in told(jack)[0]
    assert send(twilio).json()["code"] == 21610
    ana.says("START")
    assert send(twilio).status_code == 201


def test_advanced_opt_out_tells_and_knows_spanish(jack: Listener) -> None:
    with TwilioPeer(jack, advanced_opt_out=True) as twilio:
        twilio.guest(ANA).says("baja")
        assert told(jack)[0]["OptOutType"] == "STOP"
        assert send(twilio).json()["code"] == 21610


def test_opting_out_is_not_known_to_whatsapp(twilio: TwilioPeer, eva: Guest) -> None:
    eva.says("STOP")
    assert send(twilio, EVA).status_code == 201


def test_a_landline_gets_nothing(twilio: TwilioPeer, ana: Guest) -> None:
    ana.landline = True
    assert send(twilio).json()["code"] == 21614


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 161, 2), ("a" * 307, 3), ("€" * 81, 2), ("á" * 71, 2), ("🙂" * 36, 2), ("a" * 1600, 11), ("", 1)],
)  # fmt: skip
def test_segments_are_counted(text: str, count: int) -> None:
    assert segments(text) == count


# ------------------------------------------------------------------------------------------------ faults


def test_faults_come_once_and_in_turn(twilio: TwilioPeer) -> None:
    for fault in (throttled("3"), throttled(), broken(500), refused(401, 20003)):
        twilio.faults.add(fault)
    answers = [send(twilio) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [429, 429, 500, 401, 201]
    assert [answer.headers.get("Retry-After") for answer in answers[:2]] == ["3", None]
    assert answers[0].json()["code"] == 20429


@pytest.mark.parametrize(("fault", "arrived"), [(ACCEPT_THEN_DROP, 1), (CUT, 0)])
def test_a_cut_line(
    twilio: TwilioPeer, jack: Listener, ana: Guest, fault: Any, arrived: int
) -> None:
    twilio.faults.add(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        send(twilio)
    twilio.settled()
    assert len(ana.inbox) == arrived
    assert len(jack.heard) == 2 * arrived


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (REORDERED, ["delivered", "sent"]),
        (DUPLICATED, ["sent", "delivered"] * 3),
        (SILENT, []),
        (failing(30003), ["failed"]),
    ],
    ids=["reordered", "duplicated", "silent", "failing"],
)
def test_statuses_that_misbehave(
    twilio: TwilioPeer, jack: Listener, fault: Any, expected: list[str]
) -> None:
    twilio.faults.add(fault)
    assert send(twilio).status_code == 201
    assert statuses(jack) == expected


def test_statuses_before_the_answer(twilio: TwilioPeer, jack: Listener) -> None:
    twilio.faults.add(replace(EARLY, delay=0.3))
    with pytest.raises(httpx.ReadTimeout):
        send(twilio, timeout=0.1)
    assert statuses(jack) == ["sent", "delivered"]


def test_only_a_lost_webhook_comes_again(jack: Listener) -> None:
    with TwilioPeer(jack) as twilio:
        twilio.caller.pause = 0.01
        jack.answers = [503]
        send(twilio)
        assert statuses(jack) == ["sent", "delivered"]
        jack.heard.clear()
        jack.answers = [LOST]
        send(twilio)
        assert sorted(statuses(jack)) == ["delivered", "sent", "sent"]


# ------------------------------------------------------------------------------------------------ webhooks


def test_an_sms_is_told_and_signed(twilio: TwilioPeer, jack: Listener, ana: Guest) -> None:
    ana.says("¿Hay piscina?")
    (hook,) = jack.heard
    assert hook.target == "/webhooks/twilio/sms"
    url = "https://jack.example.com/webhooks/twilio/sms"
    form = parse_qsl(hook.body.decode(), keep_blank_values=True)
    assert ("FromCity", "") in form
    assert hook.headers["X-Twilio-Signature"] == signing.twilio(twilio.token, url, form)
    assert dict(form)["From"] == ANA
    assert dict(form)["Body"] == "¿Hay piscina?"


def test_a_whatsapp_message_is_told_with_its_profile(twilio: TwilioPeer, jack: Listener) -> None:
    twilio.guest(EVA, "Eva", user_id="MX.44804919").says("Hola")
    twilio.guest("whatsapp:MX.13491208", "Luz").is_at(25.01, -77.39, Label="Hotel")
    first, second = told(jack)
    assert jack.heard[0].target == "/webhooks/twilio/whatsapp"
    assert (first["WaId"], first["ProfileName"]) == ("5215587654321", "Eva")
    assert first["ExternalUserId"] == "whatsapp:MX.44804919"
    assert "WaId" not in second
    assert (second["MessageType"], second["Latitude"], second["Body"]) == ("location", "25.01", "")


def test_a_json_webhook_is_signed_over_its_url(twilio: TwilioPeer) -> None:
    hook = twilio.hooked_json("/webhooks/twilio/events", {"a": 1})
    url = twilio.public_url + hook.target
    assert "bodySHA256=" in hook.target
    assert hook.headers["X-Twilio-Signature"] == signing.twilio(twilio.token, url)


def test_reading_is_told_by_whatsapp(twilio: TwilioPeer, jack: Listener, eva: Guest) -> None:
    send(twilio, EVA)
    eva.reads()
    assert told(jack)[-1]["MessageStatus"] == "read"
    assert told(jack)[-1]["EventType"] == "READ"


# ------------------------------------------------------------------------------------------------ looking back


def test_the_list_finds_what_was_sent_and_what_was_said(twilio: TwilioPeer, ana: Guest) -> None:
    send(twilio, Body="uno")
    twilio.clock.advance(60)
    send(twilio, Body="dos")
    ana.says("tres")
    url = f"{twilio.account_url}/Messages.json"

    def found(**asked: str) -> list[str]:
        answer = HTTP.get(url, params=asked, auth=auth(twilio)).json()
        return [one["body"] for one in answer["messages"]]

    assert found(To=ANA) == ["dos", "uno"]
    assert found(From=ANA) == ["tres"]
    assert found(To="+525500000000") == []
    assert found(**{"DateSent>": "2999-01-01"}) == []
    assert set(found(**{"DateSent>": "2020-01-01", "DateSent<": "2999-01-01"})) == {"uno", "dos", "tres"}  # fmt: skip
    first = HTTP.get(url, params={"PageSize": "2"}, auth=auth(twilio)).json()
    rest = HTTP.get(twilio.url + first["next_page_uri"], auth=auth(twilio)).json()
    assert len(first["messages"]) == 2
    assert len(rest["messages"]) == 1
    assert rest["next_page_uri"] is None
    one = HTTP.get(twilio.url + rest["messages"][0]["uri"], auth=auth(twilio)).json()
    assert (one["body"], one["status"]) == ("uno", "delivered")


def test_a_message_nobody_was_told_of_is_in_the_list(twilio: TwilioPeer) -> None:
    twilio.faults.add(ACCEPT_THEN_DROP)
    with pytest.raises(httpx.RemoteProtocolError):
        send(twilio, Body="¿Llegó?")
    listed = HTTP.get(f"{twilio.account_url}/Messages.json", auth=auth(twilio)).json()
    assert [one["body"] for one in listed["messages"]] == ["¿Llegó?"]


# ------------------------------------------------------------------------------------------------ files


def test_a_guests_files_need_the_credentials(
    twilio: TwilioPeer, jack: Listener, ana: Guest
) -> None:
    ana.sends_files((b"one", "image/jpeg"), (b"two", "application/pdf"), text="Aquí")
    form = told(jack)[0]
    assert (form["NumMedia"], form["MediaContentType1"]) == ("2", "application/pdf")
    assert HTTP.get(form["MediaUrl0"]).status_code == 401
    assert HTTP.get(form["MediaUrl1"], auth=auth(twilio)).content == b"two"


def test_files_elsewhere_must_not_see_the_credentials(
    twilio: TwilioPeer, jack: Listener, ana: Guest
) -> None:
    twilio.media_elsewhere = True
    ana.sends_files((b"one", "image/jpeg"))
    answer = HTTP.get(told(jack)[0]["MediaUrl0"], auth=auth(twilio))
    assert answer.status_code == 307
    assert HTTP.get(answer.headers["Location"]).content == b"one"
    assert twilio.leaks == []
    assert HTTP.get(answer.headers["Location"], auth=auth(twilio)).status_code == 400
    assert len(twilio.leaks) == 1


def test_files_of_ours_are_fetched_from_this_machine(
    twilio: TwilioPeer, jack: Listener, eva: Guest
) -> None:
    own = f"{twilio.elsewhere.url}/{twilio.files.keep(b'%PDF', 'application/pdf', 60)}"
    send(twilio, EVA, MediaUrl=[own, "https://jack.example.com/file"])
    assert twilio.received[0].files == [b"%PDF", None]
