"""`python -m tests.peers`: connects whoever starts it, has the guests write, and never stays behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import PATIENCE, until
from tests.peers.server import Answer, HttpServer, Request, as_json

ROOT = Path(__file__).resolve().parents[2]


class Hotel:
    """As much of Jack as the guests see."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.server = HttpServer(self.answer)

    def answer(self, request: Request) -> Answer:
        self.asked.append((request.method, request.path))
        if request.path == "/api/v1/webchat/sessions":
            return as_json(201, {"data": {"token": "visitor"}})
        if request.path == "/webhooks/whatsapp" and request.method == "GET":
            return Answer(200, request.arguments["hub.challenge"].encode(), "text/plain")
        return as_json(200, {"data": [], "meta": {"cursor": 0}})


@pytest.fixture
def hotel() -> Iterator[Hotel]:
    made = Hotel()
    made.server.start()
    yield made
    made.server.stop()


@pytest.fixture
def program(hotel: Hotel) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.peers", "--jack", hotel.server.url]
    pipe = subprocess.PIPE
    made = subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True, process_group=0
    )
    yield made
    made.kill()
    made.communicate()


@pytest.mark.system
def test_it_connects_and_everybody_writes(hotel: Hotel, program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    told = json.loads(program.stdout.readline())
    assert told.keys() == {"channels.whatsapp", "channels.sms", "channels.email"}
    assert all(value["enabled"] for value in told.values())
    wanted = {
        ("GET", "/webhooks/whatsapp"),
        ("POST", "/webhooks/whatsapp"),
        ("POST", "/webhooks/twilio/sms"),
        ("POST", "/api/v1/webchat/messages"),
    }
    until(lambda: wanted <= set(hotel.asked), "everybody has written")


@pytest.mark.system
@pytest.mark.parametrize("how", ["closed", "SIGTERM", "SIGINT"])
def test_it_ends_when_it_should(program: subprocess.Popen[str], how: str) -> None:
    assert program.stdout is not None
    program.stdout.readline()
    if how != "closed":
        program.send_signal(signal.Signals[how])
    _, complained = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
    assert complained == ""
