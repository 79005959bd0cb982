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

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = ("jack.service", "jack@.service")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    program = needed("systemd-analyze", "sudo apt install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_exposes_little(name: str) -> None:
    output = analyze("security", "--offline=true", "--no-pager", str(DEPLOY / name)).stdout
    exposure = re.search(r"exposure level for jack\S*.service: ([0-9.]+)", output)
    assert exposure is not None, output
    assert float(exposure[1]) <= 2.0


@pytest.mark.parametrize("name", [*UNITS, "jack@.socket", "jack.socket"])
def test_systemd_understands_every_line(tmp_path: Path, name: str) -> None:
    program = shutil.which("true") or "/bin/true"
    for path in DEPLOY.glob("jack*.s*"):
        text = path.read_text(encoding="utf-8").replace("/opt/jack/.venv/bin/python", program)
        text = text.replace("WorkingDirectory=/opt/jack", f"WorkingDirectory={tmp_path}")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    output = analyze("verify", "--man=no", str(tmp_path / name.replace("@", "@sunrise")))
    ours = [line for line in output.stderr.splitlines() if "jack" in line]
    assert (output.returncode, ours) == (0, [])


def sandbox(name: str) -> list[str]:
    """What a unit allows, from `UMask=` on, less its limits."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    inside = text[text.index("UMask=") : text.index("# Limits,")]
    return [line for line in inside.splitlines() if line and not line.startswith("#")]


def test_one_hotel_of_several_has_the_same_sandbox() -> None:
    assert sandbox("jack@.service") == sandbox("jack.service")


def test_the_socket_outlives_the_service_that_is_started_with_it() -> None:
    """A new start neither deletes its path nor has another one made."""
    service = (DEPLOY / "jack.service").read_text(encoding="utf-8").splitlines()
    held = (DEPLOY / "jack.socket").read_text(encoding="utf-8").splitlines()
    assert {"Wants=jack.socket", "RuntimeDirectoryPreserve=yes"} <= set(service)
    assert "ListenStream=/run/jack/jack.sock" in held
    assert "Environment=JACK_BIND=unix:/run/jack/jack.sock" in service


@pytest.mark.parametrize("name", UNITS)
def test_a_reload_needs_no_program_that_small_systems_lack(name: str) -> None:
    """procps, with /bin/kill, is not on each."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert "ExecReload=/bin/sh -c 'kill -HUP $MAINPID'\n" in text
