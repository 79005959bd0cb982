"""`deploy/install.sh` on a copy of this machine's /etc: users, settings, units, nginx's and Caddy's files are real, and each proxy reads its own.

systemd, apt and certbot are not: what they are told is written down. `make install-test` has them all, on fresh Debians.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

import pytest

from tests.installing import __main__ as walk
from tests.installing import machine
from tests.system.conftest import HOST, ROOT, make_certificate, needed
from tests.system.test_hotels import Machine, copied_machine

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only"),
]

SCRIPT = ROOT / "deploy/install.sh"
CHECKOUT = "/srv/jack"
# `is-active` is true of what is named in the file beside it.
SYSTEMCTL = """#!/bin/sh
case $1 in is-active) shift 2; exec grep -qsx "$1" {told}.active ;; esac
echo "$@" >>{told}
"""
PAGE = "server { listen 80 default_server; server_name _; }\n"
PACKAGES = """#!/bin/sh
case $* in *Conffiles*nginx-common) echo " /etc/nginx/sites-available/default {}" ;; esac
"""
TELLING = '#!/bin/sh\necho "{name} $@" >>{told}\nexit {status}\n'


class Server(Machine):
    """A machine with the checkout in /srv/jack, where nothing is installed yet."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.certificate = self.etc / "certificate"
        self.certificate.mkdir()
        make_certificate(self.certificate)
        self.program("systemctl", SYSTEMCTL.format(told=self.told))
        self.program("apt-get", TELLING.format(name="apt-get", told=self.told, status=0))
        self.program("certbot", TELLING.format(name="certbot", told=self.told, status=1))
        # As Debian has it, with its own page.
        sites = self.etc / "nginx/sites-available"
        sites.mkdir(exist_ok=True)
        (sites / "default").write_text(PAGE)
        self.program(
            "dpkg-query", PACKAGES.format(md5(PAGE.encode(), usedforsecurity=False).hexdigest())
        )
        (self.etc / "nginx/sites-enabled/default").symlink_to("/etc/nginx/sites-available/default")
        # systemd's part of it: the hotel's folder.
        self.typed("sh", "-c", "id jack || useradd --system --user-group jack")
        self.typed("install", "-d", "-m", "710", "-o", "jack", "/var/lib/jack")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def install(self, *words: str, status: int = 0) -> str:
        """`deploy/install.sh`; what it says."""
        there = f"mount -t tmpfs tmpfs /srv && mkdir {CHECKOUT} && mount --bind {ROOT} {CHECKOUT}"
        run = f'{there} && exec {CHECKOUT}/deploy/install.sh "$@"'
        return self.typed("sh", "-c", run, "sh", *words, status=status)

    def part(self, words: str, status: int = 0) -> str:
        """Functions of `deploy/install.sh` alone; what they say."""
        text = "".join(SCRIPT.read_text(encoding="utf-8").splitlines(keepends=True)[:-2])
        return self.typed("sh", "-c", f"{text}\n{words}", str(SCRIPT), status=status)

    def files(self) -> dict[str, bytes]:
        """What is in /etc."""
        found = (path for path in self.etc.rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path): path.read_bytes() for path in found}

    def read(self, name: str) -> str:
        return (self.etc / name).read_text(encoding="utf-8")


@contextmanager
def new_server() -> Iterator[Server]:
    """One for as long as the block lasts."""
    with copied_machine() as made:
        shutil.rmtree(made.etc)
        shutil.rmtree(made.bin)
        shutil.rmtree(made.var)
        yield Server(made.etc.parent)


@pytest.fixture
def server() -> Iterator[Server]:
    with new_server() as made:
        yield made


def test_it_installs_behind_nginx_goes_on_when_typed_again_and_goes_away(server: Server) -> None:
    before = server.files()
    said = server.install(HOST, "--dry-run")
    assert server.files() == before
    assert not server.told.exists()
    for words in ("apt-get install", "write /etc/systemd/system/jack.socket", "certbot certonly"):
        assert words in said

    # Let's Encrypt does not reach it: what to do is said, and nginx takes what there is.
    refused = server.install(HOST, status=2)
    assert f"There is no certificate for {HOST}" in refused
    assert not (server.etc / "nginx/sites-enabled/default").is_symlink()
    assert "The hotel itself" not in server.read("nginx/conf.d/jack.conf")
    assert re.search(r"apt-get install .*python3-venv nginx certbot", server.told.read_text())

    said = server.install(HOST, "--certificate", "/etc/certificate")
    assert f"https://{HOST}/setup#" in said
    assert "successful" in server.typed("nginx", "-t")
    site = server.read("nginx/conf.d/jack.conf")
    assert "ssl_certificate     /etc/certificate/fullchain.pem;" in site
    assert server.read("jack/jack.env").splitlines() == [
        f"JACK_PUBLIC_URL=https://{HOST}",
        "JACK_ACCEL_REDIRECT=/.instance/",
    ]
    assert (server.etc / "jack/jack.env").stat().st_mode & 0o777 == 0o640
    unit = server.read("systemd/system/jack.service")
    assert f"ExecStart={CHECKOUT}/.venv/bin/python -m jack run" in unit
    assert "/opt/jack" not in re.sub(r"(?m)^#.*", "", unit)
    assert re.search(r"(?m)^jack:.*www-data", server.read("group"))

    # Again: nothing changes, nginx keeps its connections, Jack starts anew. What the hotel wrote into the settings is kept.
    with (server.etc / "jack/jack.env").open("a") as settings:
        settings.write("JACK_TOKEN_HOURS=12\n")
    before = server.files()
    Path(f"{server.told}.active").write_text("jack.socket\njack.service\nnginx\n")
    server.told.unlink()
    server.install()
    assert server.files() == before
    told = server.told.read_text()
    assert "restart jack.service" in told
    assert "start jack.socket" not in told
    assert "nginx" not in told.replace("enable --quiet nginx", "").replace("-y --no-install", "").split("daemon-reload")[1]  # fmt: skip

    server.install("--uninstall")
    assert "disable --quiet --now jack.service jack.socket" in server.told.read_text()
    assert not [*server.etc.glob("systemd/system/jack.s*"), *server.etc.glob("nginx/conf.d/jack*")]
    assert (server.var / "jack/jack.db").exists()
    assert "JACK_TOKEN_HOURS=12" in server.read("jack/jack.env")


