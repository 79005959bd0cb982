"""What `deploy/install.sh` does to files that are there already, function by function, on a copy of this machine's /etc."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.system.conftest import HOST
from tests.system.test_install import PAGE, Server, new_server

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only"),
]

NGINX = f"HOST={HOST} PROXY=nginx CERTIFICATE=/etc/certificate"


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
