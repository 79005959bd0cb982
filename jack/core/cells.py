"""Cells of a CSV file: guarded against spreadsheets that take text for a formula, and lists of labels in one cell.

What `guarded` and `joined` write, `unguarded` and `separated` read back exactly.
Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a spreadsheet may take for a formula; quotes before it are guards that the text itself begins with.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARD = re.compile(r"'+[=+\-@\t\r]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LABEL = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,;|]*))\s*(?:[,;|]|$)')
_PLAIN_LABEL = re.compile(r'[^\s",;|](?:[^",;|]*[^\s",;|])?')


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: with a `'` before it, unless it is a phone number in E.164."""
    if _FORMULA.match(text) and not _E164.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(cell: str) -> str:
    """The text of a cell that may be guarded."""
    return cell[1:] if _GUARD.match(cell) else cell


def joined(labels: Iterable[str]) -> str:
    """Labels in one cell, parted by commas; one with a comma, semicolon, bar, quote or outer blank in it stands in quotes."""
    return ", ".join(
        label if _PLAIN_LABEL.fullmatch(label) else f'"{label.replace(chr(34), chr(34) * 2)}"'
        for label in labels
    )


def separated(cell: str) -> list[str]:
    """The labels of a cell, parted by commas, semicolons or bars."""
    found = []
    for match in _LABEL.finditer(cell):
        quoted, plain = match.groups()
        label = quoted.replace('""', '"') if quoted is not None else plain.strip()
        if label:
            found.append(label)
    return found
