"""Mails with what is expected of them: `tests/data/mail/NAME.eml` and `NAME.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jack.channels.mail import inbound
from jack.channels.types import InboundMessage
from tests.channels.mails import AT

CASES = sorted((Path(__file__).parents[2] / "data" / "mail").glob("*.eml"))


def seen(event: object) -> dict[str, Any]:
    """What a case may expect of an event."""
    if not isinstance(event, InboundMessage):
        return {
            "kind": "receipt",
            "status": getattr(event, "status", None),
            "provider_id": getattr(event, "provider_id", None),
        }
    return {
        "kind": "message",
        "from": event.people[0].key,
        "name": event.name,
        "subject": event.subject,
        "text": event.text,
        "quoted": event.details.get("quoted", ""),
        "automatic": event.automatic,
        "files": [file.name for file in event.media],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_mail_is_read_as_expected(case: Path) -> None:
    told = json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))
    first, *_ = inbound.events_of(case.read_bytes(), AT, told["own_address"])
    found = seen(first)
    for name, value in told["expected"].items():
        if name.endswith("_contains"):
            assert value in found[name.removesuffix("_contains")], told["why"]
        elif name == "files_end_with":
            (file,) = found["files"]
            assert file.endswith(value), told["why"]
            assert len(file) <= 150
        else:
            assert found[name] == value, told["why"]
