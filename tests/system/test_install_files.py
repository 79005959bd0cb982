"""What `deploy/install.sh` does to files that are there already, function by function, on a copy of this machine's /etc."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.conftest import HOST, make_certificate, needed
from tests.system.test_install import PAGE, Server, new_server

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only"),
]

NGINX = f"HOST={HOST} PROXY=nginx CERTIFICATE=/etc/certificate"

CADDY = f"HOST={HOST} PROXY=caddy CERTIFICATE=/etc/certificate"


@pytest.fixture
def server() -> Iterator[Server]:
    with new_server() as made:
        (made.etc / "jack").mkdir()
        yield made


def test_a_site_written_into_debians_page_stays_and_is_the_default_one(server: Server) -> None:
    page = server.etc / "nginx/sites-available/default"
    page.write_text(PAGE.replace("_;", "hotel.example;"))
    server.part(f"{NGINX}; front_nginx")
    assert (server.etc / "nginx/sites-enabled/default").is_symlink()
    assert " default_server;" not in server.read("nginx/conf.d/jack.conf")
    page.write_text(PAGE)
    server.part(f"{NGINX}; front_nginx")
    assert not (server.etc / "nginx/sites-enabled/default").is_symlink()
    assert " default_server;" in server.read("nginx/conf.d/jack.conf")


def test_files_that_nginx_does_not_take_are_again_as_they_were(server: Server) -> None:
    (server.etc / "nginx/conf.d/broken.conf").write_text("nonsense;\n")
    server.part(f"{NGINX}; front_nginx", status=2)
    assert (server.etc / "nginx/sites-enabled/default").is_symlink()
    site = server.etc / "nginx/conf.d/jack.conf"
    assert not site.exists()
    site.write_text("# what served until now\n")
    said = server.part(f"{NGINX}; front_nginx", status=2)
    assert site.read_text() == "# what served until now\n"
    assert "nonsense" in said
    assert "again as they were" in said


def test_a_caddyfile_that_caddy_does_not_take_is_not_written(server: Server) -> None:
    needed("caddy", "sudo apt install caddy")
    own = server.etc / "caddy/Caddyfile"
    own.write_text("hotel.example {\n\tnonsense\n}\n")
    said = server.part(f"{CADDY}; front_caddy", status=2)
    assert own.read_text() == "hotel.example {\n\tnonsense\n}\n"
    assert [path.name for path in (server.etc / "caddy").iterdir() if path.is_file()] == [own.name]
    assert "nonsense" in said


def test_a_file_that_is_written_keeps_its_mode_owner_and_link(server: Server) -> None:
    own, link = server.etc / "own", server.etc / "caddy/Caddyfile"
    own.write_text("hotel.example\n")
    own.chmod(0o640)
    os.chown(own, 0, 8)
    link.unlink(missing_ok=True)
    link.symlink_to("/etc/own")
    said = server.part('say other | write "$CADDY"')
    assert link.is_symlink()
    assert own.read_text() == "other\n"
    kept = server.etc / "caddy/Caddyfile.before"
    assert kept.read_text() == "hotel.example\n"
    assert {(path.stat().st_mode & 0o777, path.stat().st_gid) for path in (own, kept)} == {(0o640, 8)}  # fmt: skip
    assert "kept in /etc/caddy/Caddyfile.before" in said


def test_a_last_line_without_an_end_stays_a_line(server: Server) -> None:
    (server.etc / "jack/jack.env").write_text("JACK_TOKEN_HOURS=12")
    server.part(f"{NGINX}; settings")
    own, *more = server.read("jack/jack.env").splitlines()
    assert (own, more[0]) == ("JACK_TOKEN_HOURS=12", f"JACK_PUBLIC_URL=https://{HOST}")
    (server.etc / "caddy/Caddyfile").write_text("hotel.example {\n}")
    assert server.part("caddyfile") == "hotel.example {\n}\nimport jack.caddyfile\n"


def test_from_nginx_to_caddy_files_are_jacks_to_send(server: Server) -> None:
    server.part(f"{NGINX}; settings")
    assert "JACK_ACCEL_REDIRECT=" in server.read("jack/jack.env")
    server.part(f"{CADDY}; settings")
    assert "JACK_ACCEL_REDIRECT" not in server.read("jack/jack.env")
    assert (server.etc / "jack/jack.env").stat().st_mode & 0o777 == 0o640


def test_the_proxy_jack_is_behind_stays_its_proxy(server: Server) -> None:
    caddys, nginxs = server.etc / "caddy/jack.caddyfile", server.etc / "nginx/conf.d/jack.conf"
    for there, runs, proxy in (
        ([caddys], "nginx", "caddy"),
        ([caddys, nginxs], "caddy", "caddy"),
        ([caddys, nginxs], "nginx", "nginx"),
        ([nginxs], "caddy", "nginx"),
        ([], "caddy", "caddy"),
    ):
        for path in (caddys, nginxs):
            path.unlink(missing_ok=True)
        for path in there:
            path.touch()
        Path(f"{server.told}.active").write_text(f"{runs}\n")
        found = "has() { false; }; CERTIFICATE=/etc/certificate; find_proxy; say $PROXY"
        assert server.part(found).strip() == proxy


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_renewed_certificates_are_loaded_also_after_a_run_that_failed(
    server: Server, proxy: str
) -> None:
    needed(proxy, f"sudo apt install {proxy}")
    front = f"{NGINX if proxy == 'nginx' else CADDY}; front_{proxy}"
    server.part(front)
    Path(f"{server.told}.active").write_text(f"{proxy}\n")
    server.told.unlink()
    server.part(front)
    assert server.told.read_text() == f"enable --quiet {proxy}\n"
    make_certificate(server.certificate)
    server.part(f"systemctl() {{ false; }}; {front}", status=1)
    server.part(front)
    assert re.search(f"(?m)^reload.* {proxy}$", server.told.read_text())
    server.told.unlink()
    server.part(front)
    assert server.told.read_text() == f"enable --quiet {proxy}\n"
