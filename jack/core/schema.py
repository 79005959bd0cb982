"""Comparing schemas: the definitions of a file's tables, indexes, triggers and views, and those it should have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jack.core.db import Database

# Not what SQLite keeps for itself (statistics, an index behind UNIQUE, the tables behind a search index), nor what
# Litestream, a program that copies SQLite files elsewhere, keeps in every file it copies.
MASTER = r"""
    SELECT type, name, sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_litestream\_%' ESCAPE '\'
      AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"""

# A statement of schema.sql that defines something, up to its semicolon: SQLite keeps this text.
STATEMENT = re.compile(
    r"""^CREATE (?:(TRIGGER) (\w+).*?^END"""
    r"""|(?:UNIQUE |VIRTUAL )?(INDEX|TABLE|VIEW) (\w+)(?:--[^\n]*|'[^']*'|"[^"]*"|-|[^;'"-])*)""",
    re.DOTALL | re.MULTILINE,
)

Definitions = Mapping[str, str]


def read(db: Database) -> dict[str, str]:
    """The definition of every table, index, trigger and view of a file, by type and name (`index tasks_by_status`)."""
    return {f"{row['type']} {row['name']}": row["sql"] for row in db.all(MASTER)}


def written(script: str) -> dict[str, str]:
    """As `read`, of a file that schema.sql has just made; without making it, which takes 20 ms."""
    found = {}
    for match in STATEMENT.finditer(script):
        kind, name = match[1] or match[3], match[2] or match[4]
        found[f"{kind.lower()} {name}"] = match[0]
    return found


def differences(found: Definitions, wanted: Definitions) -> list[str]:
    """How the definitions found differ in meaning from those wanted, a line each; empty when they do not."""
    return [
        f"the {name} {_difference(name, found, wanted)}"
        for name in sorted(wanted.keys() | found.keys())
        if found.get(name) != wanted.get(name) and not _same(found.get(name), wanted.get(name))
    ]


def _same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    # Most differ by a comment: the columns need not be put in order then, which takes longest.
    return _plain(one) == _plain(other) or normalised(one) == normalised(other)


def _difference(name: str, found: Definitions, wanted: Definitions) -> str:
    if name not in found:
        return "is missing"
    return "has been altered" if name in wanted else "is not Jack's"


def shortened(lines: Iterable[str], most: int = 8) -> str:
    """These differences as one text: the first so many, and how many more there are."""
    every = list(lines)
    more = f"; and {len(every) - most} more" if len(every) > most else ""
    return "; ".join(every[:most]) + more


def definitions(db: Database) -> dict[str, str]:
    """As `read`, normalised."""
    return {name: normalised(sql) for name, sql in read(db).items()}


def normalised(sql: str) -> str:
    """A definition without comments, spacing and quotes; a table's columns in alphabetical order.

    `ALTER TABLE` adds columns at the end and quotes names; Jack's statements name their columns, so the order is no difference.
    """
    text = _plain(sql)
    head, bracket, rest = text.partition("(")
    if not re.match(r"CREATE (VIRTUAL )?TABLE\b", text):
        return text
    inner, _, tail = rest.rpartition(")")
    return f"{head.strip()}{bracket}{', '.join(sorted(_parts(inner)))}){tail}"


def _plain(sql: str) -> str:
    """A definition without comments, spacing and quotes."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    return re.sub(r" ?([(),;=<>]) ?", r"\1", " ".join(text.replace('"', "").split()))


def _parts(inner: str) -> list[str]:
    """The parts between commas that are in no brackets."""
    parts, depth = [""], 0
    for sign in inner:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
