"""`scripts/setup.sh` says what it does, and nothing that is only for whoever develops Jack; what fails, fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HASH = "--hash=sha256:" + "0" * 64
# What `make lock` writes of a package that only older Pythons need.
ELSEWHERE = f'older-pythons-need-this==1.0 ; python_full_version < "3.9" {HASH}\n'
EVERYWHERE = f"nobody-has-this==1.0 {HASH}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and lists of its own; no package index is asked."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements-fast.txt").write_text("")
    return tmp_path


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHON": sys.executable, "PIP_NO_INDEX": "1"}
    words = [str(checkout / "scripts/setup.sh")]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


def test_a_package_for_other_pythons_is_not_worth_a_line(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text(ELSEWHERE)
    done = set_up(checkout)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ignoring" not in done.stdout
    assert "Installing the packages of requirements.txt" in done.stdout
    assert done.stdout.endswith("Ready: .venv\n")
    # pip itself does say it.
    words = [checkout / ".venv/bin/python", "-m", "pip", "install", "-r", "requirements.txt"]
    bare = subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=True)
    assert "Ignoring older-pythons-need-this: markers" in bare.stdout

    (checkout / "requirements.txt").write_text(ELSEWHERE + EVERYWHERE)
    failed = set_up(checkout)
    assert failed.returncode == 1
    assert "No matching distribution found for nobody-has-this==1.0" in failed.stderr
    assert "Ignoring" not in failed.stdout
    assert "Ready" not in failed.stdout
