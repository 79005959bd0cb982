"""One house for all sweeps, and an empty one for the first set-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jack.resources.auth import passwords
from tests.sweeps.house import House, quick_hasher
from tests.sweeps.table import Route


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", quick_hasher())


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house all sweeps share: what is refused there changes nothing, and what succeeds does no harm."""
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house before its first set-up."""
    made = House(tmp_path_factory.mktemp("empty"), staffed=False)
    yield made
    made.close()


@pytest.fixture
def house_of(request: pytest.FixtureRequest) -> Callable[[Route], House]:
    """The house in which a route can succeed."""
    return lambda route: request.getfixturevalue("house" if route.staffed else "empty_house")
