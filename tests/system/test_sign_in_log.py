"""Sign-ins are written down whichever server runs, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.conftest import ADMIN
from tests.system.test_front_door import LOGIN, Jack

pytestmark = pytest.mark.system

LINES = re.compile(
    r"^sign-in (ok|failed \(invalid_credentials\)|throttled): account=([0-9a-f]{16}) address=127\.0\.0\.1$",
    re.M,
)


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_sign_ins_are_a_line_each_on_either_server(
    server: str, short_folder: Callable[[], Path]
) -> None:
    limits = {"JACK_LOGIN_FAILURES": "2/hour", "WEB_CONCURRENCY": "1"}
    jack = Jack(short_folder(), {"JACK_SERVER": server, **limits})
    jack.start()
    try:
        with jack.client() as client:
            wrong = {"email": "Somebody@example.com", "password": "not the password"}
            for body in (ADMIN, wrong, wrong, wrong):
                client.post(LOGIN, json=body)
    finally:
        jack.stop()
    said = jack.log.read_text()
    found = LINES.findall(said)
    assert [how.split()[0] for how, _ in found] == ["ok", "failed", "failed", "throttled"]
    assert len({account for _, account in found}) == 2
    assert "somebody" not in said.lower()
