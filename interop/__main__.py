"""`make interop`: every client and every linter, and a line for each; exit 1 when one fails.

`make interop ARGS="spectral ogen"` takes only some. Without arguments a tool whose language is not installed is left out
and told; with CI=true, or when it is named, that is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from bench.client import request
from bench.servers import Server
from interop.clients import CLIENTS, Client
from interop.decisions import Decisions, complaints
from interop.linters import LINTERS, Linter
from interop.server import DOCUMENT_PATH, new_jack, settings
from interop.settings import BUILD, DOCUMENT, HERE, InteropError, say

STEPS = (
    "sign in",
    "create",
    "list with filters",
    "page through all",
    "send",
    "complete",
    "400",
    "404",
    "429",
)
NAMES = [tool.name for tool in (*LINTERS, *CLIENTS)]


def main(wanted: list[str]) -> int:
    """Try what is wanted; the exit status."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        say(f"There is no {unknown[0]!r}; the tools are: {', '.join(NAMES)}")
        return 2
    strict = bool(wanted) or os.environ.get("CI") == "true"
    decisions = Decisions()
    failed = [
        tool.name
        for tool in (*LINTERS, *CLIENTS)
        if tool.name in (wanted or NAMES) and not tried(tool, decisions, strict=strict)
    ]
    for line in () if wanted else decisions.unused():
        say(f"A decision that nothing needs any more: {line}")
        failed.append(line)
    return int(bool(failed))


def tried(tool: Client | Linter, decisions: Decisions, *, strict: bool) -> bool:
    """Whether a tool is content; a line says so, or what it has against us."""
    began = time.monotonic()
    try:
        said = (client if isinstance(tool, Client) else linter)(tool, decisions)  # type: ignore[arg-type]
    except InteropError as error:
        missing = str(error).startswith("Missing: ") and not strict
        say(f"{'left out' if missing else 'FAILED':<9} {tool.name}: {error}")
        return missing
    say(f"{'ok':<9} {tool.name}: {said} ({time.monotonic() - began:.0f} s)")
    return True


def linter(tool: Linter, decisions: Decisions) -> str:
    """No error, and a decision on every warning."""
    tool.install()
    with new_jack() as server:
        describe(server, BUILD)
    found = tool.findings(BUILD)
    errors = [str(one) for one in found if one.error]
    if errors:
        raise InteropError(f"{len(errors)} errors:\n" + "\n".join(errors[:40]))
    decided = decisions.judge(tool.name, (str(one) for one in found))
    return f"0 errors, {decided} warnings, all decided on"


def client(tool: Client, decisions: Decisions) -> str:
    """It generates without a warning that is ours, compiles, and does a day's work."""
    for install in tool.installs:
        install()
    folder = BUILD / "clients" / tool.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "clients" / tool.name, folder)
    with new_jack() as server:
        describe(server, folder)
        decided = built(tool, folder, decisions)
        printed = tool.work(folder, settings(server))
    steps = [line.removeprefix("ok ") for line in printed.splitlines() if line.startswith("ok ")]
    if steps != list(STEPS):
        raise InteropError(f"it did {steps}, not {list(STEPS)}:\n{printed[-2000:]}")
    return f"{decided} warnings, all decided on; compiles; {len(steps)} steps"


def built(tool: Client, folder: Path, decisions: Decisions) -> int:
    """Generate and compile; how many warnings there were."""
    decided = decisions.judge(tool.tool, complaints(tool.generate(folder)))
    tool.compile(folder)
    return decided


def describe(server: Server, folder: Path) -> None:
    """Put the description that a running Jack serves into a folder."""
    answer = request(server, "GET", DOCUMENT_PATH)
    if answer.status != 200:
        raise InteropError(f"{DOCUMENT_PATH}: {answer.status}")
    (folder / DOCUMENT).write_bytes(answer.body)


if __name__ == "__main__":
    # So that whoever stops this stops the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
