"""The systemd unit: tight enough, and understood by systemd."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.conftest import needed

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only"),
]

UNIT = Path(__file__).resolve().parents[2] / "deploy/jack.service"


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    program = needed("systemd-analyze", "sudo apt install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_the_unit_exposes_little() -> None:
    output = analyze("security", "--offline=true", "--no-pager", str(UNIT)).stdout
    exposure = re.search(r"exposure level for jack.service: ([0-9.]+)", output)
    assert exposure is not None, output
    assert float(exposure[1]) <= 2.0


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    program = shutil.which("true") or "/bin/true"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/jack/.venv/bin/python", program)
    text = text.replace("WorkingDirectory=/opt/jack", f"WorkingDirectory={tmp_path}")
    here = tmp_path / "jack.service"
    here.write_text(text, encoding="utf-8")
    output = analyze("verify", "--man=no", str(here))
    ours = [line for line in output.stderr.splitlines() if "jack.service" in line]
    assert (output.returncode, ours) == (0, [])
