"""A whole Debian in a folder, booted by systemd-nspawn: what is typed on it is typed as root of a fresh server.

It shares this machine's network: its ports 80 and 443 are those of 127.0.0.1, and one machine runs at a time.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

# What `debootstrap --variant=minbase` leaves out and every server has.
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Namespaces of the machine that a command enters, by nsenter's letters: all but the network's.
NAMESPACES = ("-m", "-u", "-i", "-p")
PATIENCE = 180.0
# Certificates and an address that this machine reaches the package registries with.
TRUST = ("/usr/local/share/ca-certificates", "/etc/pip.conf", "/etc/apt/apt.conf.d")


class CannotRun(Exception):
    """That no such machine can run here, and why, in a line."""


class Refused(Exception):
    """A command on the machine that ended otherwise than expected, with what it said."""


def base(suite: str, folder: Path) -> Path:
    """A fresh Debian, made once by debootstrap. Raises CannotRun."""
    for program in ("debootstrap", "systemd-nspawn", "nsenter"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            raise CannotRun(f"{program} is missing: apt install debootstrap systemd-container")
    if os.geteuid() != 0:
        raise CannotRun("only root can boot machines")
    made = folder / suite
    if not made.exists():
        part = folder / f"{suite}.part"
        shutil.rmtree(part, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = ("debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(part))
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode:
            raise CannotRun(f"debootstrap: {said.stdout.splitlines()[-1:] or said.stderr}")
        part.rename(made)
    return made


class Machine:
    """One of them, on a copy of a base."""

    def __init__(self, suite: str, folder: Path, name: str) -> None:
        self.root, self.suite, self.log = folder / name, suite, folder / f"{name}.log"
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "-a", str(base(suite, folder)), str(self.root)], check=True)
        (self.root / "etc/hostname").write_text(f"{name}\n")
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
        for trusted in map(Path, TRUST):
            if trusted.is_dir():
                shutil.copytree(trusted, self.root / str(trusted)[1:], dirs_exist_ok=True)
            elif trusted.exists():
                shutil.copy(trusted, self.root / str(trusted)[1:])
        self.process: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Start it, and wait until systemd has started everything. Raises CannotRun."""
        self._start()
        self.wait()
        self.typed("update-ca-certificates")

    def _start(self) -> None:
        command = ("systemd-nspawn", "--register=no", "--keep-unit", "--quiet", "--console=pipe")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, f"--directory={self.root}", "--boot"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self, *, other_than: int = 0) -> None:
        """Wait until it is up, as another system than that of this process."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if self.process is None or self.process.poll() is not None:
                raise CannotRun(f"systemd-nspawn ended: {self.log.read_text().strip()[-300:]}")
            with suppress(Refused, LookupError):
                if self.leader() != other_than:
                    state = self.typed("systemctl is-system-running || true", quiet=True).strip()
                    if state in {"running", "degraded"}:
                        return
            time.sleep(0.5)
        raise CannotRun(f"{self.suite} did not start within {PATIENCE:.0f} s")

    def leader(self) -> int:
        """The process, here, that is the machine's first. Raises LookupError."""
        assert self.process is not None
        kids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(kids.split()[0])

    def typed(self, command: str, *, status: int = 0, quiet: bool = False) -> str:
        """A command of root's; what it says, on either stream. Raises Refused."""
        if not quiet:
            print(f"  {self.root.name}# {command}", flush=True)
        said = subprocess.run(
            ["nsenter", "-t", str(self.leader()), *NAMESPACES, "env", "-i", f"PATH={PATH}",
             "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if said.returncode != status:
            raise Refused(
                f"{command}\n{said.stdout[-6000:]}\nended with {said.returncode}, not {status}"
            )
        return said.stdout

    def reboot(self) -> None:
        before = self.leader()
        self.typed("systemctl reboot --no-block")
        assert self.process is not None
        with suppress(subprocess.TimeoutExpired):
            # systemd-nspawn does it by itself, unless it is not let.
            self.process.wait(60)
            self._start()
        self.wait(other_than=before)

    def stop(self) -> None:
        """Switch it off."""
        if self.process is None or self.process.poll() is not None:
            return
        with suppress(LookupError, ProcessLookupError):
            os.kill(self.leader(), signal.SIGRTMIN + 4)  # systemd: poweroff.target
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(60)
            return
        self.process.kill()
        self.process.wait()
