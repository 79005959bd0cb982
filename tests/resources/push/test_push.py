"""From a subscription by the API to what the worker sends to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import builders
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.device import Device
from tests.peers.receiver import Receiver, receiver


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUSH_HOSTS": "127.0.0.1"}


@pytest.fixture
def peer() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def subscribed(person: Person, device: Device, **more: Any) -> Any:
    return succeeded(person.post("/push/subscriptions", {**device.subscription(), **more}), 201)


def test_a_device_is_told_and_tested_by_the_worker(
    member: Person, peer: Receiver, worker: Callable[[], bool]
) -> None:
    device = Device(peer.url)
    made = subscribed(member, device, language="es")
    assert made["service"] == "127.0.0.1"
    assert made["current"] is True
    assert "endpoint" not in made
    assert subscribed(member, device, language="es")["id"] == made["id"]
    path = f"/push/subscriptions/{made['id']}"
    succeeded(member.post(f"{path}/test"), 202)
    worker()
    (got,) = peer.got
    assert device.read(got)["title"] == "Los avisos llegan"
    assert succeeded(member.get(path))["lastSuccessAt"] is not None
    builders.make_conversation(member.db)
    worker()
    assert device.read(peer.got[1])["view"] == "inbox"
    succeeded(member.delete(path))
    builders.make_conversation(member.db)
    worker()
    assert len(peer.got) == 2
    refused(member.post(f"{path}/test"), 404)
