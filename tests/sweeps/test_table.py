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
