"""Who wrote, what came back and what no person wrote: a mail each, with what must be true of its first event (`cases/`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jack.channels.mail.inbound import events_of
from jack.channels.types import DeliveryReceipt, InboundMessage
from tests.channels.mails import AT

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def told(event: object) -> dict[str, Any]:
    """An event in the words of the cases."""
    if isinstance(event, DeliveryReceipt):
        return {"kind": "receipt", "status": event.status, "about": event.provider_id}
    assert isinstance(event, InboundMessage)
    known = {"kind": "message", "from": event.people[0].key, "name": event.name}
    return known | {"automatic": event.automatic}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.stem))
def test_a_mail_is_what_it_is(case: Path) -> None:
    known = json.loads(case.read_text())
    event, *others = events_of(case.with_suffix(".eml").read_bytes(), AT, known["own_address"])
    assert others == []
    assert told(event) | known["expected"] == told(event), known["why"]
