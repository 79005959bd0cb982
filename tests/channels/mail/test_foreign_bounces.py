"""Bounces that foreign mail servers have sent, with a Message-ID of ours planted into each (`tests/data/returned-mail/`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.returned_mail import OTHERS, answering, planted, status

SET = Path(__file__).parents[2] / "data" / "returned-mail"
# Of a mailing list, whose program is no mail server; and one that a person has passed on.
NOT_RETURNED = {"lhost-fml-02.eml", "lhost-fml-03.eml", "lhost-sendmail-14.eml"}
BOUNCES = [
    path
    for path in sorted(SET.glob("*.eml"))
    if not path.name.startswith(OTHERS) and path.name not in NOT_RETURNED
]
DELAYED = {"lhost-gmail-08.eml", "lhost-opensmtpd-12.eml"}


@pytest.mark.parametrize("path", BOUNCES, ids=lambda path: str(path.stem))
def test_a_foreign_bounce_is_known_by_our_id(path: Path) -> None:
    raw = planted(path.read_bytes())
    assert raw is not None
    assert status(raw) is not None
    assert status(path.read_bytes()) is None


@pytest.mark.parametrize("name", sorted(DELAYED))
def test_a_foreign_warning_is_a_delay(name: str) -> None:
    raw = planted((SET / name).read_bytes())
    assert raw is not None
    assert status(raw) == "delayed"


def test_complaints_and_out_of_office_answers_are_no_bounces() -> None:
    others = [path for path in SET.glob("*.eml") if path.name.startswith(OTHERS)]
    assert len(others) >= 2
    passed_on = [path for path in SET.glob("*.eml") if path.name in NOT_RETURNED]
    assert [it.name for it in others if status(answering(it.read_bytes())) is not None] == []
    assert [
        it.name for it in passed_on if status(planted(it.read_bytes()) or b"") is not None
    ] == []
