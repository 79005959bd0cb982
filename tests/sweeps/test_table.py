"""The table and the app have the same routes."""

from __future__ import annotations

from jack.http.context import PREFIX
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import DOCUMENTS, PAGES, ROUTES


def test_every_route_of_the_app_has_a_row(hotel: Hotel) -> None:
    served = {
        f"{method} {rule.rule.removeprefix(PREFIX)}"
        for rule in hotel.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule not in PAGES | DOCUMENTS
    }
    assert served == {route.name for route in ROUTES}


def test_every_row_is_there_once() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_a_fingerprint_sees_every_kind_of_change(hotel: Hotel) -> None:
    """Also in a table without rowids."""
    db, before = hotel.db, hotel.fingerprint()
    changes = (
        "UPDATE guests SET notes = 'x'",
        "DELETE FROM guest_tags",
        "INSERT INTO guest_tags (tag_key, guest_seq) SELECT 'one more', max(seq) FROM guests",
        "UPDATE tag_counts SET guests = guests + 1",
        "DELETE FROM task_counts",
    )
    for change in changes:
        db.begin()
        changed = db.run(change)
        seen = hotel.fingerprint() != before
        db.end("ROLLBACK")
        hotel._hashes.clear()  # what is taken back after a look is not told
        assert seen == bool(changed), change
        assert hotel.fingerprint() == before


def test_when_somebody_was_here_is_no_change(hotel: Hotel) -> None:
    before = hotel.fingerprint()
    hotel.db.run("UPDATE staff SET last_seen_at = '2026-01-01T00:00:00.000Z'")
    assert hotel.fingerprint() == before
