"""The documents name files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
# A path: no blanks, no pattern, and a folder or file at the top of the repository before its first slash.
PATH = re.compile(r"([\w.-]+)/[\w./-]*")
IN_FIGURES = re.compile(r"[a-z_]+/[a-z_/]*\w+\.py")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# Made by Jack or by tools, not part of the repository.
MADE = ("instance/", ".hypothesis")


def paths(text: str) -> set[str]:
    """What a document says is in the repository."""
    found = {quoted for quoted in IN_BACKTICKS.findall(text) if PATH.fullmatch(quoted)}
    figures = "\n".join(re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL))
    return {path for path in found if (ROOT / path.split("/")[0]).exists()} | {
        f"jack/{path}" for path in IN_FIGURES.findall(figures)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_that_is_named_exists(document: Path) -> None:
    named = paths(document.read_text())
    assert [
        path for path in named if not path.startswith(MADE) and not (ROOT / path).exists()
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_a_path_that_is_not_there_is_found() -> None:
    text = (
        "see `jack/core/nothing.py`, `text/plain`, `GET /events`\n```mermaid\nA[http/gone.py]\n```"
    )
    assert paths(text) == {"jack/core/nothing.py", "jack/http/gone.py"}


def test_the_architecture_names_many_files() -> None:
    assert len(paths((ROOT / "docs" / "architecture.md").read_text())) > 50
