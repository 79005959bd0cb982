"""Results of the checks: a state and a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from jack.operations.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable

RIGHT, NOTE, WRONG = "ok", "note", "WRONG"
# The part of an e-mail address that names a person.
ADDRESS = re.compile(r"[^\s@<>:;,\"'()]+@(?=[\w-])")


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


def without_addresses(text: str) -> str:
    """A text with the domains of the e-mail addresses in it only: `…@hotel.example`."""
    return ADDRESS.sub("…@", text)


def show(findings: Iterable[Finding], *, as_json: bool = False) -> bool:
    """Print them, a line each or as one JSON object; returns whether any check failed."""
    failed, found = False, []
    for state, message in findings:
        failed = failed or state == WRONG
        found.append({"state": state.lower(), "message": message})
        if not as_json:
            say(f"{state:<6} {message}")
    if as_json:
        content = {"ok": not failed, "findings": found}
        say(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
    return failed
