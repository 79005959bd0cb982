"""Measured on the tests of other programs that trim replies: nothing is lost, and most is as they want it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from jack.channels.mail import quotations
from jack.channels.mail.body import contents
from jack.channels.mail.mime import parsed

SETS = Path(__file__).parents[2] / "data" / "reply-trimming"
TRIMMER = SETS / "email_reply_trimmer"
NAMES = sorted(path.name for path in (TRIMMER / "emails").iterdir())
TALON = sorted((SETS / "talon").glob("*.eml"))
EXACT = 50  # of 64


def lines(path: Path) -> str:
    return path.read_bytes().decode().replace("\r\n", "\n").strip()


def lost(wanted: str, own: str) -> Counter[str]:
    """The words that are wanted and not there."""
    return Counter(wanted.split()) - Counter(own.split())


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_a_mail_is_lost(name: str) -> None:
    text = lines(TRIMMER / "emails" / name)
    split = quotations.split(text)
    assert lost(lines(TRIMMER / "trimmed" / name), split.own) == Counter()
    assert lost(text, f"{split.own}\n{split.quoted}") == Counter()


def test_most_mails_are_trimmed_exactly() -> None:
    exact = [
        name
        for name in NAMES
        if quotations.split(lines(TRIMMER / "emails" / name)).own.strip()
        == lines(TRIMMER / "trimmed" / name)
    ]
    assert len(exact) >= EXACT
    assert EXACT / len(NAMES) >= 0.75


def reply_of(mail: Path) -> tuple[str, str]:
    """What a mail of talon's should say, and what it is read to say."""
    beside = mail.with_name(f"{mail.stem}_reply_text")
    wanted = beside.read_text(encoding="utf-8") if beside.exists() else "Hello"
    return wanted.strip(), quotations.split(contents(parsed(mail.read_bytes())).text).own.strip()


def test_replies_of_common_programs_are_trimmed_exactly() -> None:
    replies = {mail.stem: reply_of(mail) for mail in TALON}
    # Talon keeps the signature of this one; here signatures are folded.
    assert {name for name, (wanted, own) in replies.items() if lost(wanted, own)} <= {"sparrow"}
    exact = [name for name, (wanted, own) in replies.items() if wanted == own]
    assert len(exact) / len(TALON) >= 0.75, sorted(set(replies) - set(exact))
