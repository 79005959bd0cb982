"""Results of the checks: a state and a message."""

from __future__ import annotations

from typing import NamedTuple

RIGHT, NOTE, WRONG = "ok", "note", "WRONG"


class Finding(NamedTuple):
    """A line of `bin/jack doctor`."""

    state: str
    message: str


def right(message: str) -> Finding:
    """A check that passed."""
    return Finding(RIGHT, message)


def note(message: str) -> Finding:
    """A hint that is no error."""
    return Finding(NOTE, message)


def wrong(message: str) -> Finding:
    """A check that failed."""
    return Finding(WRONG, message)
