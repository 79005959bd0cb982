"""The peers' own environment, made when it is missing or its requirements have changed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bench.settings import BENCH, PEERS_VENV, ROOT, BenchError, say

REQUIREMENTS = BENCH / "requirements.txt"
FAST = ROOT / "requirements-fast.txt"
INSTALLED = PEERS_VENV / "installed.txt"


def program(name: str) -> str:
    """A program of the environment Jack runs in."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise BenchError(f"{path} is missing: start the benchmark with `make bench`")
    return str(path)


def peer_program(name: str) -> str:
    """A program of the peers' environment."""
    return str(PEERS_VENV / "bin" / name)


def need_peers() -> None:
    """Make the environment, unless it is there as it should be."""
    wanted = REQUIREMENTS.read_text() + FAST.read_text()
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return
    shown = PEERS_VENV.relative_to(ROOT)
    if not Path(peer_program("python")).exists():
        say(f"Making {shown} for the peers ...")
        run(sys.executable, "-m", "venv", str(PEERS_VENV))
        (PEERS_VENV / ".gitignore").write_text("*\n")
    say(f"Installing the peers into {shown} (only this once) ...")
    pip = (peer_program("python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--require-hashes", "--requirement", str(REQUIREMENTS))
    if find_spec("gunicorn_h1c"):  # what Jack's server has, theirs has
        run(*pip, "--require-hashes", "--requirement", str(FAST))
    INSTALLED.write_text(wanted)


def run(*command: str) -> None:
    """A step that must succeed. Raises BenchError with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
