"""The import contracts of pyproject.toml: each fails when its rule is broken by one import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
RESULT = re.compile(r"^(.+?) (KEPT|BROKEN)(?: \(.*\))?$", re.MULTILINE)

LAYERS = "A package imports only what stands below it"
WEB = "Only routes, schemas and what serves pages know the web"
CHANNELS = "Resources know of channels the types, the results, how numbers are written and how long an SMS is"
STORES = "A store calls only stores below its own, so never in a circle"
MESSAGES = "A conversation's messages know the conversation, not the other way round"
SCHEMAS = "Schemas are used by the routes beside them and nobody else; routes by create_app alone"
SIMULATORS = "The simulated providers, which tests measure Jack by, know nothing of Jack's"
DRIVER = "Only the database in core knows the driver"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, the contracts and the contract types, which may be changed."""
    copy = tmp_path_factory.mktemp("tree")
    only_code = shutil.ignore_patterns("__pycache__", "static", "*.html", "texts", "*.json")
    for folder in ("jack", "scripts"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=only_code)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


@contextmanager
def added(path: Path, line: str) -> Iterator[None]:
    """A line at the end of a file for the length of the block; a file that is not there is made for it."""
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """lint-imports, at its end."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(result: subprocess.CompletedProcess[str]) -> set[str]:
    """The names of the contracts that are broken; every contract has been checked."""
    states = dict(RESULT.findall(result.stdout))
    assert len(states) == len(contracts()), result.stdout + result.stderr
    return {name for name, state in states.items() if state == "BROKEN"}


def contracts() -> set[str]:
    """The names of all contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


BREAKS = [
    (LAYERS, "core/clock.py", "import jack.worker.heartbeat"),
    (LAYERS, "http/access.py", "import jack.channels.results"),
    (LAYERS, "messaging/receipts.py", "import jack.pages.colours"),
    (WEB, "resources/guests/store.py", "import flask"),
    (WEB, "messaging/receipts.py", "import marshmallow"),
    (WEB, "resources/guests/added.py", "import jack.http.context"),
    (CHANNELS, "resources/guests/store.py", "import jack.channels.registry"),
    (CHANNELS, "resources/guests/added.py", "import jack.channels.sms"),
    (STORES, "resources/staff/store.py", "import jack.resources.guests.store"),
    (STORES, "resources/tasks/added.py", "import jack.resources.webchat.store"),
    (MESSAGES, "resources/conversations/store.py", "import jack.resources.conversations.messages"),
    (SCHEMAS, "resources/guests/store.py", "import jack.resources.guests.schemas"),
    (SCHEMAS, "resources/guests/routes.py", "import jack.resources.staff.schemas"),
    (SCHEMAS, "pages/staff_routes.py", "import jack.resources.staff.routes"),
    (SIMULATORS, "demo/simulators/meta.py", "import jack.core.clock"),
    (SIMULATORS, "demo/simulators/added.py", "import jack.channels.types"),
    (DRIVER, "core/events.py", "import apsw"),
    (DRIVER, "resources/guests/store.py", "import sqlite3"),
]


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert {name for name, _, _ in BREAKS} == contracts()


def test_the_copy_as_it_stands_keeps_every_contract(tree: Path) -> None:
    result = lint(tree)
    assert broken(result) == set()
    assert result.returncode == 0


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_an_import_against_the_rule_breaks_its_contract(
    contract: str, file: str, line: str, tree: Path
) -> None:
    with added(tree / "jack" / file, line):
        result = lint(tree)
    assert broken(result) == {contract}
    assert result.returncode == 1


@pytest.mark.parametrize(
    ("contract", "folder"), [(LAYERS, "added"), (STORES, "resources/added")]
)  # fmt: skip
def test_a_package_without_a_place_in_the_order_breaks_its_contract(
    contract: str, folder: str, tree: Path
) -> None:
    package = tree / "jack" / folder
    package.mkdir()
    try:
        with added(package / "__init__.py", ""):
            result = lint(tree)
    finally:
        shutil.rmtree(package)
    assert result.returncode == 1
    assert broken(result) == {contract}


def test_an_exception_that_is_not_needed_any_more_is_an_error(tree: Path) -> None:
    settings = tree / "pyproject.toml"
    before = settings.read_text(encoding="utf-8")
    needed = '"jack.core.db -> apsw",'
    assert needed in before
    settings.write_text(
        before.replace(needed, f'{needed} "jack.core.events -> apsw",'), encoding="utf-8"
    )
    try:
        result = lint(tree)
    finally:
        settings.write_text(before, encoding="utf-8")
    assert result.returncode == 1
    assert "jack.core.events -> apsw" in result.stdout + result.stderr
