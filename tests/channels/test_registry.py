"""The list of channels: what the types name, the registry maps and the database lists is the same."""

from __future__ import annotations

from jack.channels.registry import CHANNELS
from jack.channels.types import CHANNEL_NAMES
from jack.core.db import Database


def test_the_registry_the_types_and_the_table_list_the_same_channels(db: Database) -> None:
    assert tuple(CHANNELS) == CHANNEL_NAMES
    assert sorted(db.column("SELECT name FROM channels")) == sorted(CHANNEL_NAMES)
