"""README's section *On a server*, typed word by word on fresh Debians: `make install-test`, by hand, as root; `ARGS=trixie` is that one alone.

On each: installing, signing in through TLS, typing it again, a reboot, an upgrade while callers ask, taking it away; and on each after the first, a restore
of what the one before it had backed up. The certificate is the walk's own (no certificate authority reaches this machine), so `--certificate`
is added to README's words. Anything else than README says would be a fault of README.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installing.machine import CannotRun, Machine, Refused
from tests.installing.visitor import Load, Visitor
from tests.system.conftest import HOST, ROOT, make_certificate

FOLDER = ROOT / ".install-test"
# Suite, and what is added to README's words.
MACHINES = (("bookworm", ""), ("trixie", " --caddy"), ("trixie", ""))
SOURCE = "/srv/jack.git"
INSTALL, RESTORE = 0, 1
REQUESTS = 10_000


def steps(which: int) -> list[str]:
    """The commands of a block of README's section, for the walk's repository and certificate."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## On a server\n")[2]
    block = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)[which]
    lines = [line.partition("    #")[0] for line in block.splitlines()]
    return [line.replace("<this repository>", SOURCE) for line in lines]


def upgrade_words() -> str:
    """What README says to type for an upgrade."""
    found = re.search(r"\| upgrade \| `([^`]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


class Walk:
    """What is done on one machine."""

    def __init__(self, number: int, suite: str, words: str) -> None:
        self.machine = Machine(suite, FOLDER, f"{number}-{suite}{words.strip().replace('--', '-')}")
        self.words = words
        srv = self.machine.root / "srv"
        (srv / "certificate").mkdir()
        make_certificate(srv / "certificate")
        subprocess.run(["git", "clone", "-q", "--bare", ROOT, srv / "jack.git"], check=True)
        subprocess.run(["chown", "-R", "0:0", srv], check=True)
        self.visitor = Visitor(srv / "certificate/fullchain.pem")

    def install(self) -> str:
        said = ""
        for line in steps(INSTALL):
            if "install.sh" in line and not self.words:
                self._without_a_certificate(line)
            extra = f"{self.words} --certificate /srv/certificate" if "install.sh" in line else ""
            said = self.machine.typed(line + extra)
        return said

    def _without_a_certificate(self, line: str) -> None:
        """No certificate authority reaches this machine: it says what to do, and nginx runs."""
        said = self.machine.typed(line, status=2)
        assert "There is no certificate for" in said, said
        self.machine.typed("nginx -t && systemctl is-active nginx jack")

    def first_sign_in(self, said: str) -> None:
        found = re.search(rf"https://{HOST}/setup#(\S+)", said)
        assert found is not None, said
        journal = self.machine.typed("journalctl -u jack --no-pager")
        for wrong in ("127.0.0.1", "Ctrl-C", "unix:", "curl /"):
            assert wrong not in journal, journal
        self.visitor.set_up(found[1])
        self.visitor.note_guest(self.machine.root.name)

    def again(self) -> None:
        before = self.machine.typed("sha256sum /etc/jack/jack.env /etc/systemd/system/jack.*")
        assert "is served at" in self.machine.typed("/opt/jack/deploy/install.sh")
        after = self.machine.typed("sha256sum /etc/jack/jack.env /etc/systemd/system/jack.*")
        assert before == after
        self.visitor.sign_in()

    def reboot(self) -> None:
        self.machine.reboot()
        self.visitor.until_it_answers()
        self.visitor.sign_in()
        assert self.machine.root.name in self.visitor.guests()

    def upgrade(self) -> None:
        """To a commit that is newer; meanwhile, and during a reload, callers ask."""
        repository = self.machine.root / "srv/newer"
        subprocess.run(
            ["git", "clone", "-q", self.machine.root / SOURCE[1:], repository], check=True
        )
        git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Newer"], check=True)
        subprocess.run([*git, "push", "-q"], check=True)
        with Load(self.visitor, REQUESTS) as load:
            self.machine.typed(upgrade_words())
            self.machine.typed("systemctl reload jack && sleep 15")
        assert "Newer" in self.machine.typed("git -C /opt/jack log --oneline -1")
        print(f"    answers during an upgrade and a reload: {dict(load.answers)}", flush=True)
        assert set(load.answers) == {"200"}, load.answers

    def back_up(self, folder: Path) -> None:
        """Bring a backup and the key away."""
        self.machine.typed(
            "sudo -u jack /opt/jack/bin/jack backup --force /var/lib/jack/jack-backup.db"
        )
        for name in ("jack-backup.db", "secret.key"):
            shutil.copy(self.machine.root / "var/lib/jack" / name, folder)

    def restore(self, folder: Path, before: str) -> None:
        for name in ("jack-backup.db", "secret.key"):
            shutil.copy(folder / name, self.machine.root / "srv")
        for line in steps(RESTORE):
            self.machine.typed(line)
        self.visitor.until_it_answers()
        self.visitor.sign_in()
        assert before in self.visitor.guests()

    def uninstall(self) -> None:
        self.machine.typed("/opt/jack/deploy/install.sh --uninstall")
        self.machine.typed("! systemctl is-active jack jack.socket")
        self.machine.typed("test -s /var/lib/jack/jack.db && test -s /etc/jack/jack.env")


@contextmanager
def running(number: int, suite: str, words: str) -> Iterator[Walk]:
    walk = Walk(number, suite, words)
    try:
        walk.machine.boot()
        yield walk
    except (Refused, AssertionError):
        print(walk.machine.typed("journalctl --no-pager -n 80"))
        raise
    finally:
        walk.machine.stop()
        shutil.rmtree(walk.machine.root, ignore_errors=True)


def main(*suites: str) -> int:
    """All of MACHINES, or those of some suites."""
    carried, before = FOLDER / "carried", ""
    chosen = [made for made in MACHINES if not suites or made[0] in suites]
    try:
        for number, (suite, words) in enumerate(chosen):
            with running(number, suite, words) as walk:
                carried.mkdir(exist_ok=True)
                walk.first_sign_in(walk.install())
                walk.again()
                walk.reboot()
                walk.upgrade()
                if before:
                    walk.restore(carried, before)
                walk.back_up(carried)
                before = before or walk.machine.root.name
                walk.uninstall()
    except CannotRun as error:
        print(f"No machine can be booted here: {error}")
        return 1
    except (Refused, AssertionError) as error:
        print(f"FAILED: {error}")
        return 1
    print(
        "README's steps work: installed, signed in, rebooted, upgraded, restored on another machine."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
