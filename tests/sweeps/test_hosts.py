"""With `JACK_TRUSTED_HOSTS`, requests for other hosts are refused, in the envelope, whatever they ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checks import refused, succeeded
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import ROUTES

FOREIGN = (
    "evil.example",
    "jack.example.com.evil.example",
    "127.0.0.1",
    "jack.example.com@evil",
    "",
)


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    made = Hotel(tmp_path_factory.mktemp("hosts"), JACK_TRUSTED_HOSTS="jack.example.com")
    yield made
    made.close()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_another_host_is_refused(route: object, hotel: Hotel) -> None:
    url, body, before = route.url(hotel), route.request(hotel), hotel.fingerprint()
    for host in FOREIGN:
        answer = hotel.send(route.method, url, environ_overrides={"HTTP_HOST": host}, **body)
        refused(answer, 400)
    assert hotel.fingerprint() == before


@pytest.mark.parametrize("host", ["jack.example.com", "jack.example.com:8000"])
def test_its_own_host_is_served(host: str, hotel: Hotel) -> None:
    succeeded(hotel.send("GET", "/guests", who="staff", headers={"Host": host}))


def test_a_foreign_host_is_refused_for_pages_and_unknown_paths(hotel: Hotel) -> None:
    for path in ("/", "/chat", "/healthz", "/nowhere", "/api/v1/nowhere"):
        assert hotel.client.get(path, headers={"Host": "evil.example"}).status_code == 400
