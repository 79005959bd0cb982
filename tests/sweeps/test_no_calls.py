"""No route calls anybody: what a provider has to be asked is the worker's to ask."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jack.core import bell
from jack.resources.settings import store as settings
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import ROUTES, Route

SERVER = {"host": "mail.example", "username": "front", "password": "secret"}
TWILIO = {"accountSid": "AC1", "authToken": "secret", "from": "+15550001111"}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "whatsapp": TWILIO | {"provider": "twilio"},
    "sms": TWILIO,
    "email": {"address": "front@hotel.example", "smtp": SERVER, "imap": SERVER},
}
TEST = "/channels/<channel>/test"


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whom this process has called, or looked up; the worker's bell is no one else."""
    seen: list[object] = []

    def refuse(*asked: object, **_: object) -> Any:
        if not str(asked[-1]).endswith(f"/{bell.NAME}"):
            seen.append(asked)
        raise OSError("A request must not call anybody.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return seen


@pytest.fixture
def connected_hotel(hotel: Hotel) -> Iterator[Hotel]:
    """The hotel with an account for every channel."""
    before = {name: settings.value(hotel.db, f"channels.{name}") for name in ACCOUNTS}
    for channel, value in ACCOUNTS.items():
        settings.put(hotel.db, f"channels.{channel}", value | {"enabled": True})
    yield hotel
    for channel, value in before.items():
        settings.put(hotel.db, f"channels.{channel}", value)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_calls_nobody(
    route: Route, hotel_for: Callable[[Route], Hotel], called: list[object]
) -> None:
    answer = hotel_for(route).ask(route)
    assert answer.status_code == route.status
    answer.close()
    assert called == []


@pytest.mark.parametrize("channel", sorted(ACCOUNTS))
def test_the_test_of_a_channel_calls_nobody(
    channel: str, connected_hotel: Hotel, called: list[object]
) -> None:
    route = next(route for route in ROUTES if route.rule == TEST)
    answer = connected_hotel.send(
        "POST", route.url(connected_hotel, channel=channel), who=route.asker
    )
    assert answer.status_code == 202, answer.text
    assert called == []
