"""The layout of the code: few entries at the top, small files and functions, real types."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

JACK = Path(__file__).resolve().parent.parent / "jack"
MAX_FILE = 300
MAX_FUNCTION = 40
MAX_ANY = 150
TEXT = {".py", ".js", ".css", ".html", ".json", ".sql", ".txt"}


def files(*suffixes: str) -> list[Path]:
    """The files of the package with these suffixes, but for what others wrote."""
    found = sorted(path for path in JACK.rglob("*") if path.suffix in suffixes)
    return [path for path in found if "vendor" not in path.parts]


def test_the_package_has_few_entries() -> None:
    entries = {path.name for path in JACK.iterdir()} - {"__pycache__"}
    assert len(entries) <= 14, sorted(entries)
    assert {name for name in entries if name.endswith(".py")} == {
        "__init__.py",
        "__main__.py",
        "cli.py",
    }


@pytest.mark.parametrize("suffix", [".py", ".js"])
def test_no_file_is_long(suffix: str) -> None:
    lengths = {
        str(path.relative_to(JACK)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(suffix)
    }
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE} == {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file, with how many lines each has."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{path.relative_to(JACK)}:{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_long() -> None:
    lengths = [found for path in files(".py") for found in functions(path)]
    assert len(lengths) > 500
    assert [(name, lines) for name, lines in lengths if lines > MAX_FUNCTION] == []


def test_few_lines_give_up_on_types() -> None:
    """Counted as `grep -w Any` does."""
    lines = [
        line
        for path in files(".py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bAny\b", line)
    ]
    assert len(lines) < MAX_ANY


def test_a_word_with_four_meanings_is_gone() -> None:
    """House was the process, the app, the hotel and the program."""
    word = re.compile(r"\bhouse\b", re.IGNORECASE)
    named = [
        f"{path.relative_to(JACK)}:{number}"
        for path in files(*TEXT)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert named == []
