"""/metrics: off unless asked for, numbers of all processes, nothing of any guest."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from flask import Flask

from jack import create_app
from jack.core import request_counts
from jack.core.config import BadSetting, read
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.request_counts import RequestCounts
from jack.worker import loop, measurements, metrics_server
from tests.builders import make_conversation, make_guest, make_task
from tests.commands import ROOT, until
from tests.ports import free_port

LINE = re.compile(
    r'(# (HELP \w+ .+|TYPE \w+ (gauge|counter|histogram))|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.e+-]+)'
)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_METRICS": f"127.0.0.1:{free_port()}"}


def values(text: str) -> dict[str, float]:
    """The numbers, by name and labels."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_it_says_how_the_hotel_is_and_nothing_of_a_guest(app_db: Database) -> None:
    make_guest(app_db, name="Zoë Secret", email="zoe@secret.example")
    make_conversation(app_db, content="a secret")
    make_task(app_db, title="secret towels")
    text = measurements.text(app_db)
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    found = values(text)
    assert found["jack_conversations_waiting"] == 1
    assert found["jack_tasks_open"] == 1
    assert found["jack_outbox_waiting"] == 0
    assert found["jack_database_bytes"] + found["jack_wal_bytes"] > 100_000
    assert found["jack_disk_free_bytes"] > 0
    assert "secret" not in text.lower()


def test_requests_are_counted_by_kind_and_status(app: Flask, app_db: Database) -> None:
    client = app.test_client()
    for path in ("/healthz", "/healthz", "/api/v1/guests", "/nothing", "/api/v1/nothing"):
        client.get(path)
    found = values(measurements.text(app_db))
    assert found['jack_requests_total{kind="page",status="2xx"}'] == 2
    assert found['jack_requests_total{kind="api",status="4xx"}'] == 2
    assert found['jack_requests_total{kind="other",status="4xx"}'] == 1
    assert found['jack_request_seconds_count{kind="page"}'] == 2
    assert found['jack_request_seconds_bucket{kind="page",le="+Inf"}'] == 2
    assert found['jack_request_seconds_sum{kind="page"}'] > 0


def test_processes_add_up_and_a_dead_ones_numbers_stay(tmp_path: Path) -> None:
    script = (
        "import sys, types; from pathlib import Path\n"
        "package = sys.modules['jack'] = types.ModuleType('jack'); package.__path__ = ['jack']\n"
        "from jack.core.request_counts import RequestCounts\n"
        "counts = RequestCounts(Path(sys.argv[1]))\n"
        "for _ in range(10): counts.add('api', 200, 0.02)\n"
    )
    mine = RequestCounts(tmp_path)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True)
    mine.add("api", 503, 3.0)
    numbers = request_counts.totals(tmp_path)["api"]
    assert (numbers[0], numbers[4]) == (30, 1)
    assert round(numbers[-1], 6) == 3.6
    assert len(list((tmp_path / "metrics").iterdir())) == 2


def test_it_is_served_at_its_address_while_the_worker_works(
    app: Flask, environment: dict[str, str]
) -> None:
    worker = loop.of(app.extensions["jack"])
    worker.start()
    url = f"http://{environment['JACK_METRICS']}"
    until(lambda: b"jack_info" in _read(f"{url}/metrics"), "metrics")
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(f"{url}/guests")  # noqa: S310
    worker.shutdown()
    assert _read(f"{url}/metrics") == b""


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return bytes(answer.read())
    except OSError:
        return b""


def test_an_address_that_is_taken_stops_nothing(app_db: Database, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = taken.getsockname()
        assert metrics_server.start(address, Databases(app_db.path)) is None


def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    app = create_app({"JACK_INSTANCE": str(tmp_path / "other")})
    app.test_client().get("/healthz")
    assert not (tmp_path / "other/metrics").exists()
    app.extensions["jack"].databases.close()


@pytest.mark.parametrize("value", ["9464", "localhost", "localhost:0", "localhost:70000", "/x"])
def test_a_bad_address_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadSetting, match="JACK_METRICS"):
        read({"JACK_METRICS": value})


def test_an_address_may_be_of_ipv6() -> None:
    assert read({"JACK_METRICS": "[::1]:9464"}).metrics == ("::1", 9464)


def test_the_documents_name_what_there_is(app_db: Database) -> None:
    """What the alerts and the dashboard ask for is measured."""
    known: set[str] = set(re.findall(r"^# TYPE (\w+)", measurements.text(app_db), re.M))
    for name in ("alerts.yml", "grafana.json"):
        text: Any = (ROOT / "docs/monitoring" / name).read_text()
        asked = {re.sub("_(bucket|sum|count)$", "", one) for one in re.findall(r"\bjack_\w+", text)}
        assert asked
        assert asked <= known, name
