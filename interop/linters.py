"""The linters: what each has against the description, a line a finding; an error is one whatever is decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from interop import tools
from interop.commands import run
from interop.settings import DOCUMENT, HERE, InteropError


@dataclass(frozen=True)
class Finding:
    """One of a linter's."""

    error: bool
    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.where}: {self.message}"


@dataclass(frozen=True)
class Linter:
    """A linter and how it is asked."""

    name: str
    install: Callable[[], None]
    findings: Callable[[Path], list[Finding]]


def parsed(name: str, printed: str, opening: str) -> object:
    """The JSON in what was printed, behind anything else a tool says."""
    start = printed.find(opening)
    try:
        return json.JSONDecoder().raw_decode(printed[max(start, 0) :])[0]
    except ValueError:
        raise InteropError(f"{name} said no JSON:\n{printed[-2000:]}") from None


def spectral(folder: Path) -> list[Finding]:
    """Spectral's own rules for OpenAPI (`spectral:oas`)."""
    words = ("lint", "-r", HERE / "spectral.yaml", "-f", "json", "-q", DOCUMENT)
    found = parsed("spectral", run("spectral", *words, cwd=folder, may_fail=True), "[")
    return [
        Finding(
            one["severity"] == 0, one["code"], ".".join(map(str, one["path"] or ())), one["message"]
        )
        for one in found  # type: ignore[attr-defined]
    ]


def redocly(folder: Path) -> list[Finding]:
    """Redocly's recommended rules, and its stricter ones."""
    words = ("lint", "--config", HERE / "redocly.yaml", "--format=json", DOCUMENT)
    found = parsed("redocly", run("redocly", *words, cwd=folder, may_fail=True), '{\n  "totals"')
    return [
        Finding(
            one["severity"] == "error",
            one["ruleId"],
            str(one["location"][0].get("pointer")),
            one["message"],
        )
        for one in found["problems"]  # type: ignore[index]
    ]


def vacuum(folder: Path) -> list[Finding]:
    """vacuum's recommended rules."""
    words = ("spectral-report", "-o", DOCUMENT)
    found = parsed("vacuum", run(tools.VACUUM, *words, cwd=folder, may_fail=True), "[")
    return [
        Finding(
            one["severity"] == 0, one["code"], ".".join(map(str, one["path"] or ())), one["message"]
        )
        for one in found  # type: ignore[attr-defined]
    ]


LINTERS = (
    Linter("spectral", tools.node, spectral),
    Linter("redocly", tools.node, redocly),
    Linter("vacuum", tools.vacuum, vacuum),
)
