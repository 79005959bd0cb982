"""What the hotel's own mail server says of a sender, and what others say in its name."""

from __future__ import annotations

import time

import pytest

from jack.channels.mail import inbound
from jack.channels.types import InboundMessage
from tests.channels.mails import AT, OWN, make_mail

CHECKED = "mx.hotel.example; spf=pass smtp.mailfrom=guest.example; dkim=fail header.d=x; dmarc=fail (p=none) header.from=guest.example"


def authentication(
    *values: str, server: str | None = "mx.hotel.example", between: str = ""
) -> object:
    """What is found in a mail with these headers, the uppermost first."""
    headers = between.join(f"Authentication-Results: {value}\r\n" for value in values)
    (event,) = inbound.events_of(headers.encode() + make_mail(), AT, OWN, server)
    assert isinstance(event, InboundMessage)
    assert event.doubtful is (
        "dmarc" in event.details.get("authentication", {})  # type: ignore[operator]
        and event.details["authentication"]["dmarc"] == "fail"  # type: ignore[index]
    )
    return event.details.get("authentication")


def test_what_our_server_found_is_kept() -> None:
    known = {"spf": "pass", "dkim": "fail", "dmarc": "fail", "from": "guest.example"}
    assert authentication(CHECKED) == known
    assert (
        authentication(CHECKED.replace("mx.", '"MX.').replace("example;", 'example" 1;', 1))
        == known
    )
    assert (
        authentication(CHECKED.replace("; ", ";\r\n\t (a (nested; dmarc=pass) comment) ")) == known
    )


@pytest.mark.parametrize(("value", "server"), [
    (CHECKED, None), (CHECKED, ""), (CHECKED, "hotel.example"), (CHECKED.replace("mx.", "evil."), "mx.hotel.example"), ("mx.hotel.example; none", "mx.hotel.example"),
    ("spf=pass; dmarc=pass", "mx.hotel.example"), ("mx.hotel.example; dmarc=perhaps", "mx.hotel.example"), ("(mx.hotel.example); dmarc=fail", "mx.hotel.example"),
    ('mx.hotel.example; reason="; dmarc=fail ;"', "mx.hotel.example"),
])  # fmt: skip
def test_what_anybody_else_says_is_nothing(value: str, server: str | None) -> None:
    assert authentication(value, server=server) is None


def test_what_the_sender_wrote_in_our_servers_name_is_below_it() -> None:
    forged = "mx.hotel.example; dmarc=pass; spf=pass; dkim=pass"
    assert authentication(
        "mx.hotel.example; dmarc=fail", forged, between="Received: from x\r\n"
    ) == {
        "dmarc": "fail",
        "from": "guest.example",
    }
    found = authentication("mx.hotel.example; dmarc=fail", "mx.hotel.example; dkim=none", forged)
    assert found == {"dmarc": "fail", "dkim": "none", "spf": "pass", "from": "guest.example"}


def test_of_several_signatures_one_holds() -> None:
    two = "mx.hotel.example; dkim=fail header.d=a.example; dkim=pass header.d=guest.example"
    assert authentication(two) == {"dkim": "pass", "from": "guest.example"}


@pytest.mark.parametrize("value", ["1" * 20_000 + "!", '"' * 20_000, "(" * 20_000, ";" * 20_000, "mx.hotel.example; " + "spf=" * 5_000, 'mx.hotel.example; "\\' * 900])  # fmt: skip
def test_a_header_made_to_be_slow_is_read_at_once(value: str) -> None:
    began = time.process_time()
    authentication(*[value] * 200)
    assert time.process_time() - began < 5
