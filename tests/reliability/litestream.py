"""Litestream as `deploy/litestream.yml` runs it, where its program is: `JACK_LITESTREAM`, or on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.server import PATIENCE, ROOT, Server, clean_environment

PROGRAM = os.environ.get("JACK_LITESTREAM") or shutil.which("litestream")
VERSION = "v0.5.18"
BUILT_BY = f"go install github.com/benbjohnson/litestream/cmd/litestream@{VERSION}"
CONFIG = ROOT / "deploy" / "litestream.yml"
OFTEN = "5s"  # instead of a minute, for which no test is to wait


class Replica:
    """The copy of a server's database in a folder."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.folder = folder / "replica"
        self._environment = clean_environment(
            JACK_INSTANCE=str(server.instance), JACK_REPLICA=f"file://{self.folder}"
        )
        self._config, self._log = folder / "litestream.yml", folder / "litestream.log"
        text = CONFIG.read_text()
        assert "checkpoint-interval: 1m" in text
        self._config.write_text(
            text.replace("checkpoint-interval: 1m", f"checkpoint-interval: {OFTEN}")
        )

    @contextmanager
    def kept(self) -> Iterator[subprocess.Popen[bytes]]:
        """Litestream at work, from its first copy on."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command("replicate"), env=self._environment, stdout=log, stderr=log
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while not list(self.folder.glob("ltx/9/*.ltx")):
                assert process.poll() is None, self.said()
                assert time.monotonic() < deadline, self.said()
                time.sleep(0.05)
            yield process
        finally:
            process.kill()
            process.wait()

    def restore(self, database: Path, target: Path) -> float:
        """Make a database of the copy; returns the seconds."""
        began = time.monotonic()
        done = subprocess.run(
            self._command("restore", "-o", str(target), str(database)),
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return time.monotonic() - began

    def said(self) -> str:
        """Its log."""
        return self._log.read_text()

    def _command(self, command: str, *arguments: str) -> list[str]:
        assert PROGRAM is not None
        return [PROGRAM, command, "-config", str(self._config), *arguments]
