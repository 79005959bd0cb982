"""The peers of other languages, made where their tools are installed: Fastify (Node.js 20), net/http and PocketBase (Go, C compiler)."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from bench.settings import CACHE, PEERS, BenchError, say

FASTIFY, GO, POCKETBASE = "Fastify", "Go", "PocketBase"
TOOLS = {FASTIFY: ("node", "npm"), GO: ("go", "cc"), POCKETBASE: ("go",)}
PLACES = {FASTIFY: "fastify", GO: "go", POCKETBASE: "pocketbase"}


def missing() -> dict[str, str]:
    """Which peers cannot be made here, and the program that each lacks."""
    lacking = {
        name: next((one for one in tools if not shutil.which(one)), "")
        for name, tools in TOOLS.items()
    }
    return {name: program for name, program in lacking.items() if program}


def make(name: str) -> list[str]:
    """Build it, unless it is there as its source is; the command that starts it. Raises BenchError."""
    source = PEERS / PLACES[name]
    place = CACHE / f"{PLACES[name]}-{fingerprint(source)}"
    program = place / ("server.js" if name == FASTIFY else "peer")
    if not (place / "made").exists():
        say(f"Building {name} (only this once; this can take minutes) ...")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place)
        if name == FASTIFY:
            run("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=place)
        else:
            run("go", "build", "-mod=readonly", "-o", str(program), ".", cwd=place)
        (place / "made").touch()
    return ["node", str(program)] if name == FASTIFY else [str(program)]


def version(name: str) -> str:
    """Of what it stands on, as its lock file says."""
    if name == FASTIFY:
        text = (PEERS / "fastify" / "package.json").read_text()
        found = [line.split('"')[1::2] for line in text.splitlines() if '": "' in line]
        packages = {part[0]: part[1] for part in found if len(part) == 2}
        return f"fastify {packages['fastify']}, better-sqlite3 {packages['better-sqlite3']}"
    lines = (PEERS / PLACES[name] / "go.mod").read_text().splitlines()
    wanted = "mattn/go-sqlite3" if name == GO else "pocketbase/pocketbase"
    (line,) = [line for line in lines if wanted in line and "indirect" not in line]
    return " ".join(line.removeprefix("require").split())


def fingerprint(source: Path) -> str:
    """Of its files."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def run(*command: str, cwd: Path) -> None:
    """A step that must succeed. Raises BenchError with what it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
