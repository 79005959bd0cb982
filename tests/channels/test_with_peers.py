"""Both providers' rooms against the simulators, which sign, refuse and call back by code of their own."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from jack.channels import sms, whatsapp
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Broken, Permanent, Retry, Unknown
from jack.channels.steps import unreported
from jack.channels.types import (
    Account,
    DeliveryReceipt,
    Event,
    Fetched,
    InboundMessage,
    Media,
    OutboundMessage,
    WebhookRequest,
)
from tests.peers import faults
from tests.peers.hooks import Hook
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer

HOME = "https://jack.example.com"


class Recorder:
    """Records the events a channel reads from the webhooks of a peer."""

    def __init__(self, channel: ModuleType) -> None:
        self.channel = channel
        self.account: Account | None = None
        self.events: list[Event] = []

    def __call__(self, hook: Hook) -> int:
        assert self.account is not None
        path, _, query = hook.target.partition("?")
        try:
            events = self.channel.read(
                self.account, WebhookRequest(hook.method, path, query, hook.headers, hook.body)
            )
        except InvalidSignature:
            return 403
        self.events += events
        return 200

    def receipts(self) -> list[tuple[str | None, str]]:
        return [
            (one.message_id, one.status) for one in self.events if isinstance(one, DeliveryReceipt)
        ]

    def last(self) -> InboundMessage:
        found = self.events[-1]
        assert isinstance(found, InboundMessage)
        return found


@pytest.fixture
def meta() -> Iterator[MetaPeer]:
    with MetaPeer(hook=Recorder(whatsapp)) as peer:
        of(peer).account = whatsapp.account(peer.settings(), HOME)
        yield peer


@pytest.fixture(params=["sms", "whatsapp"])
def twilio(request: pytest.FixtureRequest) -> Iterator[TwilioPeer]:
    channel = {"sms": sms, "whatsapp": whatsapp}[request.param]
    with TwilioPeer(hook=Recorder(channel), public_url=HOME) as peer:
        settings = peer.sms_settings() if channel is sms else peer.whatsapp_settings()
        of(peer).account = channel.account(settings, HOME)
        yield peer


def of(peer: Any) -> Recorder:
    found: Recorder = peer.hook
    return found


def send(peer: Any, to: str, text: str = "Claro que sí", **more: Any) -> Any:
    message = OutboundMessage("msg-1", "msg-1", "guest-1", "conv-1", to, text, **more)
    return of(peer).channel.send(of(peer).account, message)


def guest(peer: TwilioPeer) -> Any:
    prefix = "whatsapp:" if of(peer).channel is whatsapp else ""
    return peer.guest(f"{prefix}+5215512345678", "Ana")


# ------------------------------------------------------------------------------------------------ Meta


def test_a_guest_of_metas_is_answered_where_they_wrote_from(meta: MetaPeer) -> None:
    ana = meta.guest("5215512345678", "Ana", user_id="MX.1349")
    assert ana.says("¿A qué hora? 🙂").answer == 200
    message = of(meta).last()
    assert (message.text, message.name) == ("¿A qué hora? 🙂", "Ana")
    for person in message.people:
        assert isinstance(send(meta, person.verbatim), Accepted)
    meta.settled()
    assert [sent.text for sent in ana.inbox] == ["Claro que sí"] * 2
    assert of(meta).receipts() == [("msg-1", "sent"), ("msg-1", "delivered")] * 2


def test_a_guest_without_a_number_is_answered(meta: MetaPeer) -> None:
    nobody = meta.guest(user_id="MX.13491208655302741918", username="ana")
    nobody.says("Hola")
    (person,) = of(meta).last().people
    assert isinstance(send(meta, person.verbatim), Accepted)
    meta.settled()
    assert len(nobody.inbox) == 1


def test_a_file_of_metas_is_fetched(meta: MetaPeer) -> None:
    meta.guest("5215512345678").sends_file(b"jpg" * 1000, caption="La alberca")
    (media,) = of(meta).last().media
    account = of(meta).account
    assert account is not None
    assert whatsapp.fetch(account, media, 3000) == Fetched(b"jpg" * 1000, "image/jpeg")
    assert isinstance(whatsapp.fetch(account, media, 2999), Permanent)
    assert isinstance(whatsapp.fetch(account, Media(source="404404"), 3000), Permanent)


def test_metas_test_number_takes_the_short_form(meta: MetaPeer) -> None:
    meta.test_number = True
    meta.guest("5491123456789").says("Hola")
    assert isinstance(send(meta, of(meta).last().people[0].verbatim), Accepted)


def test_a_closed_window_is_told_at_once_or_later(meta: MetaPeer) -> None:
    meta.guest("5215512345678").says("Hola")
    meta.clock.advance(25 * 3600)
    result = send(meta, "5215512345678")
    assert isinstance(result, Permanent)
    assert result.reason == "window_closed"
    meta.late_window = True
    assert isinstance(send(meta, "5215512345678"), Accepted)
    meta.settled()
    failed = of(meta).events[-1]
    assert isinstance(failed, DeliveryReceipt)
    assert isinstance(failed.means, Permanent)
    assert (failed.status, failed.means.reason) == ("failed", "window_closed")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.throttled("2"), Retry),
        (faults.refused(400, 131056), Retry),
        (faults.refused(401, 190), Broken),
        (faults.refused(400, 131026), Permanent),
        (faults.ACCEPT_THEN_DROP, Unknown),
        (faults.CUT, Unknown),
    ],
)
def test_metas_faults_have_their_class(meta: MetaPeer, fault: faults.Fault, kind: type) -> None:
    meta.guest("5215512345678").says("Hola")
    meta.faults.add(fault)
    assert type(send(meta, "5215512345678")) is kind


def test_trying_metas_account(meta: MetaPeer) -> None:
    account = of(meta).account
    assert account is not None
    assert whatsapp.test(account, unreported).works
    wrong = Account("whatsapp", "x", {**account.settings, "accessToken": "wrong"})
    assert not whatsapp.test(wrong, unreported).works


def test_everything_a_guest_of_metas_can_do_is_understood(meta: MetaPeer) -> None:
    ana = meta.guest("5215512345678")
    ana.says("Hola", id="wamid.1")
    ana.is_at(19.4, -99.1, name="Zócalo")
    ana.reacts("wamid.1")
    ana.reacts("wamid.1", None)
    ana.presses("Sí")
    ana.edits("wamid.1", "Buenas")
    ana.revokes("wamid.1")
    ana.sends_something_new()
    ana.changes_number("34600000000")
    meta.staff_types(ana, "Con gusto")
    kinds = [getattr(one, "type", type(one).__name__) for one in of(meta).events]
    assert kinds == ["text", "location", "Reaction", "Reaction", "text", "Edit", "Edit"] + [
        "unsupported",
        "AddressChanged",
        "text",
    ]


# ------------------------------------------------------------------------------------------------ Twilio


def test_a_guest_of_twilios_is_answered_where_they_wrote_from(twilio: TwilioPeer) -> None:
    ana = guest(twilio)
    assert ana.says("¿A qué hora? 🙂").answer == 200
    message = of(twilio).last()
    assert message.text == "¿A qué hora? 🙂"
    assert isinstance(send(twilio, message.people[0].verbatim), Accepted)
    twilio.settled()
    assert [sent.text for sent in ana.inbox] == ["Claro que sí"]
    assert of(twilio).receipts() == [("msg-1", "sent"), ("msg-1", "delivered")]


def test_a_file_of_twilios_is_fetched_and_a_redirect_leaks_nothing(twilio: TwilioPeer) -> None:
    guest(twilio).sends_files((b"jpg", "image/jpeg"))
    (media,) = of(twilio).last().media
    channel, account = of(twilio).channel, of(twilio).account
    assert channel.fetch(account, media, 10) == Fetched(b"jpg", "image/jpeg")
    twilio.media_elsewhere = True
    channel.fetch(account, media, 10)
    assert twilio.leaks == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.throttled("2"), Retry),
        (faults.broken(503), Unknown),
        (faults.refused(401, 20003), Broken),
        (faults.refused(400, 21610), Permanent),
        (faults.CUT, Unknown),
    ],
)
def test_twilios_faults_have_their_class(
    twilio: TwilioPeer, fault: faults.Fault, kind: type
) -> None:
    guest(twilio).says("Hola")
    twilio.faults.add(fault)
    assert type(send(twilio, guest(twilio).address)) is kind


def test_a_message_lost_on_the_way_back_is_found_and_one_never_sent_is_not(
    twilio: TwilioPeer,
) -> None:
    guest(twilio).says("Hola")
    since = "2020-01-01T00:00:00.000Z"
    channel, account = of(twilio).channel, of(twilio).account
    message = OutboundMessage("msg-1", "msg-1", "g", "c", guest(twilio).address, "Claro que sí")
    assert isinstance(channel.lookup(account, message, since, ()), Unknown)
    twilio.faults.add(faults.ACCEPT_IN_SILENCE)
    assert isinstance(channel.send(account, message), Unknown)
    (sent,) = twilio.received
    assert channel.lookup(account, message, since, ()) == Accepted(sent.sid)
    assert isinstance(channel.lookup(account, message, since, [sent.sid]), Unknown)


@pytest.mark.parametrize("twilio", ["sms"], indirect=True)
def test_stop_is_heard_and_its_consequence_understood(twilio: TwilioPeer) -> None:
    guest(twilio).says("Stop")
    assert of(twilio).last().consent == "stop"
    result = send(twilio, guest(twilio).address)
    assert isinstance(result, Permanent)
    assert result.reason == "opted_out"


def test_trying_twilios_account(twilio: TwilioPeer) -> None:
    channel, account = of(twilio).channel, of(twilio).account
    assert account is not None
    assert channel.test(account, unreported).works
    assert not channel.test(
        Account(account.channel, "x", {**account.settings, "authToken": "wrong"}), unreported
    ).works
    key, secret = next(iter(twilio.keys.items()))
    keyed = {**account.settings, "apiKeySid": key, "apiKeySecret": secret}
    assert channel.test(Account(account.channel, "x", keyed), unreported).works


# ------------------------------------------------------------------------------------------------ what both refuse


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ({"name": "unknown", "language": "es"}, "There is no such template in this language"),
        ({"name": "welcome", "language": "es"}, "another number of parameters"),
    ],
)
def test_meta_refuses_a_template_and_the_staff_read_why(
    template: dict[str, Any], why: str, meta: MetaPeer
) -> None:
    meta.templates["welcome", "es"] = 1
    result = send(meta, "5215512345678", "", template=template)
    assert isinstance(result, Permanent)
    assert why in result.error


def test_twilio_refuses_a_template_and_the_staff_read_why(twilio: TwilioPeer) -> None:
    twilio.templates["HX1"] = "Hola {{1}}"
    to = guest(twilio).address
    unknown = send(twilio, to, "", template={"name": "HX9", "language": "es"})
    assert isinstance(unknown, Permanent)
    assert "no such template" in unknown.error
    assert isinstance(send(twilio, to, "", template={"name": "HX1", "language": "es"}), Accepted)
    twilio.settled()
    (failed,) = [event for event in of(twilio).events if isinstance(event, DeliveryReceipt)]
    assert (failed.status, type(failed.means)) == ("failed", Permanent)
    assert "another number of parameters" in str(failed.error)
