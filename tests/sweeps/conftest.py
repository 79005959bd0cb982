"""One hotel for all sweeps, and an empty one for the first set-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jack.resources.auth import passwords
from tests.sweeps.hotel import Hotel, quick_hasher
from tests.sweeps.table import Route


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", quick_hasher())


@pytest.fixture(scope="session")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    """The hotel all sweeps share: what is refused there changes nothing, and what succeeds does no harm."""
    made = Hotel(tmp_path_factory.mktemp("hotel"))
    yield made
    made.close()


@pytest.fixture
def empty_hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    """A hotel before its first set-up."""
    made = Hotel(tmp_path_factory.mktemp("empty"), staffed=False)
    yield made
    made.close()


@pytest.fixture
def hotel_for(request: pytest.FixtureRequest) -> Callable[[Route], Hotel]:
    """The hotel in which a route can succeed."""
    return lambda route: request.getfixturevalue("hotel" if route.staffed else "empty_hotel")
