"""What is installed is pinned, with the hashes of its files, and is what the lists by hand ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTS = (
    "requirements",
    "requirements-dev",
    "requirements-fast",
    "bench/requirements",
    "interop/requirements",
)
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(found: str) -> set[tuple[str, str]]:
    """Names, as pip compares them, and versions."""
    return {(name.lower().replace("_", "-"), version) for name, version in PIN.findall(found)}


def entries(found: str) -> list[str]:
    """The requirements of a list, each with its continued lines."""
    lines = [line for line in found.splitlines() if not line.lstrip().startswith("#")]
    return [one for one in "\n".join(lines).replace("\\\n", " ").splitlines() if one.strip()]


@pytest.mark.parametrize("name", LISTS)
def test_every_package_has_its_hashes(name: str) -> None:
    found = entries(text(f"{name}.txt"))
    assert found
    assert [one for one in found if not (PIN.match(one) and HASH.search(one))] == []


@pytest.mark.parametrize("name", LISTS)
def test_what_is_asked_for_by_hand_is_what_is_locked(name: str) -> None:
    asked = [one for one in entries(text(f"{name}.in")) if not one.startswith("-r ")]
    assert [one for one in asked if not PIN.match(one)] == []
    assert pins("\n".join(asked)) - pins(text(f"{name}.txt")) == set(), "run `make lock`"


def test_jack_is_tested_with_what_it_runs_on() -> None:
    assert pins(text("requirements.txt")) - pins(text("requirements-dev.txt")) == set()


def test_nothing_is_installed_without_its_hash() -> None:
    scripts = ["Makefile", ".ci/run", *(f"scripts/{one.name}" for one in ROOT.glob("scripts/*.sh"))]
    commands = [
        command
        for name in scripts
        for command in text(name).replace("\\\n", " ").splitlines()
        if "pip install" in command and not command.lstrip().startswith(("#", "say "))
    ]
    assert commands
    assert [one for one in commands if "--require-hashes" not in one] == []