def test_it_installs_behind_caddy_beside_the_sites_that_are_there(server: Server) -> None:
    needed("caddy", "sudo apt install caddy")
    own = "hotel.example {\n\trespond hello\n}\n"
    (server.etc / "caddy/Caddyfile").write_text(own)
    Path(f"{server.told}.active").write_text("caddy\njack.service\n")
    server.install(HOST, "--certificate", "/etc/certificate")  # Caddy runs here, so it is Caddy
    assert server.read("caddy/Caddyfile") == f"{own}import jack.caddyfile\n"
    site = server.read("caddy/jack.caddyfile")
    assert f"{HOST} {{\n\ttls /etc/caddy/jack/fullchain.pem /etc/caddy/jack/privkey.pem\n" in site
    assert "/var/www/hotel" not in site
    assert (server.etc / "caddy/jack/privkey.pem").stat().st_mode & 0o777 == 0o640
    assert "JACK_SERVER=granian\n" in server.read("jack/jack.env")
    # A service of before, which has a socket of its own, gives it up.
    told = server.told.read_text()
    assert told.index("stop jack.service") < told.index("start jack.socket")
    assert told.index("start jack.socket") < told.index("restart jack.service")
    assert told.rstrip().endswith("restart caddy")

    server.told.unlink()
    before = server.files()
    server.install()
    assert server.files() == before
    assert "caddy" not in server.told.read_text().replace("enable --quiet caddy", "").split("daemon-reload")[1]  # fmt: skip
    server.install("--uninstall")
    assert server.read("caddy/Caddyfile") == own


def test_another_site_stays_the_default_one(server: Server) -> None:
    other = "server { listen 80 default_server; listen 443 ssl default_server; server_name other.example; ssl_reject_handshake on; }\n"
    (server.etc / "nginx/conf.d/other.conf").write_text(other)
    server.install(HOST, "--certificate", "/etc/certificate")
    assert "successful" in server.typed("nginx", "-t")
    assert "default_server" not in re.sub(r"(?m)#.*", "", server.read("nginx/conf.d/jack.conf"))
    assert server.read("nginx/conf.d/other.conf") == other
    # What is another host, or below a path, is not this script's.
    assert "Change that line first" in server.install("other.example", status=2)
    (server.etc / "jack/jack.env").write_text("JACK_PUBLIC_URL=https://hotel.example/jack\n")
    assert "nginx-path.conf" in server.install(status=2)
    (server.etc / "jack/jack.env").write_text("JACK_BIND=127.0.0.1:8000\n")
    assert "Take that line out" in server.install(HOST, status=2)
    (server.etc / "nginx/conf.d/jack-hotels.conf").touch()
    assert "deploy/add-hotel" in server.install(HOST, status=2)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Which host"),
        (("Jack.Example",), "small letters"),
        (("a.example;b",), "small letters"),
        (("a.example", "b.example"), "One HOST"),
        (("--apache", "a.example"), "There is no --apache"),
        (("a.example", "--certificate"), "needs a folder"),
        (("a.example", "--certificate", "/nowhere"), "fullchain.pem"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...], why: str) -> None:
    needed("systemctl", "sudo apt install systemd")
    said = subprocess.run(
        [SCRIPT, "--dry-run", *words], capture_output=True, text=True, check=False
    )
    assert (said.returncode, why in said.stderr) == (2, True), said.stderr


def test_where_jacks_user_may_not_read_it_is_said() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gets that far")
    needed("systemctl", "sudo apt install systemd")
    there = "mount -t tmpfs tmpfs /root && cp -r {0} /root/deploy && exec /root/deploy/install.sh a.example"
    said = subprocess.run(
        ["unshare", "--mount", "sh", "-c", there.format(SCRIPT.parent)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "/opt/jack" in said.stderr
    assert said.returncode == 2


# ------------------------------------------------------------------------------------------------ make install-test


def test_the_walk_types_what_the_readme_says() -> None:
    *before, install = walk.steps(walk.INSTALL)
    assert install == f"/opt/jack/deploy/install.sh {HOST}"
    assert f"git clone {walk.SOURCE} /opt/jack" in before
    first, *_, last = walk.steps(walk.RESTORE)
    assert (first, last) == (
        "systemctl stop jack.socket jack",
        "systemctl start jack.socket jack",
    )
    assert walk.upgrade_words().endswith("deploy/install.sh")


def test_where_no_machine_can_be_booted_the_walk_says_so_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(walk, "FOLDER", tmp_path)
    monkeypatch.setattr(machine.shutil, "which", lambda *_, **__: None)
    assert walk.main() == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "apt install debootstrap systemd-container" in said
