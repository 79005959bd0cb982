"""Warnings of the tools: each is decided on in decided.toml, or fails the run. So does a decision that nothing needs any more."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from interop.settings import HERE, InteropError

DECIDED = HERE / "decided.toml"
# Lines of a generator in which it complains.
COMPLAINT = re.compile(r"WARN|ERROR|[Ww]arning|[Ss]kipping|⚠|deprecat|Unable to|failed", re.ASCII)


class Decisions:
    """What is decided, by tool, and which of it was needed in this run."""

    def __init__(self) -> None:
        found = tomllib.loads(DECIDED.read_text(encoding="utf-8"))["decided"]
        self._all = [(one["tool"], re.compile(one["says"]), one["why"]) for one in found]
        self._used: set[int] = set()
        self._tried: set[str] = set()

    def judge(self, tool: str, lines: Iterable[str]) -> int:
        """How many complaints are decided on. Raises InteropError with those that are not."""
        self._tried.add(tool)
        decided, new = 0, []
        for line in lines:
            match = [
                number
                for number, (by, says, _) in enumerate(self._all)
                if by == tool and says.search(line)
            ]
            self._used.update(match)
            decided += bool(match)
            if not match:
                new.append(line.strip())
        if new:
            listed = "\n".join(sorted(set(new))[:40])
            raise InteropError(f"Nobody has decided on these, in {DECIDED.name}:\n{listed}")
        return decided

    def unused(self) -> list[str]:
        """Decisions on tools that were tried, which none of their lines needed."""
        return [
            f"{tool}: {says.pattern}"
            for number, (tool, says, _) in enumerate(self._all)
            if tool in self._tried and number not in self._used
        ]


def complaints(printed: str) -> list[str]:
    """The lines in which a generator complains."""
    return [line for line in printed.splitlines() if COMPLAINT.search(line)]
