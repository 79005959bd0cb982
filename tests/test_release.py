"""`scripts/release.sh` tags what is ready, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from jack import __version__

ROOT = Path(__file__).resolve().parents[1]
READY = f"# Changelog\n\n## {__version__} (2026-05-01)\n\n- The first release.\n"


class Clone:
    """A repository that is ready to be released, with a `make` that only notes what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self._bin = folder / "bin"
        self._asked = folder / "asked"
        for name in ("scripts/release.sh", "jack/core/version.py"):
            (self.folder / name).parent.mkdir(parents=True)
            shutil.copy(ROOT / name, self.folder / name)
        self.write("CHANGELOG.md", READY)
        self.make(0)
        self.git("init", "-q", "-b", "main")
        self.commit()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def make(self, status: int) -> None:
        """What `make` returns from now on."""
        self._bin.mkdir(exist_ok=True)
        (self._bin / "make").write_text(f'#!/bin/sh\necho "$@" >>"{self._asked}"\nexit {status}\n')
        (self._bin / "make").chmod(0o755)

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        command = ["git", "-C", str(self.folder), *who, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Everything")

    def release(self, *words: str) -> tuple[int, str]:
        """The exit status, and what was said."""
        who = {
            f"GIT_{role}_{what}": "ada@example.com"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        env = {**os.environ, **who, "PATH": f"{self._bin}:{os.environ['PATH']}"}
        said = subprocess.run(
            [self.folder / "scripts/release.sh", *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        return said.returncode, said.stdout + said.stderr

    @property
    def tags(self) -> list[str]:
        return self.git("tag").split()

    @property
    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines() if self._asked.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_what_is_ready_is_checked_tested_and_tagged(clone: Clone) -> None:
    status, said = clone.release(__version__)
    assert (status, clone.tags) == (0, [f"v{__version__}"]), said
    assert clone.asked == ["check", "test"]
    assert clone.git("cat-file", "-t", f"v{__version__}") == "tag"


@pytest.mark.parametrize(
    ("changelog", "says"),
    [
        ("# Changelog\n", "one section"),
        (READY.replace("2026-05-01", "unreleased"), "one section"),
        (READY.replace("(2026-05-01)", ""), "one section"),
        (READY.replace(__version__, f"{__version__}.1"), "one section"),
        (READY + f"\n## {__version__} (2026-05-02)\n\n- Again.\n", "one section"),
        (READY + f"\n## {__version__}\n\n- Again.\n", "one section"),
        (READY + "\n## Unreleased\n\n- Forgotten.\n", "Forgotten"),
        (READY + "\n## 2.0.0 (unreleased)\n\n- Later.\n", "Later"),
    ],
)
def test_a_changelog_that_is_not_ready_is_refused(clone: Clone, changelog: str, says: str) -> None:
    clone.write("CHANGELOG.md", changelog)
    clone.commit()
    status, said = clone.release(__version__)
    assert (status, clone.tags, clone.asked) == (1, [], [])
    assert says in said


def test_an_empty_heading_of_what_comes_next_is_accepted(clone: Clone) -> None:
    clone.write("CHANGELOG.md", READY.replace("## ", "## Unreleased\n\n## ", 1))
    clone.commit()
    assert clone.release(__version__)[0] == 0


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new.txt"])
def test_uncommitted_changes_are_refused(clone: Clone, name: str) -> None:
    clone.write(name, READY + "\nmore\n")
    status, said = clone.release(__version__)
    assert (status, clone.tags) == (1, [])
    assert name in said


def test_another_branch_is_refused(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "feature")
    status, said = clone.release(__version__)
    assert (status, clone.tags) == (1, [])
    assert "main" in said


def test_checks_that_fail_leave_no_tag(clone: Clone) -> None:
    clone.make(2)
    assert clone.release(__version__)[0] != 0
    assert (clone.asked, clone.tags) == (["check"], [])


def test_a_version_is_tagged_once(clone: Clone) -> None:
    clone.release(__version__)
    status, said = clone.release(__version__)
    assert status == 1
    assert "exists already" in said


@pytest.mark.parametrize("words", [(), ("1.0",), ("v1.0.0",), ("--bump",)])
def test_what_is_no_version_is_refused(clone: Clone, words: tuple[str, ...]) -> None:
    status, said = clone.release(*words)
    assert (status, clone.tags) == (1, [])
    assert "Usage" in said


def test_the_version_is_set_only_when_told(clone: Clone) -> None:
    clone.write("CHANGELOG.md", READY.replace(__version__, "9.8.7"))
    clone.commit()
    before = (clone.folder / "jack/core/version.py").read_text()
    status, said = clone.release("9.8.7")
    assert (status, clone.tags) == (1, [])
    assert "--bump" in said
    status, said = clone.release("--bump", "9.8.7")
    assert (status, clone.tags) == (0, ["v9.8.7"]), said
    after = (clone.folder / "jack/core/version.py").read_text()
    assert after == before.replace(__version__, "9.8.7")
    assert clone.git("status", "--porcelain") == ""
