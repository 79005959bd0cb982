"""What the doctor says: one line each, and how it stands."""

from __future__ import annotations

from typing import NamedTuple

RIGHT, NOTE, WRONG = "ok", "note", "WRONG"


class Finding(NamedTuple):
    """One line of the doctor's."""

    state: str
    says: str


def right(says: str) -> Finding:
    """Nothing to do."""
    return Finding(RIGHT, says)


def note(says: str) -> Finding:
    """Worth a thought."""
    return Finding(NOTE, says)


def wrong(says: str) -> Finding:
    """Something to repair."""
    return Finding(WRONG, says)
