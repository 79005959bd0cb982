"""The peer that stands for Meta behaves as Meta's documentation says it does."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.peers import signing
from tests.peers.faults import (
    ACCEPT_IN_SILENCE,
    ACCEPT_THEN_DROP,
    BATCHED,
    CUT,
    DUPLICATED,
    EARLY,
    REORDERED,
    SILENT,
    broken,
    failing,
    refused,
    slow,
    throttled,
)
from tests.peers.listener import Listener
from tests.peers.meta import MetaPeer
from tests.peers.meta_guests import Guest

# One client, since reading the certificates takes longer than any test; it keeps no connection open.
HTTP = httpx.Client(timeout=5, limits=httpx.Limits(max_keepalive_connections=0))
ANA = "5215512345678"
DAY = 86400


@pytest.fixture
def jack() -> Listener:
    return Listener()


@pytest.fixture
def meta(jack: Listener) -> Iterator[MetaPeer]:
    with MetaPeer(jack) as peer:
        yield peer


@pytest.fixture
def ana(meta: MetaPeer, jack: Listener) -> Guest:
    """A guest whose window is open; what she said to open it is forgotten."""
    guest = meta.guest(ANA)
    guest.says("Hola")
    jack.heard.clear()
    return guest


def post(peer: MetaPeer, path: str = "messages", token: str = "", **request: Any) -> httpx.Response:
    url = f"{peer.url}/v25.0/{peer.phone_number_id}/{path}"
    headers = {"Authorization": f"Bearer {token or peer.token}"}
    return HTTP.post(url, headers=headers, timeout=5, **request)


def send(peer: MetaPeer, to: str = ANA, text: str = "¿Qué tal?", **more: Any) -> httpx.Response:
    body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}}
    answer = post(peer, json=body | more)
    peer.settled()
    return answer


def code(answer: httpx.Response) -> int:
    return int(answer.json()["error"]["code"])


# ------------------------------------------------------------------------------------------------ sending


def test_a_message_is_accepted_and_its_statuses_follow(
    meta: MetaPeer, jack: Listener, ana: Guest
) -> None:
    answer = send(meta, biz_opaque_callback_data="msg_01")
    told = answer.json()
    assert answer.status_code == 200
    assert told["contacts"] == [{"input": ANA, "wa_id": ANA}]
    assert jack.statuses() == ["sent", "delivered"]
    (first, _) = jack.values()
    assert first["statuses"][0]["id"] == told["messages"][0]["id"] == meta.received[0].id
    assert first["statuses"][0]["biz_opaque_callback_data"] == "msg_01"
    assert first["metadata"]["phone_number_id"] == meta.phone_number_id
    assert [sent.text for sent in ana.inbox] == ["¿Qué tal?"]


def test_the_short_mexican_form_reaches_the_same_guest(meta: MetaPeer, ana: Guest) -> None:
    assert send(meta, "525512345678").json()["contacts"][0]["wa_id"] == ANA
    assert len(ana.inbox) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"messaging_product": "sms"}, 100),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": ""}}, 100),
        ({"type": "poll"}, 100),
        ({"to": "whoever"}, 131009),
        ({"to": None}, 131008),
        ({"type": "image", "image": {"id": "1234"}}, 131053),
        ({"type": "image", "image": {}}, 100),
        ({"type": "audio", "audio": {"link": "https://x.example", "caption": "x"}}, 131008),
    ],
)
def test_a_malformed_message_is_refused(
    meta: MetaPeer, ana: Guest, change: dict[str, Any], expected: int
) -> None:
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "x"}}
    answer = post(meta, json=body | change)
    assert (answer.status_code, code(answer)) == (400, expected)
    assert meta.received == []


def test_a_wrong_token_is_refused_everywhere(meta: MetaPeer) -> None:
    answer = post(meta, token="another", json={})
    assert (answer.status_code, code(answer)) == (401, 190)
    assert HTTP.get(f"{meta.url}/files/1").status_code == 401


def test_another_number_is_unknown(meta: MetaPeer) -> None:
    url = f"{meta.url}/v25.0/999/messages"
    assert code(HTTP.post(url, headers={"Authorization": f"Bearer {meta.token}"})) == 100


def test_a_window_is_open_for_a_day(meta: MetaPeer, ana: Guest) -> None:
    meta.clock.advance(DAY - 1)
    assert send(meta).status_code == 200
    meta.clock.advance(2)
    assert code(send(meta)) == 131047
    ana.says("¿Sigue?")
    assert send(meta).status_code == 200


def test_a_closed_window_may_be_told_later(jack: Listener) -> None:
    with MetaPeer(jack, late_window=True) as meta:
        assert send(meta).status_code == 200
    (value,) = jack.values()
    assert value["statuses"][0]["errors"][0]["code"] == 131047


def test_a_template_needs_no_window_and_opens_none(meta: MetaPeer) -> None:
    meta.templates["checkin_reminder", "es_MX"] = 1
    parameters = [{"type": "text", "text": "Ana"}]
    template = {"name": "checkin_reminder", "language": {"code": "es_MX"}}
    full = template | {"components": [{"type": "body", "parameters": parameters}]}
    answer = send(meta, type="template", template=full)
    assert answer.json()["messages"][0]["message_status"] == "accepted"
    assert code(send(meta)) == 131047
    assert code(send(meta, type="template", template=template)) == 132000
    assert code(send(meta, type="template", template=full | {"name": "unknown"})) == 132001


def test_a_guest_without_a_number_is_reached_by_their_id(meta: MetaPeer, jack: Listener) -> None:
    luz = meta.guest(user_id="MX.13491208655302741918", name="Luz", username="luz")
    luz.says("Sin número")
    (value,) = jack.values()
    assert "from" not in value["messages"][0]
    assert value["messages"][0]["from_user_id"] == luz.user_id
    assert value["contacts"] == [
        {"profile": {"name": "Luz", "username": "luz"}, "user_id": luz.user_id}
    ]
    body = {"messaging_product": "whatsapp", "recipient": luz.user_id}
    answer = post(meta, json=body | {"type": "text", "text": {"body": "Hola"}})
    assert answer.json()["contacts"] == [{"input": luz.user_id}]
    meta.settled()
    assert len(luz.inbox) == 1
    assert meta.guest("5215500000000", user_id=luz.user_id) is luz
    assert meta.guest("525500000000") is luz


def test_somebody_without_whatsapp_is_told_of_later(
    meta: MetaPeer, jack: Listener, ana: Guest
) -> None:
    ana.on_whatsapp = False
    assert send(meta).status_code == 200
    assert jack.statuses() == ["failed"]
    assert jack.values()[0]["statuses"][0]["errors"][0]["code"] == 131026
    assert ana.inbox == []


def test_a_test_number_refuses_the_long_form(jack: Listener) -> None:
    with MetaPeer(jack, test_number=True, trusting=True) as meta:
        assert code(send(meta, ANA)) == 131030
        assert send(meta, "525512345678").status_code == 200


def test_one_guest_gets_a_burst_and_then_one_message_in_six_seconds(jack: Listener) -> None:
    with MetaPeer(jack, pair_burst=3) as meta:
        meta.guest(ANA).says("Hola")
        assert [send(meta).status_code for _ in range(4)] == [200, 200, 200, 400]
        assert code(send(meta)) == 131056
        meta.clock.advance(6)
        assert [send(meta).status_code for _ in range(2)] == [200, 400]


def test_a_read_mark_is_taken_for_what_was_said(meta: MetaPeer, ana: Guest) -> None:
    (said,) = ana.said
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": said}
    typing = mark | {"typing_indicator": {"type": "text"}}
    assert post(meta, json=typing).json() == {"success": True}
    assert meta.read_by_hotel == [said]
    assert code(post(meta, json=mark | {"message_id": "wamid.X"})) == 131009


def test_the_number_tells_its_name(meta: MetaPeer) -> None:
    url = f"{meta.url}/v25.0/{meta.phone_number_id}?fields=display_phone_number"
    answer = HTTP.get(url, headers={"Authorization": f"Bearer {meta.token}"})
    assert answer.json()["display_phone_number"] == f"+{meta.number}"


# ------------------------------------------------------------------------------------------------ faults


def test_faults_come_once_and_in_turn(meta: MetaPeer, ana: Guest) -> None:
    for fault in (throttled("7"), broken(503), refused(400, 131042)):
        meta.faults.add(fault)
    answers = [send(meta) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 503, 400, 200]
    assert [code(answer) for answer in answers[:3]] == [130429, 2, 131042]
    assert answers[0].headers["Retry-After"] == "7"
    assert "Retry-After" not in answers[1].headers
    assert len(meta.received) == 1


def test_accepted_then_dropped(meta: MetaPeer, jack: Listener, ana: Guest) -> None:
    meta.faults.add(ACCEPT_THEN_DROP)
    with pytest.raises(httpx.RemoteProtocolError):
        send(meta)
    meta.settled()
    assert len(ana.inbox) == 1
    assert jack.statuses() == ["sent", "delivered"]


def test_accepted_then_dropped_and_never_heard_of(
    meta: MetaPeer, jack: Listener, ana: Guest
) -> None:
    meta.faults.add(ACCEPT_IN_SILENCE)
    with pytest.raises(httpx.RemoteProtocolError):
        send(meta)
    meta.settled()
    assert len(ana.inbox) == 1
    assert jack.heard == []


def test_cut_before_it_was_accepted(meta: MetaPeer, ana: Guest) -> None:
    meta.faults.add(CUT)
    with pytest.raises(httpx.RemoteProtocolError):
        send(meta)
    assert meta.received == []


def impatient(peer: MetaPeer) -> None:
    """Send, and wait hardly at all for the answer."""
    url = f"{peer.url}/v25.0/{peer.phone_number_id}/messages"
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "x"}}
    HTTP.post(url, json=body, headers={"Authorization": f"Bearer {peer.token}"}, timeout=0.1)


def test_statuses_before_the_answer(meta: MetaPeer, jack: Listener, ana: Guest) -> None:
    meta.faults.add(replace(EARLY, delay=0.3))
    with pytest.raises(httpx.ReadTimeout):
        impatient(meta)
    assert jack.statuses() == ["sent", "delivered"]
    meta.settled()
    meta.faults.add(slow(0.3))
    with pytest.raises(httpx.ReadTimeout):
        impatient(meta)
    assert jack.statuses() == ["sent", "delivered"]
    meta.settled()
    assert len(jack.statuses()) == 4


@pytest.mark.parametrize(
    ("fault", "expected", "requests"),
    [
        (REORDERED, ["delivered", "sent"], 2),
        (DUPLICATED, ["sent", "delivered"] * 3, 6),
        (BATCHED, ["sent", "delivered"], 1),
        (SILENT, [], 0),
        (failing(131049), ["failed"], 1),
    ],
    ids=["reordered", "duplicated", "batched", "silent", "failing"],
)
def test_statuses_that_misbehave(
    meta: MetaPeer, jack: Listener, ana: Guest, fault: Any, expected: list[str], requests: int
) -> None:
    meta.faults.add(fault)
    assert send(meta).status_code == 200
    assert jack.statuses() == expected
    assert len(jack.heard) == requests


# ------------------------------------------------------------------------------------------------ webhooks


def test_a_webhook_is_signed_and_escaped(meta: MetaPeer, jack: Listener) -> None:
    meta.guest(ANA, "Ana").says("¿Habitación? 🙂")
    (hook,) = jack.heard
    assert rb"\u00bfHabitaci\u00f3n? \ud83d\ude42" in hook.body
    assert hook.headers["X-Hub-Signature-256"] == signing.meta(meta.app_secret, hook.body)
    (value,) = jack.values()
    assert value["contacts"][0] == {"profile": {"name": "Ana"}, "wa_id": ANA}
    assert value["messages"][0]["text"] == {"body": "¿Habitación? 🙂"}


def test_a_webhook_that_is_not_taken_comes_again(jack: Listener) -> None:
    with MetaPeer(jack, trusting=True) as meta:
        meta.caller.pause = 0.01
        jack.answers = [503, 503]
        send(meta)
    assert Counter(jack.statuses()) == {"sent": 2, "delivered": 2}


def test_held_webhooks_are_delivered_as_a_test_likes(meta: MetaPeer, jack: Listener) -> None:
    with meta.caller.holding() as held:
        for number in range(10):
            meta.guest(ANA).sends_file(b"image %d" % number, caption="álbum")
    assert jack.heard == []
    assert meta.caller.at_once(held) == [200] * 10
    batch = meta.caller.call(meta.batched(held))
    assert batch.answer == 200
    ids = [value["messages"][0]["id"] for value in jack.values()]
    assert len(ids) == 20
    assert len(set(ids)) == 10


def test_everything_a_guest_can_do_is_told(meta: MetaPeer, jack: Listener, ana: Guest) -> None:
    send(meta)
    (said,) = ana.said
    jack.heard.clear()
    ana.is_at(37.46, -122.21, name="HQ", address="1 Hacker Way")
    ana.reacts(meta.received[0].id)
    ana.reacts(meta.received[0].id, None)
    ana.presses("Sí")
    ana.edits(said, "Hola, Jack")
    ana.revokes(said)
    ana.sends_something_new()
    ana.reads()
    ana.changes_number("5215587654321")
    meta.staff_types(ana, "Desde el móvil")
    told = [next(iter(v.get("messages", v.get("statuses", [{}])))) for v in jack.values()]
    kinds = [one.get("type") or one.get("status") for one in told]
    assert kinds == [
        "location", "reaction", "reaction", "interactive", "edit", "revoke", "unsupported", "read", "system", None,
    ]  # fmt: skip
    assert "emoji" not in told[2]["reaction"]
    assert told[6]["errors"][0]["code"] == 131051
    assert told[8]["from"] == ANA
    assert told[8]["system"]["wa_id"] == "5215587654321"
    assert jack.values()[-1]["message_echoes"][0]["to"] == "5215587654321"
    assert meta.guest("525587654321") is ana


def test_the_handshake_wants_exactly_the_challenge(meta: MetaPeer, jack: Listener) -> None:
    assert not meta.subscribe()
    assert jack.heard[0].method == "GET"
    assert "hub.challenge=1158201444" in jack.heard[0].target


# ------------------------------------------------------------------------------------------------ files


def test_a_guests_file_is_fetched_by_id_then_url(meta: MetaPeer, jack: Listener) -> None:
    meta.guest(ANA).sends_file(b"\xff\xd8 jpeg", caption="Mi pasaporte")
    image = jack.values()[0]["messages"][0]["image"]
    with httpx.Client(headers={"Authorization": f"Bearer {meta.token}"}) as client:
        told = client.get(f"{meta.url}/v25.0/{image['id']}").json()
        assert told["sha256"] == image["sha256"] == hashlib.sha256(b"\xff\xd8 jpeg").hexdigest()
        assert told["file_size"] == 7
        assert client.get(told["url"]).content == b"\xff\xd8 jpeg"
        assert HTTP.get(told["url"]).status_code == 401
        meta.clock.advance(301)
        assert client.get(told["url"]).status_code == 404
        meta.clock.advance(7 * DAY)
        assert client.get(f"{meta.url}/v25.0/{image['id']}").status_code == 400


def test_an_uploaded_file_can_be_sent(meta: MetaPeer, ana: Guest) -> None:
    form = {"messaging_product": "whatsapp", "type": "application/pdf"}
    file = ("menú.pdf", b"%PDF-1.7", "application/pdf")
    id = post(meta, "media", data=form, files={"file": file}).json()["id"]
    answer = send(meta, type="document", document={"id": id, "caption": "El menú"})
    assert answer.status_code == 200
    assert (ana.inbox[0].file, ana.inbox[0].text) == (b"%PDF-1.7", "El menú")
    meta.clock.advance(30 * DAY)
    ana.says("¿Otra vez?")
    assert code(send(meta, type="document", document={"id": id})) == 131053


def test_a_linked_file_is_fetched_from_this_machine(meta: MetaPeer, ana: Guest) -> None:
    with MetaPeer(None) as other:
        link = f"{other.url}/nothing"
        send(meta, type="image", image={"link": link})
        send(meta, type="image", image={"link": "https://jack.example.com/file"})
        assert [request.path for request in other.requests] == ["/nothing"]
    assert [sent.file for sent in meta.received] == [b"", None]
    assert [sent.file for sent in ana.inbox] == [None]  # what is not there is not sent
