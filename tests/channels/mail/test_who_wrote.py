"""Who wrote a mail: its sender, or whom a website, a portal or a form service wrote it for."""

from __future__ import annotations

import pytest

from jack.channels.mail import inbound
from jack.channels.types import Address, InboundMessage
from tests.channels.mails import AT, make_mail, only


@pytest.mark.parametrize(("sender", "reply"), [
    ("evil@mail.example", "ana@mail.example"),            # a small provider, of which no list knows
    ("evil1984@gmail.com", "ana1985@gmail.com"), ("info@gmx.de", "ana1985@gmx.de"), ("a@yahoo.co.jp", "b12c3@yahoo.co.jp"),
    ("ana@a.co.uk", "r-7f3a9c21@b.co.uk"),                # a public suffix is nobody's domain
    ("boss@hotel.example", "chef@hotel.example"), ("boss@hotel.example", "boss@hotel.example"),
])  # fmt: skip
def test_a_neighbour_does_not_speak_for_others(sender: str, reply: str) -> None:
    event = only(make_mail(From=sender, Reply_To=reply))
    assert event.people[0].key == sender


def test_the_sender_in_the_other_form_of_their_domain_is_nobody_else() -> None:
    event = only(make_mail(From="Ana@xn--mller-kva.de", Reply_To="ana@müller.de"))
    assert event.people == (Address("ana@müller.de", "Ana@xn--mller-kva.de"),)
    assert not {"replyTo", "sentBy", "unproven"} & event.details.keys()


@pytest.mark.parametrize("sender", [
    "wordpress@hotel.example", "forms@www.hotel.example", "boss@hotel.example", "FRONT@hotel.example",
])  # fmt: skip
def test_the_hotels_own_website_writes_for_the_guest(sender: str) -> None:
    event = only(make_mail(From=f"Site <{sender}>", Reply_To="Ana <Ana@gmail.com>"))
    assert event.people == (Address("ana@gmail.com", "Ana@gmail.com"),)
    assert (event.name, event.unproven, event.automatic) == ("Ana", False, False)
    assert event.details["sentBy"] == sender


def test_guests_at_the_hotels_mail_provider_are_no_website_of_the_hotel() -> None:
    raw = make_mail(From="ana@gmail.com", Reply_To="ana@firm.example")
    (event,) = inbound.events_of(raw, AT, "hotel.sol@gmail.com")
    assert isinstance(event, InboundMessage)
    assert event.people[0].key == "ana@gmail.com"


@pytest.mark.parametrize(("sender", "reply"), [
    ("messages@portal.example", "r-7f3a9c21@portal.example"), ("noreply@portal.co.uk", "7f3a9c21@guest.portal.co.uk"),
    ("Ana.via@portal.example", "1234567-abc@reply.portal.example"), ("guest-messages@portal.example", "ana@portal.example"),
])  # fmt: skip
def test_a_portal_is_answered_at_the_address_of_the_booking(sender: str, reply: str) -> None:
    event = only(make_mail(From=f"Portal <{sender}>", Reply_To=reply))
    assert event.people[0].verbatim == reply
    assert (event.unproven, event.automatic) == (False, False)


@pytest.mark.parametrize("sender", [
    "noreply@forms.example", "no_reply@forms.example", "form-responses@forms.example", "wordpress@agency.example", "notifications@forms.example",
    "contact-form+7@forms.example", "booking.noreply@forms.example",
])  # fmt: skip
def test_whom_a_strangers_form_names_is_unproven(sender: str) -> None:
    event = only(make_mail(From=sender, Reply_To="Ana <ana@guest.example>"))
    assert event.people == (Address("ana@guest.example", "ana@guest.example"),)
    assert (event.unproven, event.automatic) == (True, False)
    assert event.details["unproven"] == "ana@guest.example"


def test_a_robot_that_names_another_robot_speaks_for_nobody() -> None:
    event = only(make_mail(From="noreply@shop.example", Reply_To="no-reply@mail.example"))
    assert (event.people[0].key, event.automatic) == ("noreply@shop.example", True)
