"""A hotel with automations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.resources.automations.house import House

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock


@pytest.fixture
def house(db: Database, clock: Clock) -> House:
    return House(db, clock)
