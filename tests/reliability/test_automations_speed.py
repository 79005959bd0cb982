"""Ten thousand stays are judged in under two seconds, of this process alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from jack.resources.automations import preview, running
from jack.resources.automations import store as automations
from tests.resources.automations.house import House

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock

pytestmark = pytest.mark.alone

STAYS = 10_000
SECONDS = 2.0
TRIGGER = {"type": "stay.arrival", "days": -1, "at": "10:00"}


@pytest.fixture
def house(db: Database, clock: Clock) -> House:
    return House(db, clock)


def fill(house: House) -> None:
    """Ten thousand guests with an e-mail address, who all arrive tomorrow."""
    house.db.script(f"""
        BEGIN;
        WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < {STAYS})
        INSERT INTO guests (id, name, email, email_key, tags, language, search_text, search_grams, created_at, updated_at)
        SELECT 'guest-' || n, 'Ana ' || n, n || '@example.com', n || '@example.com', '["vip"]', 'es', '', '', '2026-01-01', '2026-01-01'
        FROM numbers;
        INSERT INTO guest_identities (channel, address, guest_id, created_at)
        SELECT 'email', email_key, id, created_at FROM guests;
        INSERT INTO stays (id, guest_id, room, arrival, departure, source, search_text, created_at, updated_at)
        SELECT 'stay-' || seq, id, seq, '2026-05-02', '2026-05-05', 'direct', '', '2026-01-01', '2026-01-01' FROM guests;
        ANALYZE;
        COMMIT""")


def test_ten_thousand_stays_are_foreseen_in_time(house: House) -> None:
    fill(house)
    text = (
        "Dear {first_name}, we look forward to seeing you on {check_in_date} for {nights} nights."
    )
    conditions = [{"type": "tag", "in": ["vip"]}, {"type": "source", "in": ["direct"]}]
    auto = house.sending(TRIGGER, text=text, conditions=conditions)
    automation = automations.get(house.db, auto)
    times = []
    for _ in range(3):
        begun = time.process_time()
        found = preview.foreseen(house.db, automation)
        times.append(time.process_time() - begun)
    assert len(found) == STAYS
    assert found[0]["content"] is not None
    assert min(times) < SECONDS, times


def test_ten_thousand_stays_that_are_due_and_not_meant_are_judged_in_time(house: House) -> None:
    fill(house)
    auto = house.sending(TRIGGER, conditions=[{"type": "tag", "in": ["other"]}])
    house.at("2026-05-01 10:00")
    begun = time.process_time()
    house.look()
    assert time.process_time() - begun < SECONDS
    assert (house.sent(), house.runs(auto)) == ([], [])
    begun = time.process_time()
    house.look()  # all have been judged
    assert time.process_time() - begun < 0.2


def test_a_house_full_of_stays_that_are_not_due_costs_next_to_nothing(house: House) -> None:
    fill(house)
    for hour in range(11, 21):
        house.sending({**TRIGGER, "at": f"{hour}:00"})
    begun = time.process_time()
    house.look()
    assert time.process_time() - begun < 0.1
    assert not running.has_news(house.db)
