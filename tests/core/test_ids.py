"""Ids are in the order in which they are made, also within a millisecond."""

from __future__ import annotations

import uuid

from jack.core.ids import new_id


def test_ids_of_one_moment_are_in_their_order_and_of_version_7() -> None:
    made = [new_id("msg", 1_780_000_000.0) for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    found = {
        (one.version, one.variant) for one in (uuid.UUID(id.removeprefix("msg-")) for id in made)
    }
    assert found == {(7, uuid.RFC_4122)}


def test_a_later_id_is_greater() -> None:
    assert new_id("msg", 1_780_000_000.0) < new_id("msg", 1_780_000_000.001)
