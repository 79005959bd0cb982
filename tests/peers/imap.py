"""The real Dovecot on loopback, run by an ordinary user, and mail put into its mailboxes."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.peers import imap_config
from tests.ports import free_port

PATIENCE = 30.0
USER, PASSWORD = "front", "secret-söl"


def found() -> str:
    """The path of Dovecot; the test skips without it, and CI fails."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("dovecot is missing; this installs it: sudo apt install dovecot-imapd")
    return program


def version_of(program: str) -> str:
    """The version whose configuration it reads: `2.3`, or `2.4`, which later ones still read."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return "2.3" if said.stdout.startswith("2.3.") else "2.4"


@dataclass
class Dovecot:
    """A server with one user, `front`; its mail is kept while it is stopped."""

    folder: Path
    certificate: tuple[Path, Path] | None = None
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Listen, and answer."""
        user, group = _ordinary_user()
        config = self.folder / "dovecot.conf"
        config.write_text(self._config(user, group))
        own: dict[str, Any] = {"user": user, "group": group} if os.geteuid() == 0 else {}
        if own:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, user, group)
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(
                [found(), "-F", "-c", str(config)], stdout=out, stderr=out, **own
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.fail(f"dovecot did not start:\n{self._said()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End, and wait for it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
            self.process = None

    def settings(self, **own: Any) -> dict[str, Any]:
        """What a hotel would write under `imap`."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "security": "none",
            "username": USER,
            "password": PASSWORD,
            "folder": "INBOX",
            **own,
        }

    def deliver(self, raw: bytes, *, folder: str = "INBOX", came: float | None = None) -> None:
        """Put a mail into the mailbox, as come at a time in seconds since 1970."""
        with self.talk() as imap:
            when = imaplib.Time2Internaldate(came) if came is not None else ""
            assert imap.append(folder, "", when, raw)[0] == "OK"

    def number_anew(self) -> None:
        """Lose the numbers of the mails, as a restored or moved mailbox has: its UIDVALIDITY changes."""
        before = self.validity()
        box = self.folder / "mail" / USER / "Maildir"
        for path in box.glob("dovecot*"):
            path.unlink()
        (box / "dovecot-uidvalidity").write_text(f"{before + 1:08x}")
        (box / f"dovecot-uidvalidity.{before + 1:08x}").touch()
        if os.geteuid() == 0:
            for path in box.glob("dovecot*"):
                shutil.chown(path, *_ordinary_user())
        assert self.validity() != before

    def validity(self) -> int:
        """The UIDVALIDITY of the inbox."""
        with self.talk() as imap:
            imap.select("INBOX", readonly=True)
            return int(imap.response("UIDVALIDITY")[1][0])

    @contextmanager
    def talk(self) -> Iterator[imaplib.IMAP4]:
        """Speak with it as its user."""
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE)
        imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield imap
        finally:
            imap.logout()

    def _config(self, user: str, group: str) -> str:
        encrypted_by = None
        if self.certificate:
            cert, key = (str(shutil.copy(path, self.folder)) for path in self.certificate)
            encrypted_by = cert, key
        return imap_config.config(
            version_of(found()),
            encrypted_by,
            folder=self.folder,
            user=user,
            group=group,
            port=self.port,
            tls_port=self.tls_port if self.certificate else 0,
            password=PASSWORD,
        )

    def _answers(self) -> bool:
        try:
            imaplib.IMAP4("127.0.0.1", self.port, timeout=1).shutdown()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def _said(self) -> str:
        logs = (self.folder / name for name in ("out", "log"))
        return "\n".join(log.read_text() for log in logs if log.exists())


def _ordinary_user() -> tuple[str, str]:
    """Who runs it: whoever runs the tests, but nobody in place of root."""
    if os.geteuid() == 0:
        return "nobody", "nogroup"
    me = pwd.getpwuid(os.geteuid())
    return me.pw_name, grp.getgrgid(me.pw_gid).gr_name


@contextmanager
def dovecot(certificate: tuple[Path, Path] | None = None) -> Iterator[Dovecot]:
    """A server of one's own, with an empty mailbox. Its folder is short-named: it holds sockets."""
    found()
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    server = Dovecot(folder, certificate)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
